//! `como rehearsal`: the rehearsal cloud by itself.

use super::fault;
use crate::args::Global;
use crate::environment;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use crate::rehearsal;
use crate::render::clients;
use crate::render::text::duration;
use anyhow::Context;
use como_rehearsal::options::SupervisorOptions;
use como_rehearsal::status::{EndpointKind, Status};
use como_rehearsal::supervisor;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// The rehearsal cloud by itself: start it, look at it, stop it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Serve it in the background, and say how to point the AWS CLI, boto3, CDK or Terraform at it
    ///
    /// Joins the one that runs; `--rehearse` on any command starts it by itself.
    #[command(alias = "start")]
    Serve {
        /// The account that it plays, instead of the first environment's
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// How many simulated seconds pass in a second of waiting
        #[arg(long, value_name = "FACTOR")]
        speed: Option<f64>,
        /// Print the variables alone, for `eval "$(como rehearsal serve --exports)"`
        #[arg(long)]
        exports: bool,
    },
    /// Show what it holds: stacks, tasks, addresses, times
    Status,
    /// Let it fail on cue: from a fault script, or one fault at a time
    Fault(fault::Args),
    /// Stop it; no process is left, what it held stays on disk
    Stop,
    /// Be the supervisor, in the foreground
    #[command(hide = true)]
    Supervise {
        /// The folder of its options, lock and state
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
}

pub(crate) async fn run(args: Args, global: &Global, screen: &Screen) -> Outcome {
    match args.command {
        Command::Serve { account, speed, exports } => {
            let account = account.map_or_else(|| first_account(global, screen), Ok)?;
            let running = rehearsal::start(global, &account, Vec::new(), speed).await?;
            if exports {
                screen.result(&clients::exports(running.endpoint()));
                return Ok(Exit::Done);
            }
            let shown = show(&running.status().await.map_err(Failure::failed)?, screen)?;
            if !screen.is_json() {
                screen.say(&clients::guide(running.endpoint()));
            }
            Ok(shown)
        }
        Command::Status => match rehearsal::join(global).await? {
            Some(running) => {
                let shown = show(&running.status().await.map_err(Failure::failed)?, screen)?;
                if !screen.is_json() {
                    screen.say("`como rehearsal serve` says how to point any AWS client at it.");
                }
                Ok(shown)
            }
            None => not_running(screen),
        },
        Command::Fault(args) => fault::run(args, global, screen).await,
        Command::Stop => match rehearsal::join(global).await? {
            Some(running) => {
                running.stop().await.map_err(Failure::failed)?;
                screen.say("The rehearsal cloud has stopped.");
                Ok(Exit::Done)
            }
            None => not_running(screen),
        },
        Command::Supervise { dir } => {
            logs()?;
            let options = SupervisorOptions::read(&dir).context("cannot read the supervisor's options")?;
            supervisor::run(options).await.context("the rehearsal cloud ended")?;
            Ok(Exit::Done)
        }
    }
}

fn not_running(screen: &Screen) -> Outcome {
    if screen.is_json() {
        screen.json(&serde_json::Value::Null)?;
    }
    screen.say("No rehearsal cloud is running.");
    Ok(Exit::Done)
}

/// The account of production, or of the first environment that there is.
fn first_account(global: &Global, screen: &Screen) -> Result<String, Failure> {
    let names = environment::names(&environment::folder(global)?);
    let name = names.iter().find(|name| *name == "prod").or_else(|| names.first());
    let name = name.ok_or_else(|| {
        Failure::new(Exit::Usage, anyhow::anyhow!("there is no environment to take the account from"))
            .hint("name one with `--account <ID>`")
    })?;
    Ok(environment::load(global, name, screen)?.account().to_string())
}

/// The supervisor's log, on the standard error that the launcher has turned to a file.
fn logs() -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|error| Failure::failed(anyhow::anyhow!("cannot write a log: {error}")))
}

fn show(status: &Status, screen: &Screen) -> Outcome {
    if screen.is_json() {
        screen.json(status)?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    let _infallible = writeln!(
        text,
        "endpoint  {}  (account {}, {}x, pid {})",
        status.endpoint, status.account, status.speed, status.pid
    );
    for stack in &status.stacks {
        let _infallible = writeln!(
            text,
            "stack     {} {} {} ({} resources)",
            stack.region, stack.name, stack.status, stack.resources
        );
    }
    for (stack, last) in &status.last_operations {
        let (simulated, software) = (last.took.simulated_seconds, last.took.software_seconds);
        let _infallible = writeln!(
            text,
            "{}  {stack} {}: {} of AWS's waiting simulated, {} of software",
            if last.is_running { "running " } else { "took    " },
            last.operation,
            duration(Duration::from_secs_f64(simulated)),
            duration(Duration::from_secs_f64(software)),
        );
    }
    for kept in &status.kept {
        let _infallible = writeln!(text, "kept      {} {} of {}", kept.resource_type, kept.physical_id, kept.stack);
    }
    for task in &status.tasks {
        let pid = task.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string());
        let _infallible =
            writeln!(text, "task      {} {} {} {} pid {pid}", task.service, task.address, task.status, task.health);
    }
    for endpoint in &status.endpoints {
        let what = match endpoint.kind {
            EndpointKind::Api => "api ",
            EndpointKind::Site => "site",
        };
        let _infallible = writeln!(text, "{what}      {}  (stands in for {})", endpoint.url, endpoint.stands_in_for);
    }
    for seeded in &status.seeded {
        let _infallible = writeln!(text, "seeded    {} {}", seeded.kind, seeded.name);
    }
    for (region, outage) in &status.outages {
        let _infallible = writeln!(text, "dead      {region} {}", fault::dead(*outage));
    }
    text.push_str(&fault::lines(&status.faults));
    screen.result(&text);
    Ok(Exit::Done)
}
