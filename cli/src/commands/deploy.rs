//! `como deploy`: brings an environment up.

use super::synth;
use crate::args::{Global, TargetArgs};
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::host::{Events, Terminal};
use crate::local;
use crate::output::Screen;
use crate::render::report;
use crate::steps::{self, Program};
use crate::target::{self, Target};
use como_config::Contents;
use como_core::assembly::Assembly;
use como_engine::deploy::{DeployRequest, PER_REGION, deploy};
use como_engine::report::{DeployOutcome, DeployReport, StackOutcome, StackReport};
use como_engine::stack::StackStatus;
use std::path::PathBuf;
use std::time::Instant;

/// Bring an environment up, or change it to what its file says
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment, for example `prod`
    #[arg(value_name = "ENV")]
    name: String,
    #[command(flatten)]
    target: TargetArgs,
    /// Do not ask before changing AWS
    #[arg(long)]
    yes: bool,
    /// Let a resource with data be replaced or removed; `--yes` alone never does
    #[arg(long, value_name = "LOGICAL_ID")]
    allow_replace: Vec<String>,
    /// The program of the functions, built for Lambda, instead of `bootstrap` beside this program
    #[arg(long, conflicts_with = "rehearse", value_name = "FILE")]
    functions: Option<PathBuf>,
    /// The port of an environment on this machine, instead of its file's; 0 takes any free one
    #[arg(long, conflicts_with = "rehearse", value_name = "PORT")]
    port: Option<u16>,
    /// Where an environment on this machine keeps its data; without it, data goes with the process
    #[arg(long, conflicts_with = "rehearse", value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How events are shown while it runs
    #[arg(long, value_enum, default_value_t = Events::Auto)]
    events: Events,
}

pub(crate) async fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let began = Instant::now();
    let environment = match environment::load_contents(global, &args.name, screen)? {
        Contents::Local(_) if args.target.rehearse || args.target.profile.is_some() => {
            let error = anyhow::anyhow!("`{}` is on this machine: there is no cloud to choose", args.name);
            return Err(Failure::new(Exit::Usage, error).hint(format!("run `como deploy {}`", args.name)));
        }
        Contents::Local(local) => return local::serve(&local, args.port, args.keep.clone(), began, screen).await,
        contents => environment::deployable(contents, &args.name)?,
    };
    if args.port.is_some() || args.keep.is_some() {
        let error = anyhow::anyhow!("`--port` and `--keep` are for environments on this machine");
        return Err(Failure::new(Exit::Usage, error).hint("such as `como deploy local`"));
    }
    let assembly = synth::assembly(&environment)?;
    let program = match args.target.rehearse {
        true => Program::Itself,
        false => Program::Lambda(args.functions.as_deref()),
    };
    let preparation = steps::prepare(&environment, &assembly, program)?;
    let target = target::connect(&args.target, &environment, global, screen).await?;
    let terminal = Terminal::new(screen, args.events, target.place());
    let attempt = target::attempt()?;
    let allow_replace = args.allow_replace.iter().cloned().collect();
    let request = DeployRequest {
        assembly: &assembly,
        attempt: &attempt,
        consent: target.consent(args.yes),
        allow_replace: &allow_replace,
        steps: &preparation.steps,
        supplied: &preparation.supplied,
        per_region: PER_REGION,
    };
    let deployed = tokio::select! {
        deployed = deploy(target.ports(&terminal), request) => Some(deployed),
        _ = tokio::signal::ctrl_c() => None,
    };
    // The live tree leaves its last frame before anything else is written.
    drop(terminal);
    let Some(deployed) = deployed else {
        return Ok(target::detached(screen, "deploy", &args.name, &target));
    };
    let report = deployed.map_err(|error| {
        let hint = error.hint();
        target::failed(error, hint)
    })?;
    show(&report, &assembly, args, &target, screen).await
}

async fn show(report: &DeployReport, assembly: &Assembly, args: &Args, target: &Target, screen: &Screen) -> Outcome {
    let exit = match report.outcome {
        DeployOutcome::Deployed | DeployOutcome::Unchanged => Exit::Done,
        DeployOutcome::Declined if target::could_ask() => Exit::Done,
        DeployOutcome::Declined | DeployOutcome::Refused => Exit::Refused,
        DeployOutcome::Stuck => Exit::Stuck,
        DeployOutcome::Busy => Exit::Locked,
        DeployOutcome::Failed if report.stacks.iter().any(is_stuck) => Exit::Stuck,
        DeployOutcome::Failed => Exit::Failed,
    };
    let rehearsal = target.rehearsal_summary().await;
    if screen.is_json() {
        screen.json(&serde_json::json!({ "target": target.name(), "report": report, "rehearsal": rehearsal }))?;
        return Ok(exit);
    }
    match report.outcome {
        DeployOutcome::Deployed | DeployOutcome::Unchanged => {
            screen.say(&report::deployed(&args.name, target.name(), report));
            if let (Some(summary), DeployOutcome::Deployed) = (&rehearsal, report.outcome) {
                let worked_on = |name: &str| report.stacks.iter().any(|stack| stack.name == name && has_worked(stack));
                screen.say(&summary.waits(assembly, worked_on));
                screen.say(&summary.seeded());
            }
            screen.result(&report::outputs(report, assembly));
            if let Some(summary) = &rehearsal {
                screen.result(&summary.addresses());
            }
            screen.say(&format!("Next: {}", target.command("status", &args.name)));
        }
        DeployOutcome::Declined if target::could_ask() => screen.say("Nothing was changed."),
        DeployOutcome::Declined => return Err(target::nobody_to_ask()),
        DeployOutcome::Refused | DeployOutcome::Stuck | DeployOutcome::Busy => {
            screen.say(&report::refusals(report.stacks.iter().filter_map(|stack| stack.refusal.as_ref())));
            screen.say("Nothing was changed.");
        }
        DeployOutcome::Failed => {
            screen.say(&report::failures(report));
            let again = target.command("deploy", &args.name);
            let error = anyhow::anyhow!("{} is not as it should be", args.name);
            return Err(match report.stacks.iter().find(|stack| is_stuck(stack)) {
                Some(stack) => Failure::new(exit, error).hint(format!(
                    "mend the cause, then `aws cloudformation continue-update-rollback --stack-name {}` (skip what cannot \
                     be brought back with `--resources-to-skip`), then {again}",
                    stack.name
                )),
                None => Failure::new(exit, error).hint(format!("mend the cause, then {again}")),
            });
        }
    }
    Ok(exit)
}

/// Whether a change could not even be rolled back.
fn is_stuck(stack: &StackReport) -> bool {
    let status = stack.failure.as_ref().and_then(|failure| failure.status.as_deref());
    status.is_some_and(|status| StackStatus::from(status) == StackStatus::UpdateRollbackFailed)
}

fn has_worked(stack: &StackReport) -> bool {
    matches!(stack.outcome, StackOutcome::Created | StackOutcome::Updated | StackOutcome::Joined)
}
