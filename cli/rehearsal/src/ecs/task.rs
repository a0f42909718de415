//! One task from start to end.

use super::keeper::Keeper;
use super::wiring::wire;
use crate::process::{Child, spawn};
use crate::router::TargetState;
use jiff::Timestamp;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

/// What is known of a task, in ECS's words.
#[derive(Debug, Clone)]
pub(super) struct TaskRecord {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) pid: Option<u32>,
    pub(super) address: Option<SocketAddr>,
    pub(super) status: TaskStatus,
    pub(super) health: TargetState,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) stopped_reason: Option<String>,
    pub(super) exit_code: Option<i32>,
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
/// A task that has not become healthy by then is given up. Generous, since a busy machine starts many at once.
const LAUNCH_DEADLINE: Duration = Duration::from_secs(60);
/// ECS's default `stopTimeout` is 30 s; nobody wants to wait for that here.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts a task and stays with it until it has ended.
pub(super) async fn run(keeper: &Keeper) -> Ended {
    let id = uuid::Uuid::new_v4().simple().to_string();
    keeper.record_new(&id);
    let (mut child, address) = match start(keeper, &id).await {
        Ok(started) => started,
        Err(reason) => {
            keeper.record_stopped(&id, &reason, None);
            return Ended::Failed { was_healthy: false };
        }
    };
    keeper.record_running(&id, child.pid(), address);
    keeper.register(&id, address, TargetState::Initial);
    let ended = watch(keeper, &id, &mut child, address).await;
    keeper.deregister(&id);
    let (ended, reason, code) = match ended {
        Watched::Exited { was_healthy, code } => {
            (Ended::Failed { was_healthy }, "Essential container in task exited".to_owned(), code)
        }
        Watched::Unhealthy { was_healthy, reason } => {
            keeper.record_deactivating(&id);
            (Ended::Failed { was_healthy }, reason, stop(&mut child).await)
        }
        Watched::Closing => {
            keeper.record_deactivating(&id);
            let reason = "Scaling activity initiated by deployment".to_owned();
            (Ended::Closed, reason, stop(&mut child).await)
        }
    };
    keeper.record_stopped(&id, &reason, code);
    ended
}

enum Watched {
    Closing,
    Exited { was_healthy: bool, code: Option<i32> },
    Unhealthy { was_healthy: bool, reason: String },
}

async fn start(keeper: &Keeper, id: &str) -> Result<(Child, SocketAddr), String> {
    let surroundings = keeper.surroundings();
    let address = free_address().map_err(|error| format!("CannotStartContainerError: {error}"))?;
    let wiring = wire(surroundings, &keeper.service, &keeper.definition, address).await?;
    let log = surroundings.log_dir.join(format!("{}-{id}.log", keeper.service.name));
    let variables = wiring.variables.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let child = spawn(&surroundings.program.executable, &wiring.arguments, variables, &log)
        .map_err(|error| format!("CannotStartContainerError: {error}"))?;
    Ok((child, address))
}

/// Follows a task's health until it exits, fails or is told to go.
async fn watch(keeper: &Keeper, id: &str, child: &mut Child, address: SocketAddr) -> Watched {
    let started = Instant::now();
    let mut was_healthy = false;
    let mut failures = 0;
    loop {
        let interval = if was_healthy && failures == 0 { HEALTHY_INTERVAL } else { STARTING_INTERVAL };
        let complaint = tokio::select! {
            biased;
            () = keeper.closing() => return Watched::Closing,
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
        let given_up =
            if was_healthy { keeper.unhealthy_threshold() <= failures } else { LAUNCH_DEADLINE <= started.elapsed() };
        if given_up {
            let group = keeper.service.target_groups.first().map_or("", |group| group.arn.as_str());
            keeper.complain(address, group, &complaint);
            let reason = format!("Task failed ELB health checks in (target-group {group})");
            return Watched::Unhealthy { was_healthy, reason };
        }
    }
}

/// After a while, what is wrong with the task, or nothing. Without a load balancer it is well as long as it runs.
async fn check(keeper: &Keeper, address: SocketAddr, interval: Duration) -> Option<String> {
    tokio::time::sleep(interval).await;
    let health_check = keeper.health_check.as_ref()?;
    let client = &keeper.surroundings().client;
    let url = format!("http://{address}{}", health_check.path);
    match client.get(url).timeout(HEALTH_CHECK_TIMEOUT).send().await {
        Ok(answer) if health_check.accepts(answer.status().as_u16()) => None,
        Ok(answer) => Some(format!("Health checks failed with these codes: [{}]", answer.status().as_u16())),
        Err(error) if error.is_timeout() => Some("Request timed out".to_owned()),
        Err(_) => Some("Health checks failed".to_owned()),
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
