//! `como validate`: every mistake of the environment files, and every finding about the templates that they give, offline.

use crate::args::Global;
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use crate::regions;
use clap::ValueEnum;
use como_checks::{Finding, Report, check, sarif};
use como_config::{Contents, Mistake, Mistakes};
use serde::Serialize;

/// Check environment files and the templates that they give; every mistake is shown at once
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environments to check; all of the folder without any
    #[arg(value_name = "ENV")]
    names: Vec<String>,
    /// `sarif` prints a log that code hosts and security tools read
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Sarif,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Verdict<'a> {
    Sound {
        file: &'a str,
        resources: usize,
        accepted: usize,
    },
    Found {
        file: &'a str,
        resources: usize,
        accepted: usize,
        findings: Vec<String>,
        #[serde(skip_serializing_if = "<[Mistake]>::is_empty")]
        mistakes: &'a [Mistake],
    },
    Mistaken(&'a Mistakes),
    Unbuildable {
        file: &'a str,
        problems: Vec<String>,
    },
}

/// A file without a mistake of its own, and what the rules say of its topology.
struct Judged {
    report: Report,
    /// Regions that lack what the topology needs, where the file names them.
    regions: Option<Mistakes>,
}

enum Problem<'a> {
    Mistakes(&'a Mistakes),
    Topology(Vec<String>),
}

pub(crate) fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let names =
        if args.names.is_empty() { environment::names(&environment::folder(global)?) } else { args.names.clone() };
    if names.is_empty() {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("there is no environment file to check")));
    }
    let mut read = Vec::new();
    for name in &names {
        read.push((name, environment::read(global, name)?));
    }
    let mut checked: Vec<(&str, Result<Judged, Problem<'_>>)> = Vec::new();
    for (name, (file, parsed)) in &read {
        let judged = match parsed {
            Ok(contents) => judge(contents, name, global)?,
            Err(mistakes) => Err(Problem::Mistakes(mistakes)),
        };
        checked.push((file, judged));
    }
    if args.format == Format::Sarif {
        screen.json(&sarif(&checked))?;
    } else if screen.is_json() {
        screen.json(&checked.iter().map(verdict).collect::<Vec<_>>())?;
    } else {
        for checked in &checked {
            show(checked, screen);
        }
    }
    let sound = checked.iter().all(|(_, result)| result.as_ref().is_ok_and(Judged::is_sound));
    Ok(if sound { Exit::Done } else { Exit::Refused })
}

/// What the rules say of the topology of a sound file; of both topologies of a proposal.
fn judge<'a>(contents: &'a Contents, name: &str, global: &Global) -> Result<Result<Judged, Problem<'a>>, Failure> {
    let mut all = Report::default();
    let mut refused = Vec::new();
    for (block, environment) in environment::blocks(contents) {
        let assembly = match como_stacks::app(environment) {
            Ok(assembly) => assembly,
            Err(mistakes) => {
                return Ok(Err(Problem::Topology(mistakes.iter().map(ToString::to_string).collect())));
            }
        };
        let mut report = check(&assembly);
        refused.extend(regions::refused(&assembly, block, &mut report));
        all.resources += report.resources;
        all.findings.extend(report.findings);
    }
    Ok(Ok(Judged { report: all, regions: environment::refuse_regions(global, name, &refused)? }))
}

impl Judged {
    fn is_sound(&self) -> bool {
        self.regions.is_none() && self.report.is_clean()
    }

    fn mistakes(&self) -> &[Mistake] {
        self.regions.as_ref().map(Mistakes::as_slice).unwrap_or_default()
    }
}

fn verdict<'a>((file, result): &'a (&str, Result<Judged, Problem<'a>>)) -> Verdict<'a> {
    match result {
        Err(Problem::Mistakes(mistakes)) => Verdict::Mistaken(mistakes),
        Err(Problem::Topology(problems)) => Verdict::Unbuildable { file, problems: problems.clone() },
        Ok(judged) => {
            let report = &judged.report;
            let open: Vec<&Finding> = report.open().collect();
            let (resources, accepted) = (report.resources, report.findings.len() - open.len());
            if judged.is_sound() {
                return Verdict::Sound { file, resources, accepted };
            }
            let line = |finding: &&Finding| format!("{} [{}]", finding, finding.rule.id());
            let findings = open.iter().map(line).collect();
            Verdict::Found { file, resources, accepted, findings, mistakes: judged.mistakes() }
        }
    }
}

fn show((file, result): &(&str, Result<Judged, Problem<'_>>), screen: &Screen) {
    match result {
        Ok(judged) if judged.is_sound() => screen.result(&format!("{file}: sound, {}", judged.report.summary())),
        Ok(Judged { report, regions }) => {
            if let Some(mistakes) = regions {
                screen.result(&mistakes.render(screen.mistake_style()));
            }
            if !report.is_clean() {
                screen.result(&format!("{file}: {}\n{}", report.summary(), report.to_text().trim_end()));
            }
        }
        Err(Problem::Mistakes(mistakes)) => screen.result(&mistakes.render(screen.mistake_style())),
        Err(Problem::Topology(problems)) => screen.result(&format!("{file}: {}", problems.join("\n"))),
    }
}

fn sarif(checked: &[(&str, Result<Judged, Problem<'_>>)]) -> serde_json::Value {
    let judged: Vec<sarif::Judged<'_>> = checked
        .iter()
        .map(|(file, result)| sarif::Judged {
            file,
            mistakes: match result {
                Ok(judged) => judged.mistakes().iter().map(mistake).collect(),
                Err(Problem::Mistakes(mistakes)) => mistakes.as_slice().iter().map(mistake).collect(),
                Err(Problem::Topology(problems)) => problems.iter().map(|problem| of_topology(problem)).collect(),
            },
            report: result.as_ref().ok().map(|judged| &judged.report),
        })
        .collect();
    sarif::log(env!("CARGO_PKG_VERSION"), &judged)
}

fn mistake(mistake: &Mistake) -> sarif::Mistake {
    let accepted = (!mistake.accepted.is_empty()).then(|| format!("accepted: {}", mistake.accepted.join(", ")));
    let help: Vec<String> = accepted.into_iter().chain(mistake.hint.clone()).collect();
    sarif::Mistake {
        code: mistake.code.to_string(),
        message: mistake.message.clone(),
        help: help.join(". "),
        line: mistake.line,
        column: mistake.column,
    }
}

fn of_topology(problem: &str) -> sarif::Mistake {
    sarif::Mistake { code: "topology".to_owned(), message: problem.to_owned(), help: String::new(), line: 1, column: 1 }
}
