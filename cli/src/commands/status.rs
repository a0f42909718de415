//! `como status`: how an environment is.

use super::synth;
use crate::args::{Global, TargetArgs};
use crate::environment;
use crate::exit::{Exit, Outcome};
use crate::host::{Events, Terminal};
use crate::output::Screen;
use crate::render::status;
use crate::target;
use como_engine::status::status;

/// Show how an environment is: its stacks, outputs and services
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment, for example `prod`
    #[arg(value_name = "ENV")]
    name: String,
    #[command(flatten)]
    target: TargetArgs,
}

pub(crate) async fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let environment = environment::load(global, &args.name, screen)?;
    let assembly = synth::assembly(&environment)?;
    let Some(target) = target::connect_existing(&args.target, &environment, global, screen).await? else {
        screen.result(&format!("no rehearsal is running, so {} is not up in one", args.name));
        return Ok(Exit::Done);
    };
    let terminal = Terminal::new(screen, Events::Errors, target.place());
    let report = status(target.ports(&terminal), &assembly).await.map_err(|error| {
        let hint = error.hint();
        target::failed(error, hint)
    })?;
    let rehearsal = target.rehearsal_summary().await;
    if screen.is_json() {
        screen.json(&serde_json::json!({ "target": target.name(), "report": report, "rehearsal": rehearsal }))?;
        return Ok(Exit::Done);
    }
    screen.result(&status::table(&report, screen.result_width()));
    screen.result(&status::outputs(&report, &assembly));
    if let Some(summary) = &rehearsal {
        screen.result(&summary.addresses());
        screen.say(&summary.waits(&assembly, |_| true));
    }
    if !report.is_current() {
        screen.say(&format!("Next: {}", target.command("deploy", &args.name)));
    }
    Ok(Exit::Done)
}
