//! Keeps the tasks of one deployment running, as many as it is told.

use super::log::Log;
use super::service::Surroundings;
use super::state::{Deployment, Service, TaskDefinition};
use super::task::{self, Ended, TaskRecord, TaskStatus};
use crate::router::{HealthCheck, TargetState};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A deployment at work.
pub(super) struct Keeper {
    /// As it was when the deployment began.
    pub(super) service: Service,
    pub(super) deployment: Deployment,
    pub(super) definition: TaskDefinition,
    pub(super) health_check: Option<HealthCheck>,
    surroundings: Arc<Surroundings>,
    log: Arc<Log>,
    /// Told whenever something has changed that may let the rollout go on.
    changed: Arc<Notify>,
    wanted: watch::Sender<u64>,
    /// Slots that have been made; one is as good as another, so they are never unmade.
    made: Mutex<u64>,
    failures: AtomicU64,
    broken: AtomicBool,
    /// Once it has been up, failing tasks are replaced for ever.
    completed: AtomicBool,
    closing: CancellationToken,
    slots: TaskTracker,
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What a keeper is made from.
pub(super) struct Assignment {
    pub(super) service: Service,
    pub(super) deployment: Deployment,
    pub(super) definition: TaskDefinition,
    pub(super) health_check: Option<HealthCheck>,
}

impl Keeper {
    /// Without tasks until it is told how many.
    pub(super) fn new(
        assignment: Assignment,
        surroundings: Arc<Surroundings>,
        log: Arc<Log>,
        changed: Arc<Notify>,
    ) -> Arc<Self> {
        let Assignment { service, deployment, definition, health_check } = assignment;
        Arc::new(Self {
            service,
            deployment,
            definition,
            health_check,
            surroundings,
            log,
            changed,
            wanted: watch::Sender::new(0),
            made: Mutex::new(0),
            failures: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            completed: AtomicBool::new(false),
            closing: CancellationToken::new(),
            slots: TaskTracker::new(),
        })
    }

    pub(super) fn wanted(&self) -> u64 {
        *self.wanted.borrow()
    }

    /// Starts or stops tasks until there are so many.
    pub(super) fn want(self: &Arc<Self>, number: u64) {
        self.wanted.send_if_modified(|wanted| std::mem::replace(wanted, number) != number);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        while *made < number && !self.closing.is_cancelled() {
            let (slot, keeper) = (*made, Arc::clone(self));
            self.slots.spawn(async move { keeper.fill(slot).await });
            *made += 1;
        }
    }

    /// Tasks that have not stopped, and those of them that are healthy.
    pub(super) fn count(&self) -> (u64, u64) {
        self.log.count(&self.deployment.id)
    }

    /// Tasks in a row that never became healthy.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// The circuit breaker has opened; no task is started any more.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    pub(super) fn complete(&self) {
        self.completed.store(true, Ordering::Relaxed);
    }

    /// Ends all tasks and returns when they are gone.
    pub(super) async fn stop(&self) {
        self.closing.cancel();
        self.slots.close();
        self.slots.wait().await;
    }

    /// Returns when the slot is not wanted any more.
    pub(super) async fn closing(&self, slot: u64) {
        let mut wanted = self.wanted.subscribe();
        tokio::select! {
            () = self.closing.cancelled() => {}
            _ = wanted.wait_for(|wanted| *wanted <= slot) => {}
        }
    }

    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    pub(super) fn unhealthy_threshold(&self) -> u64 {
        self.health_check.as_ref().map_or(2, |check| check.unhealthy_threshold)
    }

    /// Whether a task more than desired may run for a while.
    pub(super) fn may_replace_first(&self) -> bool {
        let desired = self.wanted();
        desired < desired * self.service.configuration.maximum_percent / 100
    }

    /// Has something done beside the slots; it is waited for when the deployment ends.
    pub(super) fn aside(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.slots.spawn(work);
    }

    async fn fill(self: Arc<Self>, slot: u64) {
        let mut pause = SHORTEST_PAUSE;
        let mut wanted = self.wanted.subscribe();
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                _ = wanted.wait_for(|wanted| slot < *wanted) => {}
            }
            match task::run(&self, slot).await {
                Ended::Closed => continue,
                Ended::Failed { was_healthy: true } => pause = SHORTEST_PAUSE,
                Ended::Failed { was_healthy: false } => {
                    if self.count_failure() {
                        return;
                    }
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Whether that was one too many.
    fn count_failure(&self) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        let is_settled = self.completed.load(Ordering::Relaxed);
        let breaks = !is_settled && self.service.breaks_after().is_some_and(|limit| limit <= failures);
        if breaks && !self.broken.swap(true, Ordering::Relaxed) {
            let deployment = &self.deployment.id;
            self.log.say(&format!("(deployment {deployment}) deployment failed: tasks failed to start."));
        }
        self.changed.notify_one();
        breaks
    }

    /// The new task, and how to end it from outside.
    pub(super) fn record_new(&self, id: &str) -> CancellationToken {
        let service = &self.service;
        let arn = service.cluster.arn.replacen(":cluster/", ":task/", 1);
        let stop = CancellationToken::new();
        self.log.add(TaskRecord {
            id: id.to_owned(),
            arn: format!("{arn}/{id}"),
            deployment: self.deployment.id.clone(),
            definition: self.definition.clone(),
            pid: None,
            address: None,
            status: TaskStatus::Provisioning,
            health: TargetState::Initial,
            created: Timestamp::now(),
            started: None,
            stopped: None,
            stopped_reason: None,
            stop_code: "",
            exit_code: None,
            stop: stop.clone(),
        });
        stop
    }

    pub(super) fn record_running(&self, id: &str, pid: Option<u32>, address: SocketAddr) {
        self.log.update(id, |task| {
            task.pid = pid;
            task.address = Some(address);
            task.status = TaskStatus::Running;
            task.started = Some(Timestamp::now());
        });
    }

    pub(super) fn record_deactivating(&self, id: &str) {
        self.log.update(id, |task| task.status = TaskStatus::Deactivating);
    }

    pub(super) fn record_stopped(&self, id: &str, code: &'static str, reason: &str, exit_code: Option<i32>) {
        self.log.update(id, |task| {
            task.pid = None;
            task.status = TaskStatus::Stopped;
            task.stopped = Some(Timestamp::now());
            // What somebody gave as a reason when stopping it stays.
            task.stopped_reason.get_or_insert_with(|| reason.to_owned());
            task.stop_code = code;
            task.exit_code = exit_code;
        });
        tracing::info!(
            task.id = id,
            reason,
            exit_code,
            "task {id} of service {} has stopped: {reason}",
            self.service.name
        );
        self.changed.notify_one();
    }

    pub(super) fn register(&self, id: &str, address: SocketAddr, state: TargetState) {
        for group in &self.deployment.target_groups {
            self.surroundings.balancers.register(&group.arn, id, address, state);
            if state == TargetState::Initial {
                self.log.say(&format!("registered 1 targets in (target-group {})", group.arn));
            }
        }
        if state == TargetState::Healthy {
            self.failures.store(0, Ordering::Relaxed);
        }
        self.log.update(id, |task| task.health = state);
        self.changed.notify_one();
    }

    pub(super) fn deregister(&self, id: &str) {
        for group in &self.deployment.target_groups {
            self.surroundings.balancers.deregister(&group.arn, id);
            self.log.say(&format!("deregistered 1 targets in (target-group {})", group.arn));
        }
        if !self.deployment.target_groups.is_empty() {
            self.log.say("has begun draining connections on 1 tasks.");
        }
        self.log.update(id, |task| task.health = TargetState::Unhealthy);
        self.changed.notify_one();
    }

    /// An event about a task that the service ends.
    pub(super) fn say_stopped(&self, id: &str) {
        self.log.say(&format!("has stopped 1 running tasks: (task {id})."));
    }

    /// An event about a failed health check, as ECS words it.
    pub(super) fn complain(&self, address: SocketAddr, group: &str, complaint: &str) {
        let port = address.port();
        self.log.say(&format!("(port {port}) is unhealthy in (target-group {group}) due to (reason {complaint})"));
    }

    /// An event about a task that could not be started.
    pub(super) fn regret(&self, reason: &str) {
        self.log.say(&format!("was unable to place a task. Reason: {reason}."));
    }
}
