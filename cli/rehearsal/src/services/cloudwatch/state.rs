//! Alarms and metrics of all regions.

use super::evaluation::judge;
use super::metrics::{Metrics, watched};
use super::rule;
use crate::clock::Clock;
use crate::services::property::{Properties, number, text};
use crate::services::store::{Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub(crate) struct CloudWatch {
    pub(super) account: String,
    pub(super) clock: Arc<Clock>,
    pub(super) alarms: Store<Alarms>,
    pub(super) metrics: Store<Metrics>,
    pub(super) turned: Notify,
}

/// By region and name.
pub(super) type Alarms = BTreeMap<String, BTreeMap<String, Alarm>>;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Alarm {
    /// The stack and logical id that it was made for, or the API.
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) kind: AlarmKind,
    /// Of CloudFormation and of the API alike; they have the same names.
    pub(super) properties: Properties,
    pub(super) state: AlarmState,
    pub(super) reason: String,
    pub(super) since: Timestamp,
    pub(super) configured: Timestamp,
    /// Newest first.
    pub(super) history: Vec<Change>,
    /// Of which nobody has been told yet, oldest first.
    #[serde(default)]
    pub(super) turns: Vec<Turn>,
    /// Newest first.
    #[serde(default)]
    pub(super) acts: Vec<Act>,
}

/// A change of an alarm's state, on its way to those who want to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Turn {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) from: AlarmState,
    pub(super) from_reason: String,
    pub(super) from_since: Timestamp,
    pub(super) to: AlarmState,
    pub(super) reason: String,
}

/// An action that was tried.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Act {
    pub(super) at: Timestamp,
    /// ARN.
    pub(super) target: String,
    pub(super) failure: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AlarmKind {
    Metric,
    Composite,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) at: Timestamp,
    pub(super) from: AlarmState,
    pub(super) to: AlarmState,
    pub(super) reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl AlarmState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.name() == name)
    }
}

/// As many as an alarm's history keeps here.
const HISTORY: usize = 50;

impl Alarm {
    pub(super) fn new(owner: String, arn: String, kind: AlarmKind, properties: Properties) -> Self {
        let now = Timestamp::now();
        Self {
            owner,
            arn,
            kind,
            properties,
            state: AlarmState::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            since: now,
            configured: now,
            history: Vec::new(),
            turns: Vec::new(),
            acts: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, acts: Vec<Act>) {
        self.acts.splice(0..0, acts);
        self.acts.truncate(HISTORY);
    }

    /// Whether that is another state than before.
    pub(super) fn turn(&mut self, state: AlarmState, reason: String) -> bool {
        if self.state == state {
            return false;
        }
        let at = Timestamp::now();
        self.history.insert(0, Change { at, from: self.state, to: state, reason: reason.clone() });
        self.history.truncate(HISTORY);
        let from_reason = std::mem::replace(&mut self.reason, reason.clone());
        let (id, from, from_since) = (uuid::Uuid::new_v4().to_string(), self.state, self.since);
        self.turns.push(Turn { id, at, from, from_reason, from_since, to: state, reason });
        (self.state, self.since) = (state, at);
        true
    }
}

impl CloudWatch {
    pub(crate) fn open(dir: &Path, account: &str, clock: Arc<Clock>) -> Result<Self, StoreError> {
        Ok(Self {
            account: account.to_owned(),
            clock,
            alarms: Store::open(dir.join("alarms.json"))?,
            metrics: Store::open(dir.join("metrics.json"))?,
            turned: Notify::new(),
        })
    }

    /// The state of an alarm, for a health check that follows it.
    pub(crate) fn alarm(&self, region: &str, name: &str) -> Option<AlarmState> {
        self.alarms.read(|alarms| Some(alarms.get(region)?.get(name)?.state))
    }

    /// The simulated time over which a metric alarm judges.
    pub(crate) fn window(&self, region: &str, name: &str) -> Option<Duration> {
        self.alarms.read(|alarms| {
            let alarm = alarms.get(region)?.get(name)?;
            let value = |name: &str| number(&alarm.properties, name);
            Some(Duration::from_secs(value("Period")? * value("EvaluationPeriods").unwrap_or(1)))
        })
    }

    /// The newest value of the metric that an alarm watches.
    pub(crate) fn latest(&self, region: &str, name: &str) -> Option<f64> {
        let watched = self.alarms.read(|alarms| watched(&alarms.get(region)?.get(name)?.properties))?;
        self.metrics.read(|metrics| {
            let newest = metrics.get(region)?.get(&watched)?.points.last()?;
            Some(newest.sum / newest.count)
        })
    }

    /// Judges every alarm anew; the clock may have passed a period since.
    pub(crate) fn evaluate(&self) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let verdicts: Vec<(String, String, AlarmState, String)> = self.alarms.read(|alarms| {
            self.metrics.read(|metrics| {
                let all =
                    alarms.iter().flat_map(|(region, here)| here.iter().map(move |(name, one)| (region, name, one)));
                let metric = all.filter(|(.., alarm)| alarm.kind == AlarmKind::Metric);
                let judged = metric.filter_map(|(region, name, alarm)| {
                    let (state, reason) = judge(&alarm.properties, metrics.get(region)?, &self.clock, now)?;
                    (state != alarm.state).then(|| (region.clone(), name.clone(), state, reason))
                });
                judged.collect()
            })
        });
        let judged = self.alarms.change(|alarms| {
            let mut turned = false;
            for (region, name, state, reason) in verdicts {
                if let Some(alarm) = alarms.get_mut(&region).and_then(|here| here.get_mut(&name)) {
                    turned |= alarm.turn(state, reason);
                }
            }
            for here in alarms.values_mut() {
                turned |= compose(here);
            }
            if turned { Ok(()) } else { Err(Judged::AsBefore) }
        });
        match judged {
            Ok(()) => {
                self.turned.notify_one();
                Ok(())
            }
            Err(Judged::AsBefore) => Ok(()),
            Err(Judged::Unwritten(error)) => Err(error),
        }
    }

    /// Changes alarms, and then those that are composed of them.
    pub(super) fn change<R, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Alarms) -> Result<R, E>,
    ) -> Result<R, E> {
        let result = self.alarms.change(|alarms| {
            let result = change(alarms)?;
            for here in alarms.values_mut() {
                compose(here);
            }
            Ok::<R, E>(result)
        })?;
        self.turned.notify_one();
        Ok(result)
    }
}

/// What came of judging; nothing is written when nothing has turned.
enum Judged {
    AsBefore,
    Unwritten(StoreError),
}

impl From<StoreError> for Judged {
    fn from(error: StoreError) -> Self {
        Self::Unwritten(error)
    }
}

/// Composites may hold composites, so it goes on until nothing changes; a circle ends after as many rounds as there are.
fn compose(alarms: &mut BTreeMap<String, Alarm>) -> bool {
    let mut turned = false;
    for _ in 0..alarms.len() {
        let states: BTreeMap<String, AlarmState> =
            alarms.iter().map(|(name, alarm)| (name.clone(), alarm.state)).collect();
        let mut changed = false;
        for alarm in alarms.values_mut().filter(|alarm| alarm.kind == AlarmKind::Composite) {
            let rule = text(&alarm.properties, "AlarmRule").unwrap_or_default().to_owned();
            let Ok(rings) = rule::holds(&rule, &states) else { continue };
            let state = if rings { AlarmState::Alarm } else { AlarmState::Ok };
            changed |= alarm.turn(state, format!("{} transitioned to {}: {rule}", alarm.arn, state.name()));
        }
        turned |= changed;
        if !changed {
            break;
        }
    }
    turned
}
