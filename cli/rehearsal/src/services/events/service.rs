//! EventBridge over the wire, and for the services beside it.

use super::operations;
use super::pattern::matches;
use super::resource;
use super::state::{Rule, State};
use crate::clock::Clock;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use crate::services::adoption::Claim;
use crate::services::lambda::Lambda;
use crate::services::regional::Regional;
use crate::services::sns::Sns;
use crate::services::sqs::Sqs;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response, ServiceError};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) struct Events {
    pub(super) account: String,
    pub(super) clock: Arc<Clock>,
    /// Which regions work.
    pub(super) clouds: Arc<Regions>,
    pub(super) regions: Regional<State>,
    pub(super) sqs: Arc<Sqs>,
    pub(super) sns: Arc<Sns>,
    pub(super) lambda: Arc<Lambda>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Something that a service tells of itself.
#[derive(Debug, Clone)]
pub(crate) struct News {
    /// For example `aws.ecr`.
    pub(crate) source: &'static str,
    /// For example `ECR Image Action`.
    pub(crate) kind: &'static str,
    /// ARNs.
    pub(crate) resources: Vec<String>,
    pub(crate) detail: Value,
}

impl Events {
    /// Schedules go on. Needs a runtime.
    pub(crate) fn open(
        dir: &Path,
        account: &str,
        (clock, clouds): (Arc<Clock>, Arc<Regions>),
        (sqs, sns, lambda): (Arc<Sqs>, Arc<Sns>, Arc<Lambda>),
    ) -> Result<Arc<Self>, StoreError> {
        let events = Arc::new(Self {
            account: account.to_owned(),
            clock,
            clouds,
            regions: Regional::open(dir.join("events"))?,
            sqs,
            sns,
            lambda,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        for region in events.regions.regions() {
            for (name, rule) in events.regions.of(&region)?.read(|state| state.rules.clone()) {
                events.tick(&region, &name, &rule);
            }
        }
        Ok(events)
    }

    pub(crate) fn handle(self: &Arc<Self>, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("events", request) };
        wire::respond(wire::body(request).and_then(|input| operations::run(self, region, operation, &input)))
    }

    pub(crate) fn create(self: &Arc<Self>, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        resource::claim(self, request, claim)
    }

    pub(crate) fn update(self: &Arc<Self>, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    /// An event of AWS's own.
    pub(crate) fn announce(&self, region: &str, news: News) {
        let News { source, kind, resources, detail } = news;
        let event = self.event(region, source, kind, detail, json!(resources));
        if let Err(error) = self.put(region, &event) {
            tracing::error!(%error, region, "could not give the event {kind} to the rules");
        }
    }

    /// Gives an event to the rules that want it.
    pub(super) fn put(&self, region: &str, event: &Value) -> Result<(), ServiceError> {
        let rules = self.regions.of(region)?.read(|state| state.rules.clone());
        let wanted = |rule: &Rule| {
            let pattern = rule.pattern.as_ref().and_then(Value::as_object);
            rule.enabled && pattern.is_some_and(|pattern| matches(pattern, event))
        };
        for (name, rule) in rules.iter().filter(|(_, rule)| wanted(rule)) {
            self.send(region, name, rule, event);
        }
        Ok(())
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(super) fn arn(&self, region: &str, name: &str) -> String {
        format!("arn:aws:events:{region}:{}:rule/{name}", self.account)
    }
}
