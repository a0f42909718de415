//! `como destroy`: takes an environment down.

use super::synth;
use crate::args::{Global, TargetArgs};
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::host::{Events, Terminal};
use crate::output::Screen;
use crate::render::report;
use crate::target::{self, Target};
use como_engine::deploy::PER_REGION;
use como_engine::destroy::{AccountWide, DestroyRequest, destroy};
use como_engine::report::{DestroyOutcome, DestroyReport};

/// Take an environment down
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
    /// Keep tables, secrets and other kept resources in a rehearsal too, as AWS does
    #[arg(long, requires = "rehearse")]
    keep_data: bool,
    /// With the last environment, delete what all environments of the account share too, as a rehearsal does
    #[arg(long)]
    account_wide: bool,
    /// How events are shown while it runs
    #[arg(long, value_enum, default_value_t = Events::Auto)]
    events: Events,
}

pub(crate) async fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let environment = environment::load(global, &args.name, screen)?;
    let assembly = synth::assembly(&environment)?;
    let Some(target) = target::connect_existing(&args.target, &environment, global, screen).await? else {
        screen.result(&format!("no rehearsal is running, so {} is not up in one", args.name));
        return Ok(Exit::Done);
    };
    let terminal = Terminal::new(screen, args.events, target.place());
    let attempt = target::attempt()?;
    let consent = target.consent(args.yes);
    let account_wide = if args.account_wide || target.is_rehearsal() && !args.keep_data {
        AccountWide::DeleteWithLast
    } else {
        AccountWide::Keep
    };
    let request =
        DestroyRequest { assembly: &assembly, attempt: &attempt, consent, per_region: PER_REGION, account_wide };
    let destroyed = tokio::select! {
        destroyed = destroy(target.ports(&terminal), request) => Some(destroyed),
        _ = tokio::signal::ctrl_c() => None,
    };
    drop(terminal);
    let Some(destroyed) = destroyed else {
        return Ok(target::detached(screen, "destroy", &args.name, &target));
    };
    let report = destroyed.map_err(|error| {
        let hint = error.hint();
        target::failed(error, hint)
    })?;
    show(&report, args, target, screen).await
}

async fn show(report: &DestroyReport, args: &Args, target: Target, screen: &Screen) -> Outcome {
    let exit = match report.outcome {
        DestroyOutcome::Destroyed | DestroyOutcome::Absent => Exit::Done,
        DestroyOutcome::Declined if target::could_ask() => Exit::Done,
        DestroyOutcome::Declined | DestroyOutcome::Refused => Exit::Refused,
        DestroyOutcome::Busy => Exit::Locked,
        DestroyOutcome::Failed => Exit::Failed,
    };
    let cloud = target.name();
    let ended_well = exit == Exit::Done && report.outcome != DestroyOutcome::Declined;
    let stacks: Vec<String> = report.stacks.iter().map(|stack| stack.name.clone()).collect();
    let cleared = if ended_well { target.after_destroy(&stacks, args.keep_data).await? } else { None };
    if screen.is_json() {
        screen.json(&serde_json::json!({ "target": cloud, "report": report, "rehearsal": cleared }))?;
        return Ok(exit);
    }
    match report.outcome {
        DestroyOutcome::Destroyed | DestroyOutcome::Absent => {
            screen.result(&report::destroyed(&args.name, cloud, report));
            match &cleared {
                Some(cleared) => screen.say(&cleared.sentence()),
                None if report.kept().next().is_some() => {
                    screen.say(&format!("Kept by their deletion policy:\n{}", report::kept(report.kept())));
                }
                None => {}
            }
        }
        DestroyOutcome::Declined if target::could_ask() => screen.say("Nothing was changed."),
        DestroyOutcome::Declined => return Err(target::nobody_to_ask()),
        DestroyOutcome::Busy | DestroyOutcome::Refused => {
            screen.say(&report::refusals(report.stacks.iter().filter_map(|stack| stack.refusal.as_ref())));
            screen.say("Nothing was changed.");
        }
        DestroyOutcome::Failed => {
            screen.say(&report::destroy_failures(report));
            return Err(Failure::new(exit, anyhow::anyhow!("{} is not gone", args.name)));
        }
    }
    Ok(exit)
}
