//! The SDK's types as the engine's.

use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types;
use como_engine::stack::{ResourceStatus, StackDescription, StackEvent, StackResource, StackStatus};
use jiff::Timestamp;
use std::collections::BTreeMap;

pub(crate) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// `None` where the service left out what every stack has.
pub(crate) fn stack(stack: &types::Stack) -> Option<StackDescription> {
    let name = stack.stack_name()?.to_owned();
    Some(StackDescription {
        id: stack.stack_id()?.to_owned(),
        name,
        status: StackStatus::from(stack.stack_status()?.as_str()),
        status_reason: stack.stack_status_reason().map(str::to_owned),
        created: stack.creation_time().and_then(timestamp),
        updated: stack.last_updated_time().and_then(timestamp),
        parameters: map(stack.parameters(), |parameter| (parameter.parameter_key(), parameter.parameter_value())),
        outputs: map(stack.outputs(), |output| (output.output_key(), output.output_value())),
        tags: map(stack.tags(), |tag| (tag.key(), tag.value())),
        termination_protection: stack.enable_termination_protection().unwrap_or_default(),
    })
}

fn map<'t, T>(items: &'t [T], entry: impl Fn(&'t T) -> (Option<&'t str>, Option<&'t str>)) -> BTreeMap<String, String> {
    let entries = items.iter().filter_map(|item| match entry(item) {
        (Some(key), Some(value)) => Some((key.to_owned(), value.to_owned())),
        _ => None,
    });
    entries.collect()
}

pub(crate) fn event(event: &types::StackEvent) -> Option<StackEvent> {
    Some(StackEvent {
        id: event.event_id()?.to_owned(),
        at: event.timestamp().and_then(timestamp),
        logical_id: event.logical_resource_id()?.to_owned(),
        physical_id: event.physical_resource_id().map(str::to_owned),
        resource_type: event.resource_type()?.to_owned(),
        status: ResourceStatus::new(event.resource_status()?.as_str()),
        reason: event.resource_status_reason().map(str::to_owned),
        token: event.client_request_token().map(str::to_owned),
    })
}

pub(crate) fn resource(resource: &types::StackResourceSummary) -> Option<StackResource> {
    Some(StackResource {
        logical_id: resource.logical_resource_id()?.to_owned(),
        physical_id: resource.physical_resource_id().map(str::to_owned),
        resource_type: resource.resource_type()?.to_owned(),
        status: ResourceStatus::new(resource.resource_status()?.as_str()),
        reason: resource.resource_status_reason().map(str::to_owned),
    })
}
