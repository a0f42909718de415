//! What watches the others: alarms, health checks, and the names that lead by them.

use super::cloudwatch::{Bells, CloudWatch};
use super::route53::{CheckTarget, Route53};
use super::store::StoreError;
use crate::clock::Clock;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use crate::router::RestApis;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) struct Watching {
    pub(crate) cloudwatch: Arc<CloudWatch>,
    pub(crate) route53: Arc<Route53>,
    closing: CancellationToken,
    work: TaskTracker,
}

/// Who answers for a resource type.
enum Owner {
    CloudWatch,
    Route53,
}

impl Owner {
    fn of(resource_type: &str) -> Option<Self> {
        match resource_type {
            "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => Some(Self::CloudWatch),
            "AWS::Route53::HealthCheck" | "AWS::Route53::HostedZone" | "AWS::Route53::RecordSet" => Some(Self::Route53),
            _ => None,
        }
    }
}

/// Route 53's checkers wait four seconds for a connection and two for an answer; beside it is quicker.
const CHECK_TIMEOUT: Duration = Duration::from_secs(4);

impl Watching {
    pub(crate) fn open(
        dir: &Path,
        account: &str,
        clock: &Arc<Clock>,
        regions: &Arc<Regions>,
    ) -> Result<Self, StoreError> {
        let cloudwatch = Arc::new(CloudWatch::open(dir, account, Arc::clone(clock))?);
        let route53 = Route53::open(dir, Arc::clone(&cloudwatch), Arc::clone(clock), Arc::clone(regions))?;
        let route53 = Arc::new(route53);
        Ok(Self { cloudwatch, route53, closing: CancellationToken::new(), work: TaskTracker::new() })
    }

    /// Looks at alarms and endpoints from now on, and tells of alarms that turn.
    pub(crate) fn start(&self, client: reqwest::Client, apis: Arc<RestApis>, bells: Bells, regions: Arc<Regions>) {
        self.work.spawn(Arc::clone(&self.cloudwatch).announce_until(bells, regions, self.closing.clone()));
        let round =
            Round { cloudwatch: Arc::clone(&self.cloudwatch), route53: Arc::clone(&self.route53), client, apis };
        let closing = self.closing.clone();
        self.work.spawn(async move {
            loop {
                let (targets, interval) = round.route53.targets();
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = round.run(targets) => {}
                }
                tokio::select! {
                    () = closing.cancelled() => return,
                    () = tokio::time::sleep(interval) => {}
                }
            }
        });
        self.work.close();
    }

    pub(crate) async fn stop(&self) {
        self.closing.cancel();
        self.work.wait().await;
    }

    pub(crate) fn owns(resource_type: &str) -> bool {
        Owner::of(resource_type).is_some()
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::CloudWatch) => self.cloudwatch.create(request),
            Some(Owner::Route53) => self.route53.create(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.wanted.resource_type) {
            Some(Owner::CloudWatch) => self.cloudwatch.update(request),
            Some(Owner::Route53) => self.route53.update(request),
            None => Err(not_offered(&request.wanted.resource_type)),
        }
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::CloudWatch) => self.cloudwatch.delete(request),
            Some(Owner::Route53) => self.route53.delete(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }
}

/// What one look needs.
struct Round {
    cloudwatch: Arc<CloudWatch>,
    route53: Arc<Route53>,
    client: reqwest::Client,
    apis: Arc<RestApis>,
}

impl Round {
    async fn run(&self, targets: Vec<CheckTarget>) {
        if let Err(error) = self.cloudwatch.evaluate() {
            tracing::error!(%error, "could not keep the states of the alarms");
        }
        let asked = targets.iter().map(|target| async move {
            let outcome = self.ask(target).await;
            if let Err(error) = self.route53.observe(target, outcome) {
                tracing::error!(check = target.id, %error, "could not keep the state of health check {}", target.id);
            }
        });
        futures_util::future::join_all(asked).await;
    }

    async fn ask(&self, target: &CheckTarget) -> Result<String, String> {
        let is_local = target.host == "127.0.0.1" || target.host == "localhost";
        let url = match self.apis.leads_to(&target.host, &target.path) {
            Some((port, path)) => format!("http://127.0.0.1:{port}{path}"),
            None if is_local => format!("http://127.0.0.1:{}{}", target.port, target.path),
            None => return Err("DNS resolution failed: the rehearsal cloud has no such name".to_owned()),
        };
        let request = self.client.get(url).timeout(CHECK_TIMEOUT);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        // The text is looked for in the first 5,120 bytes.
        let body = answer.bytes().await.unwrap_or_default();
        let found = target
            .search
            .as_ref()
            .is_none_or(|text| String::from_utf8_lossy(body.get(..5120).unwrap_or(&body)).contains(text.as_str()));
        let words = format!("HTTP Status Code {}, {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        if (status.is_success() || status.is_redirection()) && found { Ok(words) } else { Err(words) }
    }
}

fn not_offered(resource_type: &str) -> ProvisionError {
    ProvisionError::Refused { message: format!("the rehearsal cloud does not offer {resource_type}") }
}
