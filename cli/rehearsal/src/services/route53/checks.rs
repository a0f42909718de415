//! Health checks: they follow an alarm, an endpoint, or other checks.

use super::state::Route53;
use super::xml::many;
use crate::services::cloudwatch::AlarmState;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

/// What has been seen of an endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Observation {
    pub(super) is_unhealthy: bool,
    /// Answers in a row that say the contrary.
    contrary: u64,
    pub(super) last: String,
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

impl Route53 {
    /// None for a check that does not exist.
    pub(super) fn is_healthy(&self, id: &str) -> Option<bool> {
        self.health(id, 0)
    }

    fn health(&self, id: &str, depth: usize) -> Option<bool> {
        let config = self.store.read(|state| state.checks.get(id).map(|check| check.config.clone()))?;
        let says = |name: &str| config[name].as_bool().or_else(|| config[name].as_str()?.parse().ok());
        // A disabled check counts as healthy, inverted or not the other way round.
        let seen = says("Disabled").unwrap_or(false) || self.seen(id, &config, depth);
        Some(seen != says("Inverted").unwrap_or(false))
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
            _ => {
                let observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
                observations.get(id).is_none_or(|observation| !observation.is_unhealthy)
            }
        }
    }

    /// The endpoints that are to be asked, and how long to wait between two rounds.
    pub(crate) fn targets(&self) -> (Vec<CheckTarget>, Duration) {
        let targets = self.store.read(|state| {
            let asked = state.checks.iter().filter_map(|(id, check)| {
                let config = &check.config;
                let kind = config["Type"].as_str()?;
                if !kind.starts_with("HTTP") {
                    return None;
                }
                let host = config["FullyQualifiedDomainName"].as_str().or_else(|| config["IPAddress"].as_str())?;
                let port = if kind.starts_with("HTTPS") { 443 } else { 80 };
                Some(CheckTarget {
                    id: id.clone(),
                    host: host.to_lowercase(),
                    port: number(&config["Port"]).unwrap_or(port),
                    path: config["ResourcePath"].as_str().unwrap_or("/").to_owned(),
                    search: config["SearchString"].as_str().map(str::to_owned),
                    threshold: number(&config["FailureThreshold"]).unwrap_or(3),
                })
            });
            asked.collect()
        });
        // Ten seconds, the shorter of Route 53's two intervals, but nobody here asks more than once a second.
        (targets, self.clock.wall(Duration::from_secs(10)).max(Duration::from_secs(1)))
    }

    /// Notes what came of asking an endpoint.
    pub(crate) fn observe(&self, target: &CheckTarget, outcome: Result<String, String>) {
        let mut observations = self.observations.lock().unwrap_or_else(PoisonError::into_inner);
        let observation = observations.entry(target.id.clone()).or_default();
        let fails = outcome.is_err();
        observation.contrary = if fails == observation.is_unhealthy { 0 } else { observation.contrary + 1 };
        if target.threshold <= observation.contrary {
            (observation.is_unhealthy, observation.contrary) = (fails, 0);
            tracing::info!(check = target.id, fails, "health check {} of {} has turned", target.id, target.host);
        }
        observation.last = match outcome {
            Ok(words) => format!("Success: {words}"),
            Err(words) => format!("Failure: {words}"),
        };
    }

    /// As a checker words it.
    pub(super) fn words(&self, id: &str) -> Option<String> {
        let is_healthy = self.is_healthy(id)?;
        let observations: std::sync::MutexGuard<'_, BTreeMap<String, Observation>> =
            self.observations.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = if is_healthy {
            "Success: Health checkers consider it healthy"
        } else {
            "Failure: Health checkers consider it unhealthy"
        };
        Some(observations.get(id).map_or_else(|| usual.to_owned(), |observation| observation.last.clone()))
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
