//! `como rehearsal fault`: what shall go wrong, and when.

use crate::args::Global;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use crate::rehearsal;
use como_rehearsal::faults::{FaultStatus, Outage, Script};
use como_rehearsal::launcher::{CallError, Running};
use std::fmt::Write;
use std::path::PathBuf;

/// Let the rehearsal cloud fail on cue: from a fault script, or one fault at a time
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// A fault script to add
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add one fault, for example `"{do: throttle, operation: DescribeStacks, times: 3}"`
    Add {
        /// As an entry of a fault script, in YAML
        #[arg(value_name = "FAULT")]
        fault: String,
        /// Of `chance` and spreads; the same seed gives the same choices
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Show what waits, what strikes and what has struck
    List,
    /// Take back one fault, or all of them; what they killed, cut or paused works again
    Clear {
        /// The fault's number
        id: Option<u64>,
    },
    /// Say that a step has been reached, for faults that wait for it
    Step {
        #[arg(value_name = "NAME")]
        step: String,
    },
}

pub(crate) async fn run(args: Args, global: &Global, screen: &Screen) -> Outcome {
    let wanted = match (args.command, args.file) {
        (Some(command), _) => command,
        (None, Some(file)) => {
            let script = fs_err::read_to_string(&file);
            let script = parse(&script.map_err(|error| usage(error.into()))?)?;
            return show(&add(&running(global).await?, &script).await?, screen);
        }
        (None, None) => Command::List,
    };
    // A mistake in the fault is worth saying even when nothing runs.
    let script = match &wanted {
        Command::Add { fault, seed } => Some(one(fault, *seed)?),
        _ => None,
    };
    let running = running(global).await?;
    let faults = match (wanted, script) {
        (Command::Add { .. }, Some(script)) => add(&running, &script).await?,
        (Command::Clear { id }, _) => running.clear_faults(id).await.map_err(refused)?,
        (Command::Step { step }, _) => running.announce_step(&step).await.map_err(refused)?,
        (Command::List | Command::Add { .. }, _) => running.status().await.map_err(Failure::failed)?.faults,
    };
    show(&faults, screen)
}

/// A line each, for this command and for the status.
pub(crate) fn lines(faults: &[FaultStatus]) -> String {
    let mut text = String::new();
    for fault in faults {
        let times = if fault.struck == 0 { String::new() } else { format!(", struck {} times", fault.struck) };
        let _infallible = writeln!(text, "fault {:<3} {} ({}{times})", fault.id, fault.description, fault.state);
        if let Some(problem) = &fault.problem {
            let _infallible = writeln!(text, "          could not be carried out: {problem}");
        }
    }
    text
}

pub(crate) fn dead(outage: Outage) -> &'static str {
    match (outage.control, outage.data) {
        (true, true) => "all endpoints",
        (true, false) => "control plane",
        (false, true) => "data plane",
        (false, false) => "nothing",
    }
}

async fn running(global: &Global) -> Result<Running, Failure> {
    rehearsal::join(global).await?.ok_or_else(|| {
        Failure::new(Exit::Usage, anyhow::anyhow!("no rehearsal cloud is running"))
            .hint("start it with `como rehearsal serve`")
    })
}

async fn add(running: &Running, script: &Script) -> Result<Vec<FaultStatus>, Failure> {
    running.add_faults(script).await.map_err(refused)
}

fn one(fault: &str, seed: u64) -> Result<Script, Failure> {
    let mut script = parse(&format!("faults:\n- {}\n", fault.trim().replace('\n', "\n  ")))?;
    script.seed = seed;
    Ok(script)
}

fn parse(text: &str) -> Result<Script, Failure> {
    Script::parse(text).map_err(|error| usage(anyhow::Error::new(error)))
}

fn usage(error: anyhow::Error) -> Failure {
    Failure::new(Exit::Usage, error).hint("the format is in docs/rehearsal-faults.md")
}

fn refused(error: CallError) -> Failure {
    match error {
        CallError::Refused(_) => usage(anyhow::Error::new(error)),
        other => Failure::failed(other),
    }
}

fn show(faults: &[FaultStatus], screen: &Screen) -> Outcome {
    if screen.is_json() {
        screen.json(&faults)?;
        return Ok(Exit::Done);
    }
    screen.result(&lines(faults));
    if faults.is_empty() {
        screen.say("No faults.");
    }
    Ok(Exit::Done)
}
