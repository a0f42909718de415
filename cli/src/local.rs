//! An environment on this machine: the API, the partners' doubles and their stores in this very process, until it is ended.

use crate::commands::synth;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use anyhow::Context;
use como_config::Local;
use como_doubles::members::{MEI, of_crowd};
use como_doubles::stripe::TEST_CARDS;
use como_local::{Addresses, Plan, StartError, start};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tracing_subscriber::EnvFilter;

/// Chooses what is logged to standard error, as for a task.
const FILTER_VARIABLE: &str = "COMO_LOG";

/// Serves until SIGINT or SIGTERM. `began` is when the command did.
pub(crate) async fn serve(
    local: &Local,
    port: Option<u16>,
    keep: Option<PathBuf>,
    began: Instant,
    screen: &Screen,
) -> Outcome {
    logs();
    let like = local.like();
    let region = like.region().to_string();
    let assembly = synth::templates(like)?;
    let here = assembly.stacks.into_iter().filter(|stack| stack.region == region);
    let stacks = here.map(|stack| Ok((stack.name, stack.template.to_json()?)));
    let plan = Plan {
        environment: like.name().to_string(),
        account: like.account().to_string(),
        region: region.clone(),
        port: port.unwrap_or_else(|| local.port().get()),
        keep,
        stacks: stacks.collect::<Result<_, serde_json::Error>>().context("cannot write the templates")?,
    };
    let stop = como_runtime::shutdown::requested(false).context("cannot listen for signals")?;
    let running = start(plan).await.map_err(refused)?;
    let took = began.elapsed();
    let is_kept = running.is_kept();
    match screen.is_json() {
        true => screen.json(&serde_json::json!({
            "environment": like.name().as_str(), "took_ms": took.as_millis(), "addresses": running.addresses(),
            "keeps_data": is_kept,
        }))?,
        false => {
            screen.result(&up(like.name().as_str(), running.addresses(), took));
            screen.say(&hints(is_kept));
        }
    }
    running.until(stop.cancelled_owned()).await.context("the process ended")?;
    screen.say(if is_kept { "Ended; the data is kept." } else { "Ended; nothing is left." });
    Ok(Exit::Done)
}

fn refused(error: StartError) -> Failure {
    let hint = match &error {
        StartError::Listen { .. } => Some("choose another port with `--port <PORT>`, or any free one with `--port 0`"),
        StartError::InUse { .. } => Some("end the other process, or name another folder with `--keep <DIR>`"),
        _ => None,
    };
    let failure = Failure::failed(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Sentences of the services go to standard error, where somebody wants them.
fn logs() {
    let filter = std::env::var(FILTER_VARIABLE).ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new("error"));
    let _already_there =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr).try_init();
}

fn up(name: &str, addresses: &Addresses, took: Duration) -> String {
    let Addresses { api, memberson, sevenrooms, stripe, aws } = addresses;
    let mut text = format!("{name} is up, after {} ms\n", took.as_millis());
    for (what, address) in [
        ("try it", format!("{api}/")),
        ("API", format!("{api}/v1/docs")),
        ("mails", format!("{api}/local/inbox")),
        ("partners", format!("{api}/local/partners")),
    ] {
        let _infallible = writeln!(text, "  {what:<10}{address}");
    }
    for (what, address) in [("Memberson", memberson), ("SevenRooms", sevenrooms), ("Stripe", stripe), ("AWS", aws)] {
        let _infallible = writeln!(text, "  {what:<12}{address}");
    }
    text
}

fn hints(is_kept: bool) -> String {
    let crowd = of_crowd(1);
    let [(pays, _), (declined, _), ..] = TEST_CARDS;
    let data =
        if is_kept { "Ctrl-C ends it, and the data stays." } else { "Ctrl-C ends it, and the data goes with it." };
    format!(
        "Sign in as {} with {}, or as one of a crowd: {} with {}.\nThe card {pays} pays, {declined} is declined. {data}",
        MEI.email, MEI.password, crowd.email, crowd.password,
    )
}
