//! Tells EventBridge, and the topics that a stack names, what happens to stacks and to their resources.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-event-details.html>

use super::notification::{self, Audience};
use super::stack::StackEvent;
use crate::provision::{Notice, Provisioner};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

const STACK: &str = "AWS::CloudFormation::Stack";

/// What happened to a stack, in the order in which it did.
#[derive(Debug)]
pub(crate) struct Happening {
    pub region: String,
    pub stack_id: String,
    pub event: StackEvent,
    pub audience: Option<Audience>,
}

/// Passes on what happens until told to stop. What a killed supervisor had not passed on is lost; AWS delivers such events
/// on a best-effort basis too.
pub(super) async fn pass_on(
    mut happenings: UnboundedReceiver<Happening>,
    services: Arc<dyn Provisioner>,
    stop: CancellationToken,
) {
    while let Some(Some(happening)) = stop.run_until_cancelled(happenings.recv()).await {
        if let Some(audience) = &happening.audience {
            let text = notification::text(&happening, audience);
            for topic in &audience.topics {
                // The operation goes on whether anybody hears of it or not.
                if let Err(error) = services.publish(topic, notification::SUBJECT, &text).await {
                    let stack = &happening.stack_id;
                    tracing::warn!(stack.id = stack, topic.arn = topic, "could not tell {topic} of {stack}: {error}");
                }
            }
        }
        services.announce(notice(happening)).await;
    }
}

fn notice(happening: Happening) -> Notice {
    let Happening { region, stack_id, event, .. } = happening;
    let details = json!({ "status": event.status.as_str(), "status-reason": event.reason.unwrap_or_default() });
    let mut detail = json!({ "stack-id": stack_id, "status-details": details });
    if let Some(token) = event.client_token {
        detail["client-request-token"] = Value::from(token);
    }
    let is_stack = event.resource_type == STACK && event.physical_id == stack_id;
    if !is_stack {
        detail["logical-resource-id"] = Value::from(event.logical_id);
        detail["physical-resource-id"] = Value::from(event.physical_id);
        detail["resource-type"] = Value::from(event.resource_type);
    }
    let kind = if is_stack { "CloudFormation Stack Status Change" } else { "CloudFormation Resource Status Change" };
    Notice { region, kind, resources: vec![stack_id], detail }
}
