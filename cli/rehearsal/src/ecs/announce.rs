//! What ECS tells EventBridge of a service's tasks.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html>, 2026-11

use super::describe;
use super::service::Surroundings;
use super::state::Service;
use super::task::TaskRecord;
use crate::services::events::News;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) struct Announcer {
    service: Service,
    surroundings: Arc<Surroundings>,
}

impl Announcer {
    pub(super) fn new(service: &Service, surroundings: &Arc<Surroundings>) -> Self {
        Self { service: service.clone(), surroundings: Arc::clone(surroundings) }
    }

    /// A task has got another status, `version` times by now.
    pub(super) fn task(&self, task: &TaskRecord, version: u64) {
        // Tasks that stop with the supervisor start again with it; nothing has happened to the service.
        if self.surroundings.ending.is_cancelled() {
            return;
        }
        let mut detail = describe::task(&self.service, task);
        for name in ["createdAt", "startedAt", "stoppedAt"] {
            if let Some(seconds) = detail[name].as_f64() {
                detail[name] = written(seconds);
            }
        }
        detail["version"] = json!(version);
        detail["updatedAt"] = json!(Timestamp::now().to_string());
        detail["overrides"] = json!({ "containerOverrides": [] });
        let resources = vec![task.arn.clone()];
        let news = News { source: "aws.ecs", kind: "ECS Task State Change", resources, detail };
        self.surroundings.events.announce(&self.service.region, news);
    }
}

/// Events have their times as texts.
fn written(seconds: f64) -> Value {
    match Timestamp::from_millisecond((seconds * 1000.0).round() as i64) {
        Ok(time) => json!(time.to_string()),
        Err(_) => Value::Null,
    }
}
