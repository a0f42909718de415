//! Looks at a stack's resources as they are.

use super::compare::differences;
use super::record::{Detection, DriftStatus, End, ResourceDrift};
use crate::cloudformation::operations::CloudFormation;
use crate::cloudformation::stack::{ResourceRecord, Stack};
use crate::provision::{ProvisionError, ReadRequest, Reading};
use crate::services::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// A detection takes some seconds at AWS, more for larger stacks; an estimate.
const TAKES: Duration = Duration::from_secs(10);

impl CloudFormation {
    /// Runs a detection that is on record. A supervisor that is killed meanwhile leaves it to the next one.
    pub(super) fn launch_detection(self: &Arc<Self>, id: String, detection: Detection) {
        let cloud = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = cloud.shutdown.cancelled() => {}
                () = cloud.detect(&id, &detection) => {}
            }
        });
    }

    pub(in crate::cloudformation) fn resume_drift_detections(self: &Arc<Self>) {
        let open = self.store.drift.book.read(|book| {
            let open = book.detections.iter().filter(|(_, detection)| detection.end.is_none());
            open.map(|(id, detection)| (id.clone(), detection.clone())).collect::<Vec<_>>()
        });
        for (id, detection) in open {
            self.launch_detection(id, detection);
        }
    }

    async fn detect(&self, id: &str, detection: &Detection) {
        self.clock.wait(TAKES).await;
        let stack = self.store.read(&detection.stack_id, Stack::clone);
        let (mut drifts, mut problems) = (Vec::new(), Vec::new());
        for (logical_id, record) in stack.iter().flat_map(|stack| &stack.resources) {
            let is_wanted = detection.logical_ids.is_empty() || detection.logical_ids.contains(logical_id);
            // Who wants to know of a skipped one asks for it alone.
            // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html>
            if !is_wanted || record.is_skipped {
                continue;
            }
            match self.drift_of(&detection.region, logical_id, record).await {
                Ok(drift) => drifts.extend(drift),
                Err(error) => problems.push(format!("Failed to detect drift on resource [{logical_id}]: {error}")),
            }
        }
        let is_drifted = |drift: &&ResourceDrift| matches!(drift.status, DriftStatus::Modified | DriftStatus::Deleted);
        let drifted = drifts.iter().filter(is_drifted).count();
        let status = if drifted == 0 { DriftStatus::InSync } else { DriftStatus::Drifted };
        let end = match problems.is_empty() {
            true => End::Complete { status, drifted },
            false => End::Failed { reason: problems.join(" ") },
        };
        self.keep(&detection.stack_id, drifts, Some((id, end, status)));
    }

    /// None for what cannot be checked: its service does not tell, or it does not exist by the stack's own account.
    pub(super) async fn drift_of(
        &self,
        region: &str,
        logical_id: &str,
        record: &ResourceRecord,
    ) -> Result<Option<ResourceDrift>, ProvisionError> {
        let is_there = record.status.is_some_and(|status| {
            let status = status.as_str();
            status.ends_with("_COMPLETE") && !status.starts_with("DELETE")
        });
        let Some(physical_id) = record.physical_id.clone().filter(|_| is_there) else { return Ok(None) };
        let request = ReadRequest {
            account: self.account.clone(),
            region: region.to_owned(),
            resource_type: record.resource_type.clone(),
            physical_id: physical_id.clone(),
            properties: record.properties.clone(),
        };
        let reading = self.provisioner.read(&request).await?;
        let mut drift = ResourceDrift {
            logical_id: logical_id.to_owned(),
            physical_id,
            resource_type: record.resource_type.clone(),
            status: DriftStatus::Deleted,
            at: Timestamp::now(),
            expected: record.properties.clone(),
            actual: serde_json::Map::new(),
            differences: Vec::new(),
        };
        match reading {
            Reading::NotOffered => return Ok(None),
            Reading::Gone => {}
            Reading::Properties(actual) => {
                drift.differences = differences(&drift.expected, &actual);
                drift.expected.retain(|name, _| actual.contains_key(name));
                drift.actual = actual.into_iter().filter(|(name, _)| drift.expected.contains_key(name)).collect();
                drift.status = if drift.differences.is_empty() { DriftStatus::InSync } else { DriftStatus::Modified };
            }
        }
        Ok(Some(drift))
    }

    pub(super) fn keep(&self, stack_id: &str, drifts: Vec<ResourceDrift>, end: Option<(&str, End, DriftStatus)>) {
        let kept = self.store.drift.book.change(|book| {
            let known = book.resources.entry(stack_id.to_owned()).or_default();
            known.extend(drifts.into_iter().map(|drift| (drift.logical_id.clone(), drift)));
            if let Some((id, end, status)) = end {
                book.stacks.insert(stack_id.to_owned(), (Timestamp::now(), status));
                if let Some(detection) = book.detections.get_mut(id) {
                    detection.end = Some(end);
                }
            }
            Ok::<_, StoreError>(())
        });
        if let Err(error) = kept {
            tracing::error!(stack.id = stack_id, error = &error as &dyn std::error::Error, "could not keep a drift");
        }
    }
}
