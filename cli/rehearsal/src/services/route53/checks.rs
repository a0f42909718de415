//! Health checks: they follow an alarm, an endpoint, or other checks.

use super::records::says;
use super::state::Route53;
use super::xml::many;
use crate::services::cloudwatch::AlarmState;
use crate::services::store::StoreError;
use crate::services::wire::ServiceError;
use serde_json::Value;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// What has been seen of an endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Observation {
    asked: Option<Instant>,
    /// Answers in a row that say the contrary of how the check stands.
    contrary: u64,
    last: Option<String>,
    pub(super) last_failure: Option<String>,
}

/// An endpoint that a check asks.
pub(crate) struct CheckTarget {
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) port: u64,
    pub(crate) path: String,
    /// Text that the answer must have.
    pub(crate) search: Option<String>,
    threshold: u64,
}

/// The shorter of Route 53's two intervals.
const SHORT_INTERVAL: Duration = Duration::from_secs(10);
/// However fast the clock, nobody here is asked more often.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// Refuses what no check here can do.
pub(super) fn offered(config: &Value) -> Result<(), ServiceError> {
    match config["Type"].as_str().unwrap_or_default() {
        "HTTP" | "HTTPS" | "HTTP_STR_MATCH" | "HTTPS_STR_MATCH" | "CLOUDWATCH_METRIC" | "CALCULATED" => Ok(()),
        other => {
            let message = format!("the rehearsal cloud does not offer health checks of type {other}");
            Err(ServiceError::new("InvalidInput", message))
        }
    }
}

impl Route53 {
    /// None for a check that does not exist.
    pub(super) fn is_healthy(&self, id: &str) -> Option<bool> {
        self.health(id, 0)
    }

    fn health(&self, id: &str, depth: usize) -> Option<bool> {
        let config = self.store.read(|state| state.checks.get(id).map(|check| check.config.clone()))?;
        // A disabled check counts as healthy, inverted or not the other way round.
        let seen = says(&config["Disabled"]) || self.seen(id, &config, depth);
        Some(seen != says(&config["Inverted"]))
    }

    fn seen(&self, id: &str, config: &Value, depth: usize) -> bool {
        match config["Type"].as_str().unwrap_or_default() {
            "CLOUDWATCH_METRIC" => {
                let alarm = &config["AlarmIdentifier"];
                let text = |name: &str| alarm[name].as_str().unwrap_or_default();
                match self.alarms.alarm(text("Region"), text("Name")) {
                    Some(AlarmState::Ok) => true,
                    Some(AlarmState::Alarm) => false,
                    // The last known status is healthy, as nothing has been known yet.
                    Some(AlarmState::InsufficientData) | None => {
                        config["InsufficientDataHealthStatus"].as_str() != Some("Unhealthy")
                    }
                }
            }
            "CALCULATED" if depth < 8 => {
                let list = &config["ChildHealthChecks"];
                let children = many(if list.is_object() { &list["ChildHealthCheck"] } else { list });
                let healthy = children.iter().filter_map(|child| child.as_str());
                let healthy = healthy.filter(|child| self.health(child, depth + 1) == Some(true)).count();
                number(&config["HealthThreshold"]).unwrap_or(1) <= u64::try_from(healthy).unwrap_or(0)
            }
            _ => self.store.read(|state| !state.unwell.contains(id)),
        }
    }

    /// The endpoints that are to be asked now, and how long to wait until the next look.
    pub(crate) fn targets(&self) -> (Vec<CheckTarget>, Duration) {
        let mut observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let targets = self.store.read(|state| {
            let asked = state.checks.iter().filter_map(|(id, check)| Some((target(id, &check.config)?, check)));
            let due = asked.filter(|(target, check)| {
                let seconds = number(&check.config["RequestInterval"]).unwrap_or(30);
                let interval = self.clock.wall(Duration::from_secs(seconds)).max(SHORTEST_INTERVAL);
                let asked = observations.get(&target.id).and_then(|observation| observation.asked);
                asked.is_none_or(|asked| interval <= now.duration_since(asked))
            });
            due.map(|(target, _)| target).collect::<Vec<_>>()
        });
        for target in &targets {
            observations.entry(target.id.clone()).or_default().asked = Some(now);
        }
        (targets, self.clock.wall(SHORT_INTERVAL).max(SHORTEST_INTERVAL))
    }

    /// Notes what came of asking an endpoint.
    pub(crate) fn observe(&self, target: &CheckTarget, outcome: Result<String, String>) -> Result<(), StoreError> {
        let is_unwell = self.store.read(|state| state.unwell.contains(&target.id));
        let fails = outcome.is_err();
        let turns = {
            let mut observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
            let observation = observations.entry(target.id.clone()).or_default();
            observation.contrary = if fails == is_unwell { 0 } else { observation.contrary + 1 };
            match outcome {
                Ok(words) => observation.last = Some(format!("Success: {words}")),
                Err(words) => {
                    observation.last = Some(format!("Failure: {words}"));
                    observation.last_failure.clone_from(&observation.last);
                }
            }
            let turns = target.threshold <= observation.contrary;
            if turns {
                observation.contrary = 0;
            }
            turns
        };
        if !turns {
            return Ok(());
        }
        tracing::info!(check = target.id, fails, "health check {} of {} has turned", target.id, target.host);
        self.store.change(|state| {
            // Gone while it was asked, perhaps.
            if fails && state.checks.contains_key(&target.id) {
                state.unwell.insert(target.id.clone());
            } else {
                state.unwell.remove(&target.id);
            }
            Ok(())
        })
    }

    /// As a checker words it.
    pub(super) fn words(&self, id: &str) -> Option<String> {
        let usual = if self.is_healthy(id)? {
            "Success: Health checkers consider it healthy"
        } else {
            "Failure: Health checkers consider it unhealthy"
        };
        let observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
        let last = observations.get(id).and_then(|observation| observation.last.clone());
        Some(last.unwrap_or_else(|| usual.to_owned()))
    }

    /// Why a check failed last; nothing if it never did since the supervisor began.
    pub(super) fn last_failure(&self, id: &str) -> Option<String> {
        let observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
        observations.get(id)?.last_failure.clone()
    }
}

/// None for checks that ask no endpoint.
fn target(id: &str, config: &Value) -> Option<CheckTarget> {
    let kind = config["Type"].as_str().filter(|kind| kind.starts_with("HTTP"))?;
    let host = config["FullyQualifiedDomainName"].as_str().or_else(|| config["IPAddress"].as_str())?;
    let port = if kind.starts_with("HTTPS") { 443 } else { 80 };
    Some(CheckTarget {
        id: id.to_owned(),
        host: host.to_lowercase(),
        port: number(&config["Port"]).unwrap_or(port),
        path: config["ResourcePath"].as_str().unwrap_or("/").to_owned(),
        search: config["SearchString"].as_str().map(str::to_owned),
        threshold: number(&config["FailureThreshold"]).unwrap_or(3),
    })
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
