//! `como validate`: every mistake of the environment files, offline.

use crate::args::Global;
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use como_config::{Contents, Mistakes};
use serde::Serialize;

/// Check environment files; every mistake is shown at once
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environments to check; all of the folder without any
    #[arg(value_name = "ENV")]
    names: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Verdict<'a> {
    Sound { file: &'a str, resources: usize },
    Mistaken(&'a Mistakes),
    Unbuildable { file: &'a str, problems: Vec<String> },
}

pub(crate) fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let names =
        if args.names.is_empty() { environment::names(&environment::folder(global)?) } else { args.names.clone() };
    if names.is_empty() {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("there is no environment file to check")));
    }
    let mut read = Vec::new();
    for name in &names {
        read.push(environment::read(global, name)?);
    }
    let checked: Vec<(&str, Result<usize, Problem>)> = read
        .iter()
        .map(|(file, parsed)| (file.as_str(), parsed.as_ref().map_err(mistaken).and_then(resources)))
        .collect();
    let verdicts: Vec<Verdict<'_>> = checked
        .iter()
        .map(|(file, result)| match result {
            Ok(resources) => Verdict::Sound { file, resources: *resources },
            Err(Problem::Mistakes(mistakes)) => Verdict::Mistaken(mistakes),
            Err(Problem::Topology(problems)) => Verdict::Unbuildable { file, problems: problems.clone() },
        })
        .collect();
    if screen.is_json() {
        screen.json(&verdicts)?;
    } else {
        for verdict in &verdicts {
            show(verdict, screen);
        }
    }
    let sound = checked.iter().all(|(_, result)| result.is_ok());
    Ok(if sound { Exit::Done } else { Exit::Refused })
}

enum Problem {
    Mistakes(Mistakes),
    Topology(Vec<String>),
}

fn mistaken(mistakes: &Mistakes) -> Problem {
    Problem::Mistakes(mistakes.clone())
}

/// A sound file must also give a topology.
fn resources(contents: &Contents) -> Result<usize, Problem> {
    let mut count = 0;
    for environment in environment::environments(contents) {
        let assembly = como_stacks::app(environment)
            .map_err(|mistakes| Problem::Topology(mistakes.iter().map(ToString::to_string).collect()))?;
        count += assembly.resource_count();
    }
    Ok(count)
}

fn show(verdict: &Verdict<'_>, screen: &Screen) {
    match verdict {
        Verdict::Sound { file, resources } => screen.result(&format!("{file}: sound, {resources} resources")),
        Verdict::Mistaken(mistakes) => screen.result(&mistakes.render(screen.mistake_style())),
        Verdict::Unbuildable { file, problems } => screen.result(&format!("{file}: {}", problems.join("\n"))),
    }
}
