//! The operations on drift.

use super::record::{Detection, DriftStatus, End, ResourceDrift};
use crate::cloudformation::operations::CloudFormation;
use crate::cloudformation::stack::{Phase, Stack};
use crate::cloudformation::wire::{Form, QueryError, Xml, timestamp};
use crate::services::StoreError;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// Members on one page, as AWS has it.
const PAGE: usize = 100;

impl CloudFormation {
    pub(in crate::cloudformation) fn detect_stack_drift(
        self: &Arc<Self>,
        region: &str,
        form: &Form,
    ) -> Result<Xml, QueryError> {
        let stack = self.drifting(region, form)?;
        let logical_ids = form.list("LogicalResourceIds");
        if let Some(unknown) = logical_ids.iter().find(|id| !stack.resources.contains_key(*id)) {
            return Err(no_such_resource(unknown, &stack));
        }
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/detect-drift-stack.html>
        if !stack.status.is_stable() && stack.status != Phase::UpdateRollbackFailed {
            return Err(QueryError::validation(format!(
                "Drift detection cannot be performed on stack [{}] while it is in {} state.",
                stack.id(),
                stack.status.as_str()
            )));
        }
        let detection = Detection {
            stack_id: stack.id().to_owned(),
            region: region.to_owned(),
            started: Timestamp::now(),
            logical_ids,
            end: None,
        };
        let id = uuid::Uuid::new_v4().to_string();
        let kept = self.store.drift.book.change(|book| {
            let runs = |one: &Detection| one.stack_id == detection.stack_id && one.end.is_none();
            if book.detections.values().any(runs) {
                return Ok(false);
            }
            book.detections.insert(id.clone(), detection.clone());
            Ok::<_, StoreError>(true)
        });
        if !kept.map_err(|error| QueryError::internal(error.to_string()))? {
            let message = format!("Drift detection is already in progress for stack [{}]", stack.id());
            return Err(QueryError::validation(message));
        }
        self.launch_detection(id.clone(), detection);
        let mut xml = Xml::default();
        xml.element("StackDriftDetectionId", id);
        Ok(xml)
    }

    pub(in crate::cloudformation) fn describe_drift_detection(
        &self,
        region: &str,
        form: &Form,
    ) -> Result<Xml, QueryError> {
        let id = form.required("StackDriftDetectionId")?;
        let found = self.store.drift.book.read(|book| book.detections.get(id).cloned());
        let detection = found.filter(|detection| detection.region == region).ok_or_else(|| {
            QueryError::validation(format!("Drift detection status for detection Id [{id}] does not exist"))
        })?;
        let mut xml = Xml::default();
        xml.element("StackId", &detection.stack_id).element("StackDriftDetectionId", id);
        match &detection.end {
            None => {
                xml.element("DetectionStatus", "DETECTION_IN_PROGRESS");
            }
            Some(End::Complete { status, drifted }) => {
                xml.element("DetectionStatus", "DETECTION_COMPLETE").element("StackDriftStatus", status.as_str());
                xml.element("DriftedStackResourceCount", drifted.to_string());
            }
            Some(End::Failed { reason }) => {
                xml.element("DetectionStatus", "DETECTION_FAILED").element("DetectionStatusReason", reason);
            }
        }
        xml.element("Timestamp", timestamp(detection.started));
        Ok(xml)
    }

    pub(in crate::cloudformation) fn describe_resource_drifts(
        &self,
        region: &str,
        form: &Form,
    ) -> Result<Xml, QueryError> {
        let stack = self.drifting(region, form)?;
        let wanted = form.list("StackResourceDriftStatusFilters");
        let found = self.store.drift.book.read(|book| book.resources.get(stack.id()).cloned().unwrap_or_default());
        // What the stack does not have any more has no drift.
        let mut drifts: Vec<ResourceDrift> =
            found.into_values().filter(|drift| stack.resources.contains_key(&drift.logical_id)).collect();
        drifts.retain(|drift| wanted.is_empty() || wanted.iter().any(|status| status == drift.status.as_str()));
        let start: usize = match form.get("NextToken") {
            None | Some("") => 0,
            Some(token) => token.parse().map_err(|_| QueryError::validation("Invalid NextToken"))?,
        };
        let size = form.get("MaxResults").and_then(|size| size.parse().ok()).unwrap_or(PAGE).clamp(1, PAGE);
        let mut xml = Xml::default();
        let page = drifts.iter().skip(start).take(size);
        xml.members("StackResourceDrifts", page, |xml, drift| write(xml, stack.id(), drift));
        let end = start + size;
        xml.optional("NextToken", (end < drifts.len()).then(|| end.to_string()));
        Ok(xml)
    }

    pub(in crate::cloudformation) async fn detect_stack_resource_drift(
        &self,
        region: &str,
        form: &Form,
    ) -> Result<Xml, QueryError> {
        let stack = self.drifting(region, form)?;
        let logical_id = form.required("LogicalResourceId")?;
        let record = stack.resources.get(logical_id).ok_or_else(|| no_such_resource(logical_id, &stack))?;
        let drift = self.drift_of(region, logical_id, record).await;
        let drift = drift.map_err(|error| QueryError::validation(error.to_string()))?;
        let drift = drift.ok_or_else(|| {
            QueryError::validation(format!(
                "Drift detection is not supported for resource [{logical_id}] of type {}",
                record.resource_type
            ))
        })?;
        self.keep(stack.id(), vec![drift.clone()], None);
        let mut xml = Xml::default();
        xml.nested("StackResourceDrift", |xml| write(xml, stack.id(), &drift));
        Ok(xml)
    }

    fn drifting(&self, region: &str, form: &Form) -> Result<Stack, QueryError> {
        let name = form.required("StackName")?;
        let found = self.store.find(region, name, Stack::clone);
        found.ok_or_else(|| QueryError::validation(format!("Stack [{name}] does not exist")))
    }
}

fn write(xml: &mut Xml, stack_id: &str, drift: &ResourceDrift) {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    xml.element("StackId", stack_id).element("LogicalResourceId", &drift.logical_id);
    xml.element("PhysicalResourceId", &drift.physical_id).element("ResourceType", &drift.resource_type);
    if matches!(drift.status, DriftStatus::InSync | DriftStatus::Modified) {
        xml.element("ExpectedProperties", Value::Object(drift.expected.clone()).to_string());
        xml.element("ActualProperties", Value::Object(drift.actual.clone()).to_string());
        xml.members("PropertyDifferences", &drift.differences, |xml, difference| {
            xml.element("PropertyPath", &difference.path);
            xml.element("ExpectedValue", shown(&difference.expected));
            xml.element("ActualValue", shown(&difference.actual));
            xml.element("DifferenceType", &difference.kind);
        });
    }
    xml.element("StackResourceDriftStatus", drift.status.as_str());
    xml.element("Timestamp", timestamp(drift.at));
}

fn no_such_resource(logical_id: &str, stack: &Stack) -> QueryError {
    QueryError::validation(format!("Resource {logical_id} does not exist for stack {}", stack.name()))
}
