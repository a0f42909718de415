//! `como init`: the environment files for another account and domain.

use crate::args::Global;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use anyhow::Context;
use como_config::{Account, Domain, InitOptions, Region, init_files};
use std::path::PathBuf;

/// Write the environment files for your account and domain
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The twelve digits of the AWS account
    #[arg(long, value_name = "ID")]
    account: Account,
    /// The domain under which the API will be reached
    #[arg(long, value_name = "DOMAIN")]
    domain: Domain,
    /// The region of production
    #[arg(long, value_name = "REGION", default_value = "ap-southeast-1")]
    region: Region,
    /// The region in which production recovers
    #[arg(long, value_name = "REGION", default_value = "ap-southeast-2")]
    recovery_region: Region,
    /// A third region, which decides which of the two may write
    #[arg(long, value_name = "REGION", default_value = "ap-northeast-1")]
    witness_region: Region,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let options = InitOptions {
        account: args.account.clone(),
        domain: args.domain.clone(),
        region: args.region,
        recovery: args.recovery_region,
        witness: args.witness_region,
    };
    refuse_the_same(&options)?;
    let files = init_files(&options).map_err(|mistakes| Failure::new(Exit::Refused, mistakes))?;
    let folder = global.environments.clone().unwrap_or_else(|| PathBuf::from("environments"));
    let taken: Vec<String> = files
        .iter()
        .map(|file| folder.join(&file.path))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if !taken.is_empty() && !args.force {
        let error = anyhow::anyhow!("{} would be overwritten", taken.join(", "));
        return Err(Failure::new(Exit::Refused, error).hint("keep them, or replace them with `--force`"));
    }
    fs_err::create_dir_all(&folder).context("cannot make the folder of the environment files")?;
    for file in &files {
        fs_err::write(folder.join(&file.path), &file.text).context("cannot write an environment file")?;
    }
    let names: Vec<String> = files.iter().map(|file| folder.join(&file.path).display().to_string()).collect();
    if screen.is_json() {
        screen.json(&serde_json::json!({ "files": names }))?;
    } else {
        screen.result(&names.join("\n"));
        screen.say(
            "Look through them, then check them with `como validate` and try them with `como deploy prod --rehearse`.",
        );
    }
    Ok(Exit::Done)
}

/// A region that stands in for itself would stand in for nothing.
fn refuse_the_same(options: &InitOptions) -> Result<(), Failure> {
    let InitOptions { region, recovery, witness, .. } = options;
    if region != recovery && region != witness && recovery != witness {
        return Ok(());
    }
    let error =
        anyhow::anyhow!("production, recovery and witness need three regions, not {region}, {recovery}, {witness}");
    Err(Failure::new(Exit::Usage, error).hint("name others with `--recovery-region` and `--witness-region`"))
}
