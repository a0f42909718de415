//! What a service remembers of its tasks and tells of itself; all its deployments write into one.

use super::announce::Announcer;
use super::task::{TaskRecord, TaskStatus};
use crate::router::TargetState;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

pub(super) struct Log {
    service: String,
    announcer: Announcer,
    book: Mutex<Book>,
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

impl Log {
    pub(super) fn new(service: &str, announcer: Announcer) -> Self {
        Self { service: service.to_owned(), announcer, book: Mutex::default() }
    }

    pub(super) fn tasks(&self) -> Vec<TaskRecord> {
        self.with_book(|book| book.tasks.iter().cloned().collect())
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.with_book(|book| book.events.iter().cloned().collect())
    }

    /// Tasks of a deployment that have not stopped, and those of them that are healthy.
    pub(super) fn count(&self, deployment: &str) -> (u64, u64) {
        self.with_book(|book| {
            let alive = book.tasks.iter().filter(|task| task.deployment == deployment && task.stopped.is_none());
            let healthy =
                |task: &&TaskRecord| task.health == TargetState::Healthy && task.status == TaskStatus::Running;
            let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            (count(alive.clone().count()), count(alive.filter(healthy).count()))
        })
    }

    pub(super) fn add(&self, task: TaskRecord) {
        let id = task.id.clone();
        self.announcer.task(&task, 1);
        self.with_book(|book| book.tasks.push_back(task));
        self.say(&format!("has started 1 tasks: (task {id})."));
    }

    pub(super) fn update(&self, id: &str, change: impl FnOnce(&mut TaskRecord)) {
        let turned = self.with_book(|book| {
            let turned = book.tasks.iter_mut().find(|task| task.id == id).and_then(|task| {
                let before = task.status;
                change(task);
                (task.status != before).then(|| task.clone())
            });
            while STOPPED_TASKS < book.tasks.iter().filter(|task| task.status == TaskStatus::Stopped).count() {
                let oldest = book.tasks.iter().position(|task| task.status == TaskStatus::Stopped);
                let Some(oldest) = oldest else { break };
                book.tasks.remove(oldest);
            }
            turned
        });
        if let Some(task) = turned {
            // One for each status that it has had.
            let version = match task.status {
                TaskStatus::Provisioning => 1,
                TaskStatus::Running => 2,
                TaskStatus::Deactivating => 3,
                TaskStatus::Stopped => 4,
            };
            self.announcer.task(&task, version);
        }
    }

    pub(super) fn say(&self, words: &str) {
        let event = Event {
            id: uuid::Uuid::new_v4().to_string(),
            at: Timestamp::now(),
            message: format!("(service {}) {words}", self.service),
        };
        self.with_book(|book| {
            book.events.push_front(event);
            book.events.truncate(EVENTS);
        });
    }

    fn with_book<R>(&self, look: impl FnOnce(&mut Book) -> R) -> R {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
