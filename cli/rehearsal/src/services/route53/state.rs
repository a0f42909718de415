//! What Route 53 remembers.

use super::checks::Observation;
use crate::clock::Clock;
use crate::replication::regions::Regions;
use crate::services::cloudwatch::CloudWatch;
use crate::services::store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

pub(crate) struct Route53 {
    pub(super) store: Store<State>,
    pub(super) alarms: Arc<CloudWatch>,
    pub(super) clock: Arc<Clock>,
    pub(super) regions: Arc<Regions>,
    /// Of checks that ask endpoints. How they stand is in the store; what has been seen since is not.
    pub(super) observations: Mutex<BTreeMap<String, Observation>>,
    /// Counts the answers out of weighted records.
    pub(super) turn: AtomicU64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) zones: BTreeMap<String, Zone>,
    pub(super) checks: BTreeMap<String, Check>,
    /// Checks whose endpoints were not well when last asked often enough.
    #[serde(default)]
    pub(super) unwell: BTreeSet<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Zone {
    /// The stack and logical id that it was made for, or the caller's reference.
    pub(super) owner: String,
    /// With a dot at the end.
    pub(super) name: String,
    pub(super) is_private: bool,
    pub(super) records: Vec<Record>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// Nothing when a call made it.
    pub(super) owner: Option<String>,
    /// A `ResourceRecordSet` of the API, its name whole.
    pub(super) set: Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Check {
    pub(super) owner: String,
    /// A `HealthCheckConfig`.
    pub(super) config: Value,
    /// How often it was changed.
    #[serde(default)]
    pub(super) changes: u64,
}

impl Check {
    pub(super) const fn new(owner: String, config: Value) -> Self {
        Self { owner, config, changes: 0 }
    }

    pub(super) fn change(&mut self, config: Value) {
        self.config = config;
        self.changes += 1;
    }
}

impl Route53 {
    pub(crate) fn open(
        dir: &Path,
        alarms: Arc<CloudWatch>,
        clock: Arc<Clock>,
        regions: Arc<Regions>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            store: Store::open(dir.join("route53.json"))?,
            alarms,
            clock,
            regions,
            observations: Mutex::default(),
            turn: AtomicU64::new(0),
        })
    }
}

/// Names are compared in small letters and with their last dot.
pub(super) fn whole(name: &str) -> String {
    format!("{}.", name.to_lowercase().trim_end_matches('.'))
}

/// Name servers as Route 53 hands them out.
pub(super) fn name_servers(zone: &str) -> Vec<String> {
    let number = zone.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 500;
    let tops = ["com", "net", "org", "co.uk"];
    tops.iter()
        .enumerate()
        .map(|(index, top)| format!("ns-{}.awsdns-{:02}.{top}", number + 512, number % 60 + index as u32))
        .collect()
}
