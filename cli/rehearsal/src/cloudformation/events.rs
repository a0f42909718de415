//! DescribeEvents: what happened, by operation.
//!
//! Operations have events of their own for their beginning and their end; between them stand those of the stack and what
//! the validation found. Types are those of AWS's service model (AWS itself was seen to send `PROGRESS` where its model
//! has `PROGRESS_EVENT`).

use super::change_set::ChangeSet;
use super::change_set_api::not_found;
use super::describe::from_the_newest;
use super::finding::ValidationFinding;
use super::operation::Operation;
use super::operations::CloudFormation;
use super::stack::{Stack, StackEvent};
use super::wire::{Form, QueryError, Xml, timestamp};
use jiff::Timestamp;

/// One member of the answer.
enum Row<'a> {
    Began(&'a Operation),
    Happened(&'a StackEvent),
    Found(&'a Operation, &'a ValidationFinding),
    Ended(&'a Operation, Timestamp),
}

impl CloudFormation {
    pub(super) fn describe_events(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let given = |name: &str| form.get(name).filter(|value| !value.is_empty());
        let (stack_name, operation_id) = (given("StackName"), given("OperationId"));
        // A bare name of a change set says nothing without its stack.
        let change_set = given("ChangeSetName").filter(|name| stack_name.is_some() || name.starts_with("arn:"));
        let only_failed = form.flag("Filters.FailedEvents") == Some(true);
        let answer = |stack: &Stack, is_meant: &dyn Fn(&Operation) -> bool| {
            let operations: Vec<&Operation> = stack.operations().into_iter().filter(|one| is_meant(one)).collect();
            write(stack, &operations, only_failed, form)
        };
        if let Some(name) = change_set {
            let of_name = |stack: &Stack| set_of(stack, name).map(|id| answer(stack, &|one| is_about(one, &id)));
            let found = match stack_name {
                Some(stack_name) => self.store.find(region, stack_name, of_name).flatten(),
                None => self.store.all(|stack| (stack.pseudo.region == region).then(|| of_name(stack))?).pop(),
            };
            return found.unwrap_or_else(|| Err(not_found(name)));
        }
        if let Some(id) = operation_id {
            let of_id = |stack: &Stack| {
                let is_meant = |one: &Operation| one.id == id;
                let is_here = stack.pseudo.region == region && stack.operations().into_iter().any(is_meant);
                is_here.then(|| answer(stack, &is_meant))
            };
            let missing = || QueryError::validation(format!("Operation [{id}] does not exist"));
            return self.store.all(of_id).pop().unwrap_or_else(|| Err(missing()));
        }
        let Some(name) = stack_name else {
            return Err(QueryError::validation("One of ChangeSetName, OperationId or StackName must be specified"));
        };
        let of_stack = |stack: &Stack| {
            // Failures are looked for in the last operation only: after a way back that went well there are none.
            let last = stack.operations().last().map(|last| last.id.clone());
            answer(stack, &|one| !only_failed || Some(&one.id) == last.as_ref())
        };
        let found = self.store.find(region, name, of_stack);
        found.unwrap_or_else(|| Err(QueryError::validation(format!("Stack [{name}] does not exist"))))
    }
}

/// The id of a change set, also of one that is gone.
fn set_of(stack: &Stack, name: &str) -> Option<String> {
    let known = |set: &&ChangeSet| set.id == name || set.name == name;
    if let Some(set) = stack.change_sets.values().find(known) {
        return Some(set.id.clone());
    }
    let of_name = format!(":changeSet/{name}/");
    let ids = stack.operations().into_iter().rev().filter_map(|one| one.change_set_id.clone());
    ids.into_iter().find(|id| id == name || id.contains(&of_name))
}

fn is_about(operation: &Operation, change_set: &str) -> bool {
    operation.change_set_id.as_deref() == Some(change_set)
}

fn write(stack: &Stack, operations: &[&Operation], only_failed: bool, form: &Form) -> Result<Xml, QueryError> {
    let mut rows: Vec<Row<'_>> = operations.iter().flat_map(|operation| rows_of(stack, operation)).collect();
    rows.retain(|row| !only_failed || row.is_failure());
    let (page, next) = from_the_newest(&rows, form)?;
    let mut xml = Xml::default();
    xml.members("OperationEvents", page.iter().rev(), |xml, row| write_row(xml, stack, row));
    xml.optional("NextToken", next);
    Ok(xml)
}

/// Oldest first. The validation comes after the stack's first event and before all others.
fn rows_of<'a>(stack: &'a Stack, operation: &'a Operation) -> Vec<Row<'a>> {
    let mut rows = vec![Row::Began(operation)];
    let mut findings = operation.findings.iter().map(|finding| Row::Found(operation, finding));
    for event in stack.events.iter().filter(|event| event.operation_id == operation.id) {
        rows.push(Row::Happened(event));
        rows.extend(findings.by_ref());
    }
    rows.extend(findings);
    rows.extend(operation.ended.map(|ended| Row::Ended(operation, ended)));
    rows
}

impl Row<'_> {
    /// Warnings count: they are why somebody looks. Ends of operations do not: they say nothing of a resource.
    fn is_failure(&self) -> bool {
        match self {
            Self::Happened(event) => is_error(event),
            Self::Found(..) => true,
            Self::Began(_) | Self::Ended(..) => false,
        }
    }
}

fn is_error(event: &StackEvent) -> bool {
    event.status.as_str().ends_with("_FAILED")
}

fn write_row(xml: &mut Xml, stack: &Stack, row: &Row<'_>) {
    match row {
        Row::Began(operation) => write_boundary(xml, stack, operation, None),
        Row::Ended(operation, at) => write_boundary(xml, stack, operation, Some(*at)),
        Row::Happened(event) => write_event(xml, stack, event),
        Row::Found(operation, finding) => write_finding(xml, stack, operation, finding),
    }
}

fn write_boundary(xml: &mut Xml, stack: &Stack, operation: &Operation, ended: Option<Timestamp>) {
    // The same event has the same id whenever it is asked for.
    let salt = if ended.is_some() { 2 } else { 1 };
    let id = uuid::Uuid::parse_str(&operation.id).unwrap_or_default();
    xml.element("EventId", uuid::Uuid::from_u128(id.as_u128() ^ salt).to_string());
    write_place(xml, stack, &operation.id);
    xml.element("OperationType", operation.wire_type());
    xml.element("OperationStatus", if ended.is_some() { operation.wire_status() } else { "IN_PROGRESS" });
    xml.element("EventType", "STACK_EVENT");
    xml.element("Timestamp", timestamp(ended.unwrap_or(operation.started)));
    xml.element("StartTime", timestamp(operation.started));
    xml.optional("EndTime", ended.map(timestamp));
}

fn write_event(xml: &mut Xml, stack: &Stack, event: &StackEvent) {
    xml.element("EventId", &event.id);
    write_place(xml, stack, &event.operation_id);
    xml.element("EventType", if is_error(event) { "PROVISIONING_ERROR" } else { "PROGRESS_EVENT" });
    write_progress(xml, event);
}

/// What `DescribeEvents` and `DescribeStackEvents` both say of an event.
pub(super) fn write_progress(xml: &mut Xml, event: &StackEvent) {
    xml.element("LogicalResourceId", &event.logical_id);
    xml.element("PhysicalResourceId", &event.physical_id);
    xml.element("ResourceType", &event.resource_type);
    xml.element("Timestamp", timestamp(event.at));
    xml.element("ResourceStatus", event.status.as_str());
    xml.optional("ResourceStatusReason", event.reason.as_ref());
    xml.optional("ClientRequestToken", event.client_token.as_ref());
    let configured = event.is_configured.then_some("CONFIGURATION_COMPLETE");
    xml.optional("DetailedStatus", event.is_validation.then_some("VALIDATION_FAILED").or(configured));
}

fn write_finding(xml: &mut Xml, stack: &Stack, operation: &Operation, finding: &ValidationFinding) {
    xml.element("EventId", &finding.id);
    write_place(xml, stack, &operation.id);
    xml.element("OperationType", operation.wire_type());
    xml.element("EventType", "VALIDATION_ERROR");
    xml.element("LogicalResourceId", &finding.logical_id);
    xml.element("PhysicalResourceId", &finding.physical_id);
    xml.element("ResourceType", &finding.resource_type);
    xml.element("Timestamp", timestamp(finding.at));
    xml.element("ValidationFailureMode", if finding.check.stops() { "FAIL" } else { "WARN" });
    xml.element("ValidationName", finding.check.name());
    xml.element("ValidationStatus", "FAILED");
    xml.element("ValidationStatusReason", &finding.reason);
    xml.element("ValidationPath", &finding.path);
}

fn write_place(xml: &mut Xml, stack: &Stack, operation_id: &str) {
    xml.element("StackId", stack.id());
    xml.element("OperationId", operation_id);
}
