//! The cloud that a command talks to: AWS, or the rehearsal on this machine.

use crate::args::{Global, TargetArgs};
use crate::exit::{Exit, Failure};
use crate::host::Terminal;
use crate::output::Screen;
use crate::rehearsal::{self, Cleared, Summary};
use anyhow::Context;
use como_aws::connect::{AwsCloud, ConnectOptions, Endpoint, connect as connect_aws};
use como_config::Environment;
use como_engine::attempt::AttemptId;
use como_engine::clock::SystemClock;
use como_engine::host::Consent;
use como_engine::pace::Pace;
use como_engine::port::Ports;
use como_rehearsal::launcher::Running;
use owo_colors::OwoColorize;

/// A connected cloud.
#[derive(Debug)]
pub(crate) struct Target {
    cloud: AwsCloud,
    kind: Kind,
    account: String,
    region: String,
}

#[derive(Debug)]
enum Kind {
    Aws,
    Rehearsal(Running),
}

/// Connects, starting the rehearsal cloud when it is wanted and not there, and says which cloud it is.
pub(crate) async fn connect(
    args: &TargetArgs,
    environment: &Environment,
    global: &Global,
    screen: &Screen,
) -> Result<Target, Failure> {
    let running = match args.rehearse {
        true => Some(rehearsal::join_or_start(global, environment, args.speed).await?),
        false => None,
    };
    open(running, args, environment, screen).await
}

/// Connects to AWS, or to a rehearsal that runs already.
pub(crate) async fn connect_existing(
    args: &TargetArgs,
    environment: &Environment,
    global: &Global,
    screen: &Screen,
) -> Result<Option<Target>, Failure> {
    let running = match args.rehearse {
        true => match rehearsal::join(global).await? {
            Some(running) => Some(running),
            None => return Ok(None),
        },
        false => None,
    };
    open(running, args, environment, screen).await.map(Some)
}

async fn open(
    running: Option<Running>,
    args: &TargetArgs,
    environment: &Environment,
    screen: &Screen,
) -> Result<Target, Failure> {
    let account = environment.account().to_string();
    let region = environment.region().to_string();
    let endpoint = running.as_ref().map(|running| Endpoint { url: running.endpoint().to_owned() });
    let options = ConnectOptions { profile: args.profile.clone(), region: region.clone(), endpoint };
    let cloud = connect_aws(options).await;
    cloud.verify_account(&account).await.map_err(|error| {
        let hint = error.hint();
        let failure = Failure::new(Exit::Refused, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    let kind = running.map_or(Kind::Aws, Kind::Rehearsal);
    let target = Target { cloud, kind, account, region };
    let banner = format!("{} · {} · {} · {}", target.name(), environment.name(), target.account, target.region);
    match target.kind {
        Kind::Aws => screen.say(&banner.yellow().bold().to_string()),
        Kind::Rehearsal(_) => screen.say(&banner.cyan().bold().to_string()),
    }
    Ok(target)
}

impl Target {
    /// As the banner calls it.
    pub(crate) const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Aws => "AWS",
            Kind::Rehearsal(_) => "the rehearsal cloud",
        }
    }

    pub(crate) const fn is_rehearsal(&self) -> bool {
        matches!(self.kind, Kind::Rehearsal(_))
    }

    /// For a question: which cloud, whose account.
    pub(crate) fn place(&self) -> String {
        format!("{}, account {}", self.name(), self.account)
    }

    /// The command with which this target is used again.
    pub(crate) fn command(&self, verb: &str, environment: &str) -> String {
        match self.kind {
            Kind::Aws => format!("`como {verb} {environment}`"),
            Kind::Rehearsal(_) => format!("`como {verb} {environment} --rehearse`"),
        }
    }

    pub(crate) fn ports<'a>(&'a self, terminal: &'a Terminal) -> Ports<'a> {
        let pace = match self.kind {
            Kind::Aws => Pace::aws(),
            Kind::Rehearsal(_) => Pace::rehearsal(),
        };
        let cloud = &self.cloud;
        Ports {
            cloud,
            services: cloud,
            configuration: cloud,
            buckets: cloud,
            distributions: cloud,
            security_groups: cloud,
            host: terminal,
            clock: &SystemClock,
            pace,
        }
    }

    /// A rehearsal never asks; AWS does, unless `--yes` was said.
    pub(crate) const fn consent(&self, yes: bool) -> Consent {
        match self.kind {
            Kind::Aws if !yes => Consent::Ask,
            Kind::Aws | Kind::Rehearsal(_) => Consent::Given,
        }
    }

    /// What the rehearsal has to say of itself; nothing on AWS.
    pub(crate) async fn rehearsal_summary(&self) -> Option<Summary> {
        match &self.kind {
            Kind::Aws => None,
            Kind::Rehearsal(running) => rehearsal::summary(running).await.ok(),
        }
    }

    /// In a rehearsal, kept data goes too unless it was asked to stay, and with the last stack the supervisor ends.
    pub(crate) async fn after_destroy(self, stacks: &[String], keep_data: bool) -> Result<Option<Cleared>, Failure> {
        match self.kind {
            Kind::Aws => Ok(None),
            Kind::Rehearsal(running) => rehearsal::clear(running, stacks, keep_data).await.map(Some),
        }
    }
}

/// A name for this run: its tokens follow from it.
pub(crate) fn attempt() -> Result<AttemptId, Failure> {
    let id = format!("{}", uuid::Uuid::now_v7().simple());
    Ok(AttemptId::try_from(id).context("cannot name this run")?)
}

/// Whether somebody could have answered the question.
pub(crate) fn could_ask() -> bool {
    Screen::can_ask()
}

pub(crate) fn nobody_to_ask() -> Failure {
    let error = anyhow::anyhow!("nothing was changed: there is no terminal to ask on, and `--yes` was not said");
    Failure::new(Exit::Refused, error).hint("read the plan above, then run the same command with `--yes`")
}

/// An engine error with its hint.
pub(crate) fn failed(error: impl Into<anyhow::Error>, hint: Option<&str>) -> Failure {
    let failure = Failure::failed(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Ctrl-C only stops watching: the cloud goes on.
pub(crate) fn detached(screen: &Screen, verb: &str, environment: &str, target: &Target) -> Exit {
    let again = target.command(verb, environment);
    screen.say(&format!("Detached: {} goes on. {again} watches it to its end.", target.name()));
    Exit::Detached
}
