//! What a rule's target gets, and how it reaches it.

use super::service::Events;
use super::state::Rule;
use crate::faults::Plane;
use crate::services::access::Caller;
use crate::services::sqs::Delivery;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// Refuses a target that events cannot reach here.
pub(super) fn check(target: &Value) -> Result<(), ServiceError> {
    let arn = target["Arn"].as_str().unwrap_or_default();
    match service(arn) {
        "sqs" | "sns" | "lambda" => Ok(()),
        // Another region's default bus, with a role that may put events there.
        "events" if arn.ends_with(":event-bus/default") && target["RoleArn"].is_string() => Ok(()),
        _ => {
            let message = format!(
                "the rehearsal cloud does not offer the target {arn}, only queues, topics, functions, and the default bus of another region by a role"
            );
            Err(ServiceError::new("ValidationException", message))
        }
    }
}

impl Events {
    /// Gives an event to every target of a rule. What cannot be delivered goes to the target's dead letters.
    pub(super) fn send(&self, region: &str, name: &str, rule: &Rule, event: &Value) {
        let rule_arn = self.arn(region, name);
        let caller = Caller::new("events.amazonaws.com", &rule_arn);
        for target in rule.targets.values() {
            let arn = target["Arn"].as_str().unwrap_or_default();
            if service(arn) == "events" {
                self.pass_on(region, arn, event);
                continue;
            }
            let body = input(target, event);
            let Err(error) = self.deliver(caller, arn, target, body.clone()) else { continue };
            tracing::warn!(region, rule = name, %error, "could not reach the target {arn}");
            let Some(letters) = target["DeadLetterConfig"]["Arn"].as_str() else { continue };
            let code = if error.code == "AccessDenied" { "NO_PERMISSIONS" } else { "SDK_CLIENT_ERROR" };
            let attributes = [
                ("RULE_ARN", rule_arn.as_str()),
                ("TARGET_ARN", arn),
                ("ERROR_CODE", code),
                ("ERROR_MESSAGE", error.message.as_str()),
            ];
            let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
            let attributes = attributes.map(|(name, value)| (name.to_owned(), text(value))).into_iter().collect();
            let delivery = Delivery { body, attributes, ..Delivery::default() };
            if let Err(error) = self.sqs.deliver_for(caller, letters, delivery) {
                tracing::warn!(%error, "could not reach the dead letters {letters}");
            }
        }
    }

    /// Gives the event to another region's rules, which see it as it was. One that came from elsewhere goes no further, so
    /// that no two regions send it to and fro.
    fn pass_on(&self, region: &str, bus: &str, event: &Value) {
        let there = bus.split(':').nth(3).unwrap_or_default();
        let is_own = event["region"] == region;
        if !is_own || there == region || !self.clouds.passes(region, there) || self.clouds.is_dead(there, Plane::Data) {
            tracing::warn!(region, there, "an event does not get from {region} to {there}");
            return;
        }
        if let Err(error) = self.put(there, event) {
            tracing::error!(%error, "could not give an event to the rules of {there}");
        }
    }

    fn deliver(&self, caller: Caller<'_>, arn: &str, target: &Value, body: String) -> Result<(), ServiceError> {
        match service(arn) {
            "sqs" => {
                let group = target["SqsParameters"]["MessageGroupId"].as_str().map(str::to_owned);
                self.sqs.deliver_for(caller, arn, Delivery { body, group, ..Delivery::default() })
            }
            "sns" => self.sns.publish_for(caller, arn, None, &body),
            _ => self.lambda.enqueue_for(caller, arn, &body),
        }
    }
}

/// The event, a part of it, or what the rule says instead.
fn input(target: &Value, event: &Value) -> String {
    if let Some(constant) = target["Input"].as_str() {
        return constant.to_owned();
    }
    if let Some(path) = target["InputPath"].as_str() {
        return at(event, path).to_string();
    }
    let transformer = &target["InputTransformer"];
    let Some(template) = transformer["InputTemplate"].as_str() else { return event.to_string() };
    let paths = transformer["InputPathsMap"].as_object().into_iter().flatten();
    paths.fold(template.to_owned(), |text, (name, path)| {
        let value = at(event, path.as_str().unwrap_or_default());
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("<{name}>"), &plain)
    })
}

/// `$.detail.state`
fn at<'a>(event: &'a Value, path: &str) -> &'a Value {
    let names = path.trim_start_matches('$').split('.').filter(|name| !name.is_empty());
    names.fold(event, |value, name| &value[name])
}

fn service(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}
