//! What detections found, on disk beside the stacks.

use crate::services::StoreError;
use crate::services::store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) struct DriftStore {
    pub(super) book: Store<Book>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Book {
    pub detections: BTreeMap<String, Detection>,
    /// By stack id: when it was last looked at, and how that ended.
    pub stacks: BTreeMap<String, (Timestamp, DriftStatus)>,
    /// By stack id and logical id.
    pub resources: BTreeMap<String, BTreeMap<String, ResourceDrift>>,
}

/// One run of DetectStackDrift: in progress until it has an end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Detection {
    pub stack_id: String,
    pub region: String,
    pub started: Timestamp,
    /// All resources without names.
    pub logical_ids: Vec<String>,
    pub end: Option<End>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum End {
    Complete { status: DriftStatus, drifted: usize },
    Failed { reason: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DriftStatus {
    InSync,
    Drifted,
    /// Of a resource that differs.
    Modified,
    Deleted,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ResourceDrift {
    pub logical_id: String,
    pub physical_id: String,
    pub resource_type: String,
    pub status: DriftStatus,
    pub at: Timestamp,
    pub expected: Map<String, Value>,
    pub actual: Map<String, Value>,
    pub differences: Vec<PropertyDifference>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PropertyDifference {
    /// For example `/RedrivePolicy/maxReceiveCount`.
    pub path: String,
    pub expected: Value,
    pub actual: Value,
    /// `ADD`, `REMOVE` or `NOT_EQUAL`.
    pub kind: String,
}

impl DriftStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "IN_SYNC",
            Self::Drifted => "DRIFTED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

impl DriftStore {
    pub(crate) fn open(stacks: &Path) -> Result<Self, StoreError> {
        Ok(Self { book: Store::open(stacks.join("drift").join("drift.json"))? })
    }

    /// How the last detection of a stack ended, and when.
    pub(crate) fn of_stack(&self, stack_id: &str) -> Option<(Timestamp, DriftStatus)> {
        self.book.read(|book| book.stacks.get(stack_id).copied())
    }

    pub(crate) fn of_resource(&self, stack_id: &str, logical_id: &str) -> Option<(Timestamp, DriftStatus)> {
        let of = |book: &Book| {
            let drift = book.resources.get(stack_id)?.get(logical_id)?;
            Some((drift.at, drift.status))
        };
        self.book.read(of)
    }
}
