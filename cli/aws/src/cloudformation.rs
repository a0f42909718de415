//! CloudFormation.

use crate::change_set;
use crate::connect::AwsCloud;
use crate::convert;
use crate::failure::Call;
use async_trait::async_trait;
use aws_sdk_cloudformation::types::{Capability, ChangeSetType, EventFilter, Parameter, ResourceToImport, Tag};
use como_engine::change_set::ChangeSet;
use como_engine::error::CloudError;
use como_engine::port::{ChangeSetKind, Cloud, CreateChangeSet, Import, ParameterValue};
use como_engine::stack::{StackDescription, StackEvent, StackResource};

#[async_trait]
impl Cloud for AwsCloud {
    async fn stacks(&self, region: &str) -> Result<Vec<StackDescription>, CloudError> {
        let call = Call { operation: "DescribeStacks", region };
        let client = self.clients(region).cloudformation;
        let mut stacks = Vec::new();
        let mut pages = client.describe_stacks().into_paginator().items().send();
        while let Some(stack) = pages.next().await {
            let stack = stack.map_err(|error| call.failed(error))?;
            stacks.push(convert::stack(&stack).ok_or_else(|| call.unreadable("a stack without name, id or status"))?);
        }
        Ok(stacks)
    }

    async fn stack(&self, region: &str, stack: &str) -> Result<Option<StackDescription>, CloudError> {
        let call = Call { operation: "DescribeStacks", region };
        let reply = self.clients(region).cloudformation.describe_stacks().stack_name(stack).send().await;
        let reply = match reply.map_err(|error| call.failed(error)) {
            Ok(reply) => reply,
            Err(CloudError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(stack) = reply.stacks().first() else { return Ok(None) };
        let stack = convert::stack(stack).ok_or_else(|| call.unreadable("a stack without name, id or status"))?;
        Ok(Some(stack))
    }

    async fn template(&self, region: &str, stack: &str) -> Result<String, CloudError> {
        let call = Call { operation: "GetTemplate", region };
        let reply = self.clients(region).cloudformation.get_template().stack_name(stack).send().await;
        let body = reply.map_err(|error| call.failed(error))?.template_body;
        body.ok_or_else(|| call.unreadable("the reply has no template"))
    }

    async fn resources(&self, region: &str, stack: &str) -> Result<Vec<StackResource>, CloudError> {
        let call = Call { operation: "ListStackResources", region };
        let client = self.clients(region).cloudformation;
        let mut resources = Vec::new();
        let mut pages = client.list_stack_resources().stack_name(stack).into_paginator().items().send();
        while let Some(resource) = pages.next().await {
            let resource = resource.map_err(|error| call.failed(error))?;
            let resource = convert::resource(&resource);
            resources.push(resource.ok_or_else(|| call.unreadable("a resource without id, type or status"))?);
        }
        Ok(resources)
    }

    async fn events(&self, region: &str, stack: &str, after: Option<&str>) -> Result<Vec<StackEvent>, CloudError> {
        let call = Call { operation: "DescribeStackEvents", region };
        let client = self.clients(region).cloudformation;
        let mut events = Vec::new();
        let mut pages = client.describe_stack_events().stack_name(stack).into_paginator().send();
        // Newest first: pages are asked for only as far back as news goes.
        'pages: while let Some(page) = pages.next().await {
            for event in page.map_err(|error| call.failed(error))?.stack_events() {
                if after.is_some() && event.event_id() == after {
                    break 'pages;
                }
                // Events of hooks are about no resource.
                events.extend(convert::event(event));
            }
        }
        events.reverse();
        Ok(events)
    }

    async fn create_change_set(&self, region: &str, request: &CreateChangeSet) -> Result<(), CloudError> {
        let call = Call { operation: "CreateChangeSet", region };
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let parameters: Vec<Parameter> = request.parameters.iter().map(parameter).collect();
        let tags: Vec<Tag> = request.tags.iter().map(tag).collect();
        let kind = match request.kind {
            ChangeSetKind::Create => ChangeSetType::Create,
            ChangeSetKind::Update => ChangeSetType::Update,
            ChangeSetKind::Import => ChangeSetType::Import,
        };
        let imports: Vec<ResourceToImport> = request.imports.iter().map(import).collect();
        let reply = self
            .clients(region)
            .cloudformation
            .create_change_set()
            .stack_name(&request.stack)
            .change_set_name(&request.name)
            .change_set_type(kind)
            .template_body(&request.template_body)
            .set_parameters((!parameters.is_empty()).then_some(parameters))
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_resources_to_import((!imports.is_empty()).then_some(imports))
            .capabilities(Capability::CapabilityNamedIam)
            .client_token(&request.token)
            .send()
            .await;
        reply.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn change_set(&self, region: &str, stack: &str, name: &str) -> Result<Option<ChangeSet>, CloudError> {
        let call = Call { operation: "DescribeChangeSet", region };
        let client = self.clients(region).cloudformation;
        let request = client.describe_change_set().stack_name(stack).change_set_name(name);
        let mut pages = request.include_property_values(true).into_paginator().send();
        let mut set: Option<ChangeSet> = None;
        while let Some(page) = pages.next().await {
            let page = match page.map_err(|error| call.failed(error)) {
                Ok(page) => page,
                Err(CloudError::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            let changes = change_set::changes(&page).ok_or_else(|| call.unreadable("a change without id or type"))?;
            let unreadable = || call.unreadable("a change set without stack or status");
            let first = match set.take() {
                Some(set) => set,
                None => change_set::change_set(&page).ok_or_else(unreadable)?,
            };
            let changes = first.changes.into_iter().chain(changes).collect();
            set = Some(ChangeSet { changes, ..first });
        }
        if let Some(set) = &mut set
            && change_set::is_refused_by_validation(set)
            && let Some(found) = self.validation_findings(region, stack, name).await
        {
            set.reason = Some(found);
        }
        Ok(set)
    }

    async fn execute_change_set(&self, region: &str, stack: &str, name: &str, token: &str) -> Result<(), CloudError> {
        let call = Call { operation: "ExecuteChangeSet", region };
        let client = self.clients(region).cloudformation;
        let request = client.execute_change_set().stack_name(stack).change_set_name(name).client_request_token(token);
        request.send().await.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn delete_change_set(&self, region: &str, stack: &str, name: &str) -> Result<(), CloudError> {
        let call = Call { operation: "DeleteChangeSet", region };
        let client = self.clients(region).cloudformation;
        let reply = client.delete_change_set().stack_name(stack).change_set_name(name).send().await;
        match reply.map_err(|error| call.failed(error)) {
            Ok(_) | Err(CloudError::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn delete_stack(&self, region: &str, stack: &str, token: &str) -> Result<(), CloudError> {
        let call = Call { operation: "DeleteStack", region };
        let client = self.clients(region).cloudformation;
        let reply = client.delete_stack().stack_name(stack).client_request_token(token).send().await;
        reply.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn set_termination_protection(&self, region: &str, stack: &str, enabled: bool) -> Result<(), CloudError> {
        let call = Call { operation: "UpdateTerminationProtection", region };
        let client = self.clients(region).cloudformation;
        let request = client.update_termination_protection().stack_name(stack).enable_termination_protection(enabled);
        request.send().await.map(|_| ()).map_err(|error| call.failed(error))
    }
}

impl AwsCloud {
    /// What the validation of a change set found; its own reason only says that something was. `None` where that cannot
    /// be learnt: the refusal stands without.
    async fn validation_findings(&self, region: &str, stack: &str, change_set: &str) -> Option<String> {
        let client = self.clients(region).cloudformation;
        let only_failed = EventFilter::builder().failed_events(true).build();
        let request = client.describe_events().stack_name(stack).change_set_name(change_set).filters(only_failed);
        let mut pages = request.into_paginator().items().send();
        let mut lines = Vec::new();
        while let Some(event) = pages.next().await {
            lines.extend(event.ok().as_ref().and_then(change_set::finding));
        }
        (!lines.is_empty()).then(|| lines.join("; "))
    }
}

fn import(import: &Import) -> ResourceToImport {
    ResourceToImport::builder()
        .logical_resource_id(&import.logical_id)
        .resource_type(&import.resource_type)
        .resource_identifier(import.property, &import.value)
        .build()
}

fn parameter((name, value): (&String, &ParameterValue)) -> Parameter {
    let parameter = Parameter::builder().parameter_key(name);
    match value {
        ParameterValue::Value(value) => parameter.parameter_value(value).build(),
        ParameterValue::Previous => parameter.use_previous_value(true).build(),
    }
}
