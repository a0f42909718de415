//! The rehearsal cloud as the commands use it.

use crate::args::Global;
use crate::environment;
use crate::exit::{Exit, Failure};
use crate::render::text::{count, duration};
use crate::seeds;
use anyhow::Context;
use como_config::{Contents, Environment};
use como_core::assembly::Assembly;
use como_rehearsal::launcher::{self, LaunchError, Running};
use como_rehearsal::options::{SupervisorOptions, TaskProgram};
use como_rehearsal::status::{Durations, EndpointKind, KeptDeletion, LastOperation, PublicEndpoint, Seeded, Status};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A first deploy of production waits about ten minutes on AWS's behalf; at this speed it shows them in about ten seconds.
pub(crate) const DEFAULT_SPEED: f64 = 60.0;
/// Where an API is looked for first; the README says so.
const ROUTER_PORT: u16 = 8080;
const ANY_PORT: u16 = 0;

/// The supervisor of the rehearsal, when one runs.
pub(crate) async fn join(global: &Global) -> Result<Option<Running>, Failure> {
    Ok(launcher::connect(&folder(global)?).await)
}

/// The supervisor of the rehearsal, started when none runs.
pub(crate) async fn join_or_start(
    global: &Global,
    environment: &Environment,
    speed: Option<f64>,
) -> Result<Running, Failure> {
    let name = environment.name().to_string();
    start(global, environment.account().as_str(), vec![name], speed).await
}

/// Starts the supervisor, or joins the one that runs; either way it knows the seeds of these environments.
pub(crate) async fn start(
    global: &Global,
    account: &str,
    mut environments: Vec<String>,
    speed: Option<f64>,
) -> Result<Running, Failure> {
    let dir = folder(global)?;
    if let Ok(folder) = environment::folder(global) {
        environments.extend(environment::names(&folder));
    }
    environments.sort();
    environments.dedup();
    let images = environments.iter().filter_map(|name| match environment::read(global, name).ok()?.1.ok()? {
        Contents::Environment(environment) => Some(environment.image().as_str().to_owned()),
        Contents::Proposal(_) | Contents::Local(_) => None,
    });
    let images = images.collect();
    let seeds = seeds::for_rehearsal(&environments, images);
    let unreachable = |error| Failure::failed(anyhow::Error::new(error).context("the rehearsal cloud does not answer"));
    if let Some(running) = launcher::connect(&dir).await {
        running.add_seeds(&seeds).await.map_err(unreachable)?;
        if let Some(speed) = speed {
            running.set_speed(speed).await.map_err(unreachable)?;
        }
        return Ok(running);
    }
    let executable = std::env::current_exe().context("cannot find this program's own file")?;
    let doubles =
        ["task", "doubles", "--memberson", "{memberson}", "--sevenrooms", "{sevenrooms}", "--stripe", "{stripe}"];
    let options = SupervisorOptions {
        dir: dir.clone(),
        account: account.to_owned(),
        speed: speed.unwrap_or(DEFAULT_SPEED),
        api_port: ANY_PORT,
        router_port: ROUTER_PORT,
        program: TaskProgram { executable: executable.clone(), arguments_prefix: vec!["task".to_owned()] },
        seeds,
        doubles: doubles.map(str::to_owned).to_vec(),
    };
    launcher::start(&dir, &executable, &options).await.map_err(|error: LaunchError| {
        let log = dir.join("log");
        Failure::failed(anyhow::Error::new(error).context("the rehearsal cloud could not be started"))
            .hint(format!("its log is {}", log.display()))
    })
}

/// The rehearsal's folder, whole: the supervisor does not stand where the command stands.
pub(crate) fn folder(global: &Global) -> Result<PathBuf, Failure> {
    std::path::absolute(&global.rehearsal_dir).map_err(|error| {
        Failure::new(Exit::Usage, anyhow::Error::new(error).context("cannot use the rehearsal's folder"))
    })
}

/// What a rehearsal has to say after a deployment. Simulated waiting and software time are two numbers, never one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Summary {
    pub(crate) speed: f64,
    pub(crate) endpoints: Vec<PublicEndpoint>,
    pub(crate) seeded: Vec<Seeded>,
    /// By operation, for example `ap-southeast-1 como-prod-network CREATE`.
    pub(crate) durations: BTreeMap<String, Durations>,
    /// By stack, for example `ap-southeast-1 como-prod-network`.
    pub(crate) last: BTreeMap<String, LastOperation>,
}

pub(crate) async fn summary(running: &Running) -> Result<Summary, Failure> {
    let status = running.status().await.map_err(Failure::failed)?;
    Ok(Summary::of(status))
}

impl Summary {
    fn of(status: Status) -> Self {
        Self {
            speed: status.speed,
            endpoints: status.endpoints,
            seeded: status.seeded,
            durations: status.durations,
            last: status.last_operations,
        }
    }

    /// Where the deployed APIs and sites are reached from this machine, a line each.
    pub(crate) fn addresses(&self) -> String {
        let line = |endpoint: &PublicEndpoint| {
            let what = match endpoint.kind {
                EndpointKind::Api => "API ",
                EndpointKind::Site => "site",
            };
            format!("{what} {}  (stands in for {})\n", endpoint.url, endpoint.stands_in_for)
        };
        self.endpoints.iter().map(line).collect()
    }

    /// How long AWS would typically have taken, and how long software took. Two numbers: they are never summed.
    /// Those of the last operation of each stack, which `of` may leave out.
    pub(crate) fn waits(&self, assembly: &Assembly, of: impl Fn(&str) -> bool) -> String {
        let mut longest: BTreeMap<&str, f64> = BTreeMap::new();
        let mut software = 0.0;
        for stack in &assembly.stacks {
            let last = self.last.get(&format!("{} {}", stack.region, stack.name)).filter(|_| of(&stack.name));
            let own = last.map(|last| last.took).unwrap_or_default();
            let before = stack.dependencies.iter().filter_map(|name| longest.get(name.as_str()).copied());
            longest.insert(&stack.name, own.simulated_seconds + before.fold(0.0, f64::max));
            software += own.software_seconds;
        }
        let simulated = longest.values().copied().fold(0.0, f64::max);
        format!(
            "Rehearsed at {}x: {} of typical AWS waiting simulated on the longest chain of stacks; software took {} in all. \
             Neither was measured on AWS.",
            self.speed,
            duration(Duration::from_secs_f64(simulated)),
            duration(Duration::from_secs_f64(software.max(0.0))),
        )
    }

    /// What was filled in that a person fills in on AWS.
    pub(crate) fn seeded(&self) -> String {
        let mut names: Vec<&str> = self.seeded.iter().map(|seeded| seeded.name.as_str()).collect();
        // They come in the order in which stacks happened to be ready.
        names.sort_unstable();
        if names.is_empty() {
            String::new()
        } else {
            format!("Filled in, as a person would on AWS: {}.", names.join(", "))
        }
    }
}

/// What became of a rehearsal after an environment was destroyed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cleared {
    /// Resources that their deletion policies had kept, and that are gone too.
    pub(crate) deleted: Vec<String>,
    /// Those that stay.
    pub(crate) kept: Vec<String>,
    pub(crate) stopped: bool,
}

/// Deletes what was kept, unless it shall stay; with the last stack the supervisor ends.
pub(crate) async fn clear(running: Running, stacks: &[String], keep_data: bool) -> Result<Cleared, Failure> {
    let mut deleted = Vec::new();
    if !keep_data {
        let deletion = running.delete_kept(Some(stacks)).await.map_err(Failure::failed)?;
        deleted = deletion.deleted.iter().map(|kept| format!("{} {}", kept.resource_type, kept.physical_id)).collect();
        refuse_leftovers(&deletion)?;
    }
    let status = running.status().await.map_err(Failure::failed)?;
    let kept = status.kept.iter().map(|kept| format!("{} {}", kept.resource_type, kept.physical_id)).collect();
    let stopped = status.stacks.is_empty();
    if stopped {
        running.stop().await.map_err(Failure::failed)?;
    }
    Ok(Cleared { deleted, kept, stopped })
}

fn refuse_leftovers(deletion: &KeptDeletion) -> Result<(), Failure> {
    if deletion.refused.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = deletion
        .refused
        .iter()
        .map(|refusal| format!("{}: {}", refusal.resource.physical_id, refusal.reason))
        .collect();
    Err(Failure::failed(anyhow::anyhow!("kept resources could not be deleted:\n  {}", reasons.join("\n  "))))
}

impl Cleared {
    pub(crate) fn sentence(&self) -> String {
        let mut text = String::new();
        if !self.deleted.is_empty() {
            let resources = count(self.deleted.len(), "resource");
            text.push_str(&format!(
                "{resources} that AWS would have kept were deleted too, since this is a rehearsal; `--keep-data` keeps them:\n"
            ));
            text.extend(self.deleted.iter().map(|name| format!("  {name}\n")));
        }
        if !self.kept.is_empty() {
            text.push_str("Kept, as AWS keeps them:\n");
            text.extend(self.kept.iter().map(|name| format!("  {name}\n")));
        }
        if self.stopped {
            text.push_str("Nothing is left running.");
        }
        text
    }
}
