//! Brings `stacks/resources` up to date; see the library.

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use como_resources_generate::directory::{self, Files};
use como_resources_generate::generate::generate;
use como_resources_generate::import::import;
use std::path::{Path, PathBuf};

/// Generates `como-resources` from CloudFormation's resource schemas.
#[derive(Parser)]
struct Arguments {
    /// The folder of the crate `como-resources`
    #[arg(long, default_value = "stacks/resources", global = true)]
    resources: PathBuf,
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Turns the schemas of the types in `types.txt` into `facts/`
    Import {
        /// `cfnlint/data/schemas` of the unpacked cfn-lint wheel
        #[arg(long)]
        schemas: PathBuf,
    },
    /// Turns `facts/` into `src/generated/`
    Generate {
        /// Write nothing; fail when a file is not up to date
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    let Arguments { resources, step } = Arguments::parse();
    let facts = resources.join("facts");
    match step {
        Step::Import { schemas } => {
            let list = fs_err::read_to_string(resources.join("types.txt"))?;
            let types: Vec<String> = list.lines().map(str::to_owned).collect();
            let files = directory::facts_files(&import(&schemas, &types)?)?;
            directory::write(&facts, &files)?;
        }
        Step::Generate { check } => {
            let generated = resources.join("src/generated");
            let files = generate(&directory::parse_facts(&facts)?)?;
            if check {
                compare(&generated, &files)?;
            } else {
                directory::write(&generated, &files)?;
            }
        }
    }
    Ok(())
}

fn compare(folder: &Path, files: &Files) -> anyhow::Result<()> {
    let present = directory::read(folder).context("nothing has been generated yet")?;
    let names = present.keys().chain(files.keys());
    if let Some(stale) = names.into_iter().find(|name| present.get(*name) != files.get(*name)) {
        bail!(
            "{} is not up to date; run `cargo run -p como-resources-generate -- generate`",
            folder.join(stale).display()
        );
    }
    Ok(())
}
