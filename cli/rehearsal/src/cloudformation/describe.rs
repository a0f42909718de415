//! The operations that only read.

use super::capabilities;
use super::change_set_api::not_found;
use super::drift::DriftStatus;
use super::events::write_progress;
use super::parameters::{is_no_echo, scalar_text};
use super::stack::{OnFailure, Phase, ResourceRecord, Stack, StackEvent};
use super::store::Store;
use super::template::Template;
use super::validate;
use super::wire::{Form, QueryError, Xml, timestamp};
use como_resources::facts;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Members on one page of a list.
const PAGE: usize = 100;

pub(super) fn stacks(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let mut xml = Xml::default();
    if let Some(name) = form.get("StackName").filter(|name| !name.is_empty()) {
        let found = store.find(region, name, |stack| {
            xml.members("Stacks", [stack], |xml, stack| write_stack(xml, stack, store));
        });
        found.ok_or_else(|| QueryError::no_such_stack(name))?;
        return Ok(xml);
    }
    let mut stacks = store
        .all(|stack| (stack.pseudo.region == region && stack.status != Phase::DeleteComplete).then(|| stack.clone()));
    stacks.reverse();
    let (page, next) = from_the_newest(&stacks, form)?;
    xml.members("Stacks", page.iter().rev(), |xml, stack| write_stack(xml, stack, store));
    xml.optional("NextToken", next);
    Ok(xml)
}

fn write_stack(xml: &mut Xml, stack: &Stack, store: &Store) {
    xml.element("StackId", stack.id());
    xml.element("StackName", stack.name());
    xml.optional("Description", stack.description.as_ref());
    xml.members("Parameters", &stack.parameters, |xml, parameter| {
        xml.element("ParameterKey", &parameter.key);
        xml.element("ParameterValue", if parameter.no_echo { "****" } else { &parameter.value });
        xml.optional("ResolvedValue", parameter.resolved.as_ref().filter(|_| !parameter.no_echo));
    });
    xml.element("CreationTime", timestamp(stack.created));
    xml.optional("LastUpdatedTime", stack.updated.map(timestamp));
    xml.optional("DeletionTime", stack.deletion_time.map(timestamp));
    stack.rollback.write(xml);
    xml.element("StackStatus", stack.status.as_str());
    xml.optional("StackStatusReason", stack.status_reason.as_ref());
    xml.optional("DetailedStatus", stack.detailed_status());
    xml.boolean("DisableRollback", stack.on_failure == OnFailure::DoNothing);
    xml.strings("NotificationARNs", &stack.pseudo.notification_arns);
    xml.strings("Capabilities", &stack.capabilities);
    // A stack without outputs has no such element.
    if !stack.outputs.is_empty() {
        xml.members("Outputs", &stack.outputs, |xml, output| {
            xml.element("OutputKey", &output.key);
            xml.element("OutputValue", &output.value);
            xml.optional("Description", output.description.as_ref());
            xml.optional("ExportName", output.export_name.as_ref());
        });
    }
    xml.optional("RoleARN", stack.role_arn.as_ref());
    xml.members("Tags", &stack.tags, |xml, (key, value)| {
        xml.element("Key", key);
        xml.element("Value", value);
    });
    xml.boolean("EnableTerminationProtection", stack.termination_protection);
    write_drift(xml, "StackDriftStatus", store.drift.of_stack(stack.id()));
    write_operations(xml, stack);
}

fn write_operations(xml: &mut Xml, stack: &Stack) {
    xml.members("LastOperations", stack.last_operations(), |xml, operation| {
        xml.element("OperationType", operation.wire_type());
        xml.element("OperationId", &operation.id);
    });
}

pub(super) fn list_stacks(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let wanted: BTreeSet<String> = form.list("StackStatusFilter").into_iter().collect();
    let mut stacks = store.all(|stack| {
        let matches = wanted.is_empty() || wanted.contains(stack.status.as_str());
        (stack.pseudo.region == region && matches).then(|| stack.clone())
    });
    stacks.reverse();
    let (page, next) = from_the_newest(&stacks, form)?;
    let mut xml = Xml::default();
    xml.members("StackSummaries", page.iter().rev(), |xml, stack| {
        xml.element("StackId", stack.id());
        xml.element("StackName", stack.name());
        xml.optional("TemplateDescription", stack.description.as_ref());
        xml.element("CreationTime", timestamp(stack.created));
        xml.optional("LastUpdatedTime", stack.updated.map(timestamp));
        xml.optional("DeletionTime", stack.deletion_time.map(timestamp));
        xml.element("StackStatus", stack.status.as_str());
        xml.optional("StackStatusReason", stack.status_reason.as_ref());
        write_drift(xml, "StackDriftStatus", store.drift.of_stack(stack.id()));
        write_operations(xml, stack);
    });
    xml.optional("NextToken", next);
    Ok(xml)
}

pub(super) fn stack_events(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let name = form.required("StackName")?;
    let (id, events) = store
        .find(region, name, |stack| ((stack.name().to_owned(), stack.id().to_owned()), stack.events.clone()))
        .ok_or_else(|| QueryError::validation(format!("Stack [{name}] does not exist")))?;
    let (stack_name, stack_id) = id;
    let (page, next) = from_the_newest(&events, form)?;
    let mut xml = Xml::default();
    let write = |xml: &mut Xml, event: &StackEvent| {
        xml.element("StackId", &stack_id);
        xml.element("EventId", &event.id);
        xml.element("StackName", &stack_name);
        xml.element("OperationId", &event.operation_id);
        write_progress(xml, event);
    };
    xml.members("StackEvents", page.iter().rev(), write);
    xml.optional("NextToken", next);
    Ok(xml)
}

pub(super) fn stack_resources(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let wanted = form.get("LogicalResourceId");
    let (name, physical_id) = (form.get("StackName"), form.get("PhysicalResourceId"));
    let stack = match (name, physical_id) {
        (Some(name), _) => store.find(region, name, Stack::clone).ok_or_else(|| QueryError::no_such_stack(name))?,
        (None, Some(physical_id)) => store
            .all(|stack| {
                let owns = stack.resources.values().any(|record| record.physical_id.as_deref() == Some(physical_id));
                (owns && stack.pseudo.region == region && stack.status != Phase::DeleteComplete).then(|| stack.clone())
            })
            .into_iter()
            .next()
            .ok_or_else(|| QueryError::validation(format!("Stack for {physical_id} does not exist")))?,
        (None, None) => return Err(QueryError::validation("Either StackName or PhysicalResourceId must be specified")),
    };
    let resources = shown_resources(&stack).filter(|(id, ..)| wanted.is_none_or(|wanted| wanted == *id));
    let mut xml = Xml::default();
    xml.members("StackResources", resources.take(PAGE), |xml, (id, record, status)| {
        write_stack_of(xml, &stack);
        write_resource(xml, id, record, status, "Timestamp");
        write_drift(xml, "StackResourceDriftStatus", store.drift.of_resource(stack.id(), id));
    });
    Ok(xml)
}

pub(super) fn stack_resource(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let (name, wanted) = (form.required("StackName")?, form.required("LogicalResourceId")?);
    let stack = store
        .find(region, name, Stack::clone)
        .ok_or_else(|| QueryError::validation(format!("Stack '{name}' does not exist")))?;
    let found = shown_resources(&stack).find(|(id, ..)| *id == wanted);
    let Some((id, record, status)) = found else {
        return Err(QueryError::validation(format!("Resource {wanted} does not exist for stack {}", stack.name())));
    };
    let mut xml = Xml::default();
    xml.nested("StackResourceDetail", |xml| {
        write_stack_of(xml, &stack);
        write_resource(xml, id, record, status, "LastUpdatedTimestamp");
        write_drift(xml, "StackResourceDriftStatus", store.drift.of_resource(stack.id(), id));
    });
    Ok(xml)
}

pub(super) fn list_stack_resources(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let name = form.required("StackName")?;
    let stack = store.find(region, name, Stack::clone).ok_or_else(|| QueryError::no_such_stack(name))?;
    let resources: Vec<_> = shown_resources(&stack).collect();
    let (page, next) = page(&resources, form)?;
    let mut xml = Xml::default();
    xml.members("StackResourceSummaries", page, |xml, (id, record, status)| {
        write_resource(xml, id, record, *status, "LastUpdatedTimestamp");
        write_drift(xml, "StackResourceDriftStatus", store.drift.of_resource(stack.id(), id));
    });
    xml.optional("NextToken", next);
    Ok(xml)
}

/// Resources that CloudFormation has begun to make.
fn shown_resources(stack: &Stack) -> impl Iterator<Item = (&str, &ResourceRecord, Phase)> {
    stack.resources.iter().filter_map(|(id, record)| Some((id.as_str(), record, record.status?)))
}

fn write_stack_of(xml: &mut Xml, stack: &Stack) {
    xml.element("StackName", stack.name());
    xml.element("StackId", stack.id());
}

fn write_resource(xml: &mut Xml, id: &str, record: &ResourceRecord, status: Phase, time: &str) {
    xml.element("LogicalResourceId", id);
    xml.optional("PhysicalResourceId", record.physical_id.as_ref());
    xml.element("ResourceType", &record.resource_type);
    xml.optional(time, record.updated.map(timestamp));
    xml.element("ResourceStatus", status.as_str());
    xml.optional("ResourceStatusReason", record.status_reason.as_ref());
}

fn write_drift(xml: &mut Xml, name: &str, drift: Option<(Timestamp, DriftStatus)>) {
    xml.nested("DriftInformation", |xml| {
        xml.element(name, drift.map_or("NOT_CHECKED", |(_, status)| status.as_str()));
        xml.optional("LastCheckTimestamp", drift.map(|(at, _)| timestamp(at)));
    });
}

pub(super) fn template(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let name = form.required("StackName")?;
    let change_set = form.get("ChangeSetName").filter(|name| !name.is_empty());
    let body = store.find(region, name, |stack| match change_set {
        None => Ok(stack.template_body.clone()),
        Some(wanted) => {
            let set = stack.change_sets.values().find(|set| set.id == wanted || set.name == wanted);
            set.map(|set| set.definition.template_body.clone()).ok_or_else(|| not_found(wanted))
        }
    });
    let body = body.ok_or_else(|| QueryError::no_such_stack(name))??;
    let mut xml = Xml::default();
    xml.element("TemplateBody", body).strings("StagesAvailable", ["Original", "Processed"]);
    Ok(xml)
}

pub(super) fn template_summary(store: &Store, region: &str, form: &Form) -> Result<Xml, QueryError> {
    let body = match (form.get("TemplateBody"), form.get("StackName")) {
        (Some(body), _) => body.to_owned(),
        (None, Some(name)) => store
            .find(region, name, |stack| stack.template_body.clone())
            .ok_or_else(|| QueryError::no_such_stack(name))?,
        (None, None) => {
            return Err(QueryError::validation("Either Template URL or Template Body must be specified."));
        }
    };
    let template = Template::parse(&body)?;
    validate::check_template(&template, region)?;
    let mut xml = Xml::default();
    write_parameters(&mut xml, &template, true);
    write_capabilities(&mut xml, &template);
    xml.optional("Description", template.description.as_ref());
    let types: BTreeSet<&String> = template.resources.values().map(|resource| &resource.resource_type).collect();
    xml.strings("ResourceTypes", types);
    xml.element("Version", "2010-09-09");
    xml.optional("Metadata", validate::metadata_text(template.metadata.as_ref()));
    write_identifiers(&mut xml, &template);
    Ok(xml)
}

/// By what an import may name the resources.
fn write_identifiers(xml: &mut Xml, template: &Template) {
    let mut by_type: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (name, resource) in &template.resources {
        by_type.entry(&resource.resource_type).or_default().push(name);
    }
    xml.members("ResourceIdentifierSummaries", by_type, |xml, (resource_type, names)| {
        xml.element("ResourceType", resource_type);
        xml.strings("LogicalResourceIds", names);
        let identifier = facts::of(resource_type).map(|facts| facts.primary_identifier()).unwrap_or_default();
        xml.strings("ResourceIdentifiers", identifier);
    });
}

pub(super) fn validate_template(region: &str, form: &Form) -> Result<Xml, QueryError> {
    let body = form
        .get("TemplateBody")
        .ok_or_else(|| QueryError::validation("Either Template URL or Template Body must be specified."))?;
    let template = Template::parse(body)?;
    validate::check_template(&template, region)?;
    let mut xml = Xml::default();
    write_parameters(&mut xml, &template, false);
    write_capabilities(&mut xml, &template);
    xml.optional("Description", template.description.as_ref());
    Ok(xml)
}

fn write_parameters(xml: &mut Xml, template: &Template, with_types: bool) {
    xml.members("Parameters", &template.parameters, |xml, (key, declaration)| {
        let text = |name: &str| declaration.get(name).map(scalar_text);
        xml.element("ParameterKey", key);
        xml.optional("DefaultValue", text("Default"));
        if with_types {
            xml.optional("ParameterType", text("Type"));
        }
        xml.boolean("NoEcho", is_no_echo(declaration));
        xml.optional("Description", text("Description"));
        if with_types {
            xml.nested("ParameterConstraints", |xml| {
                if let Some(Value::Array(allowed)) = declaration.get("AllowedValues") {
                    xml.strings("AllowedValues", allowed.iter().map(scalar_text));
                }
            });
        }
    });
}

fn write_capabilities(xml: &mut Xml, template: &Template) {
    if let Some((needed, types)) = capabilities::required(template) {
        xml.strings("Capabilities", [needed]);
        let reason = format!("The following resource(s) require capabilities: [{}]", types.join(", "));
        xml.element("CapabilitiesReason", reason);
    }
}

fn token(form: &Form) -> Result<Option<usize>, QueryError> {
    let Some(token) = form.get("NextToken").filter(|token| !token.is_empty()) else { return Ok(None) };
    token.parse().map(Some).map_err(|_| QueryError::validation("Invalid NextToken"))
}

/// The page of a list whose newest members come first; `items` begins with the oldest. The token counts from the oldest,
/// so that members which come meanwhile shift no page.
pub(super) fn from_the_newest<'a, T>(items: &'a [T], form: &Form) -> Result<(&'a [T], Option<String>), QueryError> {
    let end = token(form)?.unwrap_or(items.len()).min(items.len());
    let start = end.saturating_sub(PAGE);
    Ok((items.get(start..end).unwrap_or_default(), (0 < start).then(|| start.to_string())))
}

pub(super) fn page<'a, T>(items: &'a [T], form: &Form) -> Result<(&'a [T], Option<String>), QueryError> {
    let start = token(form)?.unwrap_or(0).min(items.len());
    let end = (start + PAGE).min(items.len());
    Ok((items.get(start..end).unwrap_or_default(), (end < items.len()).then(|| end.to_string())))
}
