//! Keeps the tasks of one service running.

use super::service::Surroundings;
use super::state::{Service, TaskDefinition};
use super::task::{self, Ended, TaskRecord, TaskStatus};
use crate::router::{HealthCheck, TargetState};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A service at work.
pub(super) struct Keeper {
    pub(super) service: Service,
    pub(super) definition: TaskDefinition,
    pub(super) health_check: Option<HealthCheck>,
    surroundings: Arc<Surroundings>,
    book: Mutex<Book>,
    progress: watch::Sender<Progress>,
    closing: CancellationToken,
    slots: TaskTracker,
}

/// How far a deployment is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// All desired tasks are healthy.
    pub(super) steady: bool,
    /// The circuit breaker has opened; no task is started any more.
    pub(super) broken: bool,
    /// Tasks in a row that never became healthy.
    pub(super) failures: u64,
}

#[derive(Default)]
struct Book {
    /// Newest last; stopped ones are kept for a while.
    tasks: VecDeque<TaskRecord>,
    /// Newest first, as ECS lists them.
    events: VecDeque<Event>,
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) message: String,
}

/// As many as DescribeServices shows.
const EVENTS: usize = 100;
const STOPPED_TASKS: usize = 20;
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Keeper {
    /// Starts the service's tasks.
    pub(super) fn start(
        service: Service,
        definition: TaskDefinition,
        health_check: Option<HealthCheck>,
        surroundings: Arc<Surroundings>,
    ) -> Arc<Self> {
        let desired = service.desired_count;
        let keeper = Arc::new(Self {
            service,
            definition,
            health_check,
            surroundings,
            book: Mutex::default(),
            progress: watch::Sender::new(Progress { steady: desired == 0, ..Progress::default() }),
            closing: CancellationToken::new(),
            slots: TaskTracker::new(),
        });
        for _ in 0..desired {
            let slot = Arc::clone(&keeper);
            keeper.slots.spawn(async move { slot.fill_slot().await });
        }
        keeper.slots.close();
        keeper
    }

    pub(super) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Ends all tasks and returns when they are gone.
    pub(super) async fn stop(&self) {
        self.closing.cancel();
        self.slots.wait().await;
    }

    pub(super) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    pub(super) fn unhealthy_threshold(&self) -> u64 {
        self.health_check.as_ref().map_or(2, |check| check.unhealthy_threshold)
    }

    pub(super) fn tasks(&self) -> Vec<TaskRecord> {
        self.with_book(|book| book.tasks.iter().cloned().collect())
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.with_book(|book| book.events.iter().cloned().collect())
    }

    async fn fill_slot(&self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            match task::run(self).await {
                Ended::Closed => return,
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
        self.progress.send_modify(|progress| {
            progress.failures += 1;
            progress.broken = self.service.breaks_after.is_some_and(|limit| limit <= progress.failures);
        });
        let broken = self.progress.borrow().broken;
        if broken {
            let deployment = &self.service.deployment_id;
            self.say(&format!("(deployment {deployment}) deployment failed: tasks failed to start."));
        }
        broken
    }

    pub(super) fn record_new(&self, id: &str) {
        let service = &self.service;
        let arn = service.cluster.arn.replacen(":cluster/", ":task/", 1);
        let record = TaskRecord {
            id: id.to_owned(),
            arn: format!("{arn}/{id}"),
            pid: None,
            address: None,
            status: TaskStatus::Provisioning,
            health: TargetState::Initial,
            created: Timestamp::now(),
            started: None,
            stopped: None,
            stopped_reason: None,
            exit_code: None,
        };
        self.with_book(|book| book.tasks.push_back(record));
        self.say(&format!("has started 1 tasks: (task {id})."));
    }

    pub(super) fn record_running(&self, id: &str, pid: Option<u32>, address: SocketAddr) {
        self.update(id, |task| {
            task.pid = pid;
            task.address = Some(address);
            task.status = TaskStatus::Running;
            task.started = Some(Timestamp::now());
        });
    }

    pub(super) fn record_deactivating(&self, id: &str) {
        self.update(id, |task| task.status = TaskStatus::Deactivating);
    }

    pub(super) fn record_stopped(&self, id: &str, reason: &str, exit_code: Option<i32>) {
        self.update(id, |task| {
            task.pid = None;
            task.status = TaskStatus::Stopped;
            task.stopped = Some(Timestamp::now());
            task.stopped_reason = Some(reason.to_owned());
            task.exit_code = exit_code;
        });
        tracing::info!(
            task.id = id,
            reason,
            exit_code,
            "task {id} of service {} has stopped: {reason}",
            self.service.name
        );
        self.with_book(|book| {
            while STOPPED_TASKS < book.tasks.iter().filter(|task| task.status == TaskStatus::Stopped).count() {
                let oldest = book.tasks.iter().position(|task| task.status == TaskStatus::Stopped);
                let Some(oldest) = oldest else { break };
                book.tasks.remove(oldest);
            }
        });
    }

    pub(super) fn register(&self, id: &str, address: SocketAddr, state: TargetState) {
        for group in &self.service.target_groups {
            self.surroundings.balancers.register(&group.arn, id, address, state);
            if state == TargetState::Initial {
                self.say(&format!("registered 1 targets in (target-group {})", group.arn));
            }
        }
        self.update(id, |task| task.health = state);
        self.note_progress();
    }

    pub(super) fn deregister(&self, id: &str) {
        for group in &self.service.target_groups {
            self.surroundings.balancers.deregister(&group.arn, id);
        }
        self.update(id, |task| task.health = TargetState::Unhealthy);
        self.note_progress();
    }

    /// An event about a failed health check, as ECS words it.
    pub(super) fn complain(&self, address: SocketAddr, group: &str, complaint: &str) {
        let port = address.port();
        self.say(&format!("(port {port}) is unhealthy in (target-group {group}) due to (reason {complaint})"));
    }

    fn note_progress(&self) {
        let healthy = self.with_book(|book| {
            let healthy =
                |task: &&TaskRecord| task.health == TargetState::Healthy && task.status == TaskStatus::Running;
            book.tasks.iter().filter(healthy).count()
        });
        let steady = u64::try_from(healthy).is_ok_and(|healthy| self.service.desired_count <= healthy);
        let changed = self.progress.send_if_modified(|progress| {
            let changed = progress.steady != steady;
            progress.steady = steady;
            if steady {
                progress.failures = 0;
            }
            changed
        });
        if changed && steady {
            self.say(&format!("(deployment {}) deployment completed.", self.service.deployment_id));
            self.say("has reached a steady state.");
        }
    }

    fn say(&self, words: &str) {
        let event = Event {
            id: uuid::Uuid::new_v4().to_string(),
            at: Timestamp::now(),
            message: format!("(service {}) {words}", self.service.name),
        };
        self.with_book(|book| {
            book.events.push_front(event);
            book.events.truncate(EVENTS);
        });
    }

    fn update(&self, id: &str, change: impl FnOnce(&mut TaskRecord)) {
        self.with_book(|book| book.tasks.iter_mut().find(|task| task.id == id).map(change));
    }

    fn with_book<R>(&self, look: impl FnOnce(&mut Book) -> R) -> R {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
