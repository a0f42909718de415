//! CloudFormation.

use crate::connect::AwsCloud;
use crate::convert;
use crate::failure::Call;
use async_trait::async_trait;
use aws_sdk_cloudformation::types::{Capability, OnFailure, Parameter, Tag};
use como_engine::error::CloudError;
use como_engine::port::{Cloud, CreateStack};
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

    async fn create_stack(&self, region: &str, request: &CreateStack) -> Result<String, CloudError> {
        let call = Call { operation: "CreateStack", region };
        let parameter =
            |(key, value): (&String, &String)| Parameter::builder().parameter_key(key).parameter_value(value).build();
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let parameters: Vec<Parameter> = request.parameters.iter().map(parameter).collect();
        let tags: Vec<Tag> = request.tags.iter().map(tag).collect();
        let reply = self
            .clients(region)
            .cloudformation
            .create_stack()
            .stack_name(&request.name)
            .template_body(&request.template_body)
            .set_parameters((!parameters.is_empty()).then_some(parameters))
            .set_tags((!tags.is_empty()).then_some(tags))
            .capabilities(Capability::CapabilityNamedIam)
            .on_failure(OnFailure::Rollback)
            .enable_termination_protection(request.termination_protection)
            .client_request_token(&request.token)
            .send()
            .await;
        let id = reply.map_err(|error| call.failed(error))?.stack_id;
        id.ok_or_else(|| call.unreadable("the reply has no stack id"))
    }

    async fn delete_stack(&self, region: &str, stack: &str, token: &str) -> Result<(), CloudError> {
        let call = Call { operation: "DeleteStack", region };
        let client = self.clients(region).cloudformation;
        let reply = client.delete_stack().stack_name(stack).client_request_token(token).send().await;
        reply.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn disable_termination_protection(&self, region: &str, stack: &str) -> Result<(), CloudError> {
        let call = Call { operation: "UpdateTerminationProtection", region };
        let client = self.clients(region).cloudformation;
        let request = client.update_termination_protection().stack_name(stack).enable_termination_protection(false);
        request.send().await.map(|_| ()).map_err(|error| call.failed(error))
    }
}
