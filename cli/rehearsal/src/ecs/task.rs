//! One task from start to end.

use super::keeper::Keeper;
use super::output;
use super::state::TaskDefinition;
use super::wiring::wire;
use crate::process::{Child, spawn};
use crate::router::TargetState;
use crate::services::logs::Following;
use crate::services::property::number;
use jiff::Timestamp;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What is known of a task, in ECS's words.
#[derive(Debug, Clone)]
pub(super) struct TaskRecord {
    pub(super) id: String,
    pub(super) arn: String,
    /// The deployment's id.
    pub(super) deployment: String,
    pub(super) definition: TaskDefinition,
    pub(super) pid: Option<u32>,
    pub(super) address: Option<SocketAddr>,
    pub(super) status: TaskStatus,
    pub(super) health: TargetState,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) stopped_reason: Option<String>,
    /// ECS's word for who or what ended it; empty before.
    pub(super) stop_code: &'static str,
    pub(super) exit_code: Option<i32>,
    /// Ends it from outside.
    pub(super) stop: CancellationToken,
}

/// The path of a task's life that shows on this machine: provisioning, then running, then deactivating when it is asked
/// to go, then stopped. It never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskStatus {
    Provisioning,
    Running,
    Deactivating,
    Stopped,
}

impl TaskStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// How a task ended.
pub(super) enum Ended {
    /// The service is going.
    Closed,
    Failed {
        was_healthy: bool,
    },
}

/// Between looks at a task that is not healthy yet; wall-clock time, since starting is software.
const STARTING_INTERVAL: Duration = Duration::from_millis(100);
const HEALTHY_INTERVAL: Duration = Duration::from_secs(2);
/// A load balancer's default timeout is 5 s; a task beside it should answer sooner.
const HEALTH_CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// A task that has not answered by then is given up. Generous, since a busy machine starts many at once.
const LAUNCH_DEADLINE: Duration = Duration::from_secs(60);
/// A target group's default interval; with the grace period and the threshold it says how long a task may answer that it
/// is not well, in simulated time, but never less than it takes a program to get well.
const HEALTH_CHECK_INTERVAL: Duration = Duration::from_secs(30);
const SHORTEST_RECOVERY: Duration = Duration::from_secs(8);
/// ECS's default `stopTimeout` is 30 s; nobody wants to wait for that here.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts a task and stays with it until it has ended, or until somebody else sees to its end.
pub(super) async fn run(keeper: &Arc<Keeper>, slot: u64) -> Ended {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let stop_asked = keeper.record_new(&id);
    let Started { mut running, address } = match start(keeper, &id).await {
        Ok(started) => started,
        Err(reason) => {
            keeper.regret(&reason);
            keeper.record_stopped(&id, "TaskFailedToStart", &reason, None);
            return Ended::Failed { was_healthy: false };
        }
    };
    keeper.record_running(&id, running.child.pid(), address);
    keeper.register(&id, address, TargetState::Initial);
    let watched = tokio::select! {
        biased;
        () = keeper.closing(slot) => Watched::Closing,
        () = stop_asked.cancelled() => Watched::Stopped,
        watched = watch(keeper, &id, &mut running.child, address) => watched,
    };
    keeper.deregister(&id);
    if !matches!(watched, Watched::Exited { .. }) {
        keeper.record_deactivating(&id);
    }
    match watched {
        Watched::Exited { was_healthy, code } => {
            drop(running);
            keeper.record_stopped(&id, "EssentialContainerExited", "Essential container in task exited", code);
            Ended::Failed { was_healthy }
        }
        Watched::Unhealthy { was_healthy, reason } => {
            let end = Arc::clone(keeper).end(id, running, "ServiceSchedulerInitiated", reason);
            // ECS starts the replacement first where the service may have so many tasks for a while.
            if was_healthy && keeper.may_replace_first() {
                keeper.aside(end);
            } else {
                end.await;
            }
            Ended::Failed { was_healthy }
        }
        Watched::Stopped => {
            let reason = "Task stopped by user".to_owned();
            Arc::clone(keeper).end(id, running, "UserInitiated", reason).await;
            Ended::Failed { was_healthy: true }
        }
        Watched::Closing => {
            let reason = format!("Scaling activity initiated by (deployment {})", keeper.deployment.id);
            Arc::clone(keeper).end(id, running, "ServiceSchedulerInitiated", reason).await;
            Ended::Closed
        }
    }
}

impl Keeper {
    /// Stops a task that is on its way out.
    async fn end(self: Arc<Self>, id: String, mut running: Running, stop_code: &'static str, reason: String) {
        if stop_code == "ServiceSchedulerInitiated" {
            self.say_stopped(&id);
        }
        let code = stop(&mut running.child).await;
        drop(running);
        self.record_stopped(&id, stop_code, &reason, code);
    }
}

enum Watched {
    Closing,
    /// By StopTask.
    Stopped,
    Exited {
        was_healthy: bool,
        code: Option<i32>,
    },
    Unhealthy {
        was_healthy: bool,
        reason: String,
    },
}

/// Its last words are in the log before anybody hears that it is gone: this goes first.
struct Running {
    child: Child,
    _output: Option<Following>,
}

struct Started {
    running: Running,
    address: SocketAddr,
}

async fn start(keeper: &Keeper, id: &str) -> Result<Started, String> {
    let surroundings = keeper.surroundings();
    surroundings.images.pull(&keeper.service.region, &keeper.definition.properties)?;
    let address = free_address().map_err(|error| format!("CannotStartContainerError: {error}"))?;
    let wiring = wire(surroundings, keeper, address)?;
    let log = surroundings.log_dir.join(format!("{}-{id}.log", keeper.service.name));
    let output = output::follow(keeper, id, &log)?;
    let variables = wiring.variables.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let child = spawn(&surroundings.program.executable, &wiring.arguments, variables, &log)
        .map_err(|error| format!("CannotStartContainerError: {error}"))?;
    Ok(Started { running: Running { child, _output: output }, address })
}

/// Follows a task's health until it exits or fails.
async fn watch(keeper: &Keeper, id: &str, child: &mut Child, address: SocketAddr) -> Watched {
    let started = Instant::now();
    let mut was_healthy = false;
    let mut failures = 0;
    loop {
        let interval = if was_healthy && failures == 0 { HEALTHY_INTERVAL } else { STARTING_INTERVAL };
        let complaint = tokio::select! {
            biased;
            status = child.wait() => {
                return Watched::Exited { was_healthy, code: status.ok().and_then(|status| status.code()) };
            }
            complaint = check(keeper, address, interval) => complaint,
        };
        let Some(complaint) = complaint else {
            failures = 0;
            if !was_healthy {
                was_healthy = true;
                keeper.register(id, address, TargetState::Healthy);
            }
            continue;
        };
        failures += 1;
        let given_up = match (was_healthy, &complaint) {
            (true, _) => keeper.unhealthy_threshold() <= failures,
            (false, Complaint::Answers(_)) => recovery(keeper) <= started.elapsed(),
            (false, Complaint::Silent(_)) => LAUNCH_DEADLINE <= started.elapsed(),
        };
        if given_up {
            let group = keeper.deployment.target_groups.first().map_or("", |group| group.arn.as_str());
            keeper.complain(address, group, complaint.words());
            let reason = format!("Task failed ELB health checks in (target-group {group})");
            return Watched::Unhealthy { was_healthy, reason };
        }
    }
}

/// What is wrong with a task, in the load balancer's words.
enum Complaint {
    /// It says itself that it is not well.
    Answers(String),
    Silent(&'static str),
}

impl Complaint {
    fn words(&self) -> &str {
        match self {
            Self::Answers(words) => words,
            Self::Silent(words) => words,
        }
    }
}

fn recovery(keeper: &Keeper) -> Duration {
    let grace = number(&keeper.service.properties, "HealthCheckGracePeriodSeconds").unwrap_or(0);
    let checks = u32::try_from(keeper.unhealthy_threshold()).unwrap_or(2);
    let simulated = Duration::from_secs(grace) + HEALTH_CHECK_INTERVAL * checks;
    keeper.surroundings().clock.wall(simulated).max(SHORTEST_RECOVERY).min(LAUNCH_DEADLINE)
}

/// After a while, what is wrong with the task, or nothing. Without a load balancer it is well as long as it runs.
async fn check(keeper: &Keeper, address: SocketAddr, interval: Duration) -> Option<Complaint> {
    tokio::time::sleep(interval).await;
    let health_check = keeper.health_check.as_ref()?;
    let client = &keeper.surroundings().client;
    let url = format!("http://{address}{}", health_check.path);
    match client.get(url).timeout(HEALTH_CHECK_TIMEOUT).send().await {
        Ok(answer) if health_check.accepts(answer.status().as_u16()) => None,
        Ok(answer) => {
            let words = format!("Health checks failed with these codes: [{}]", answer.status().as_u16());
            Some(Complaint::Answers(words))
        }
        Err(error) if error.is_timeout() => Some(Complaint::Silent("Request timed out")),
        Err(_) => Some(Complaint::Silent("Health checks failed")),
    }
}

/// SIGTERM, then patience, then SIGKILL; the exit code if it had one.
async fn stop(child: &mut Child) -> Option<i32> {
    child.terminate();
    let status = match tokio::time::timeout(STOP_TIMEOUT, child.wait()).await {
        Ok(status) => status,
        Err(_) => {
            child.kill();
            child.wait().await
        }
    };
    status.ok().and_then(|status| status.code())
}

/// awsvpc gives every task an address of its own; here it is a port. Somebody may take it before the task does, in which
/// case the task fails to listen and the next one gets another.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
