//! `como diagram`: the architecture as a picture, drawn from the templates.

use super::synth;
use crate::args::Global;
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use anyhow::{Context, anyhow};
use como_core::assembly::Assembly;
use como_diagram::picture::{Outside, Picture};
use como_diagram::{mermaid, survey, svg};
use std::path::PathBuf;

/// Who calls, and who is called; neither is in a template.
const CALLERS: &str = "Members’ app";
const PARTNERS: [&str; 3] = ["Memberson", "SevenRooms", "Stripe"];

/// Draw an environment's architecture
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment, for example `prod`
    #[arg(value_name = "ENV")]
    name: String,
    /// Another environment in the same picture, for example the one that stands in for it
    #[arg(long, value_name = "ENV")]
    with: Option<String>,
    /// `<name>.svg` or `<name>.mmd`, which is Mermaid; without it SVG goes to standard output
    #[arg(short, long = "file", value_name = "FILE")]
    output_file: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let write = writer(args)?;
    let mut assemblies: Vec<Assembly> = Vec::new();
    for name in std::iter::once(&args.name).chain(&args.with) {
        assemblies.push(synth::assembly(&environment::load(global, name, screen)?)?);
    }
    let assemblies: Vec<&Assembly> = assemblies.iter().collect();
    let outside = Outside {
        title: args.with.as_ref().map_or_else(|| args.name.clone(), |with| format!("{} with {with}", args.name)),
        callers: CALLERS.to_owned(),
        partners: PARTNERS.map(str::to_owned).to_vec(),
    };
    let picture = survey(&assemblies, &outside).map_err(|error| Failure::new(Exit::Refused, error))?;
    let text = write(&picture);
    let Some(path) = &args.output_file else {
        screen.result(&text);
        return Ok(Exit::Done);
    };
    fs_err::write(path, text).context("cannot write the picture")?;
    screen.say(&format!("The picture is in {}.", path.display()));
    Ok(Exit::Done)
}

/// By the file's extension.
fn writer(args: &Args) -> Result<fn(&Picture) -> String, Failure> {
    let Some(path) = &args.output_file else { return Ok(svg::draw) };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => Ok(svg::draw),
        Some("mmd") => Ok(mermaid::write),
        _ => {
            let error = anyhow!("{} says no format that como can draw", path.display());
            Err(Failure::new(Exit::Usage, error).hint("end the name in `.svg`, or in `.mmd` for Mermaid"))
        }
    }
}
