//! Resource policies, where one service wants something of another's resource: a rule of a queue, an alarm of a function.
//!
//! Who calls over the wire is not asked for permissions here; between services the policy of the resource decides alone, and
//! forgetting it is a mistake that deserves to be rehearsed.

use super::events::wildcard;
use super::wire::ServiceError;
use serde_json::{Value, json};

/// A service that acts on behalf of a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    /// For example `events.amazonaws.com`.
    pub(crate) service: &'a str,
    /// Of the rule, topic or alarm.
    pub(crate) source_arn: &'a str,
}

impl<'a> Caller<'a> {
    pub(crate) const fn new(service: &'a str, source_arn: &'a str) -> Self {
        Self { service, source_arn }
    }

    fn account(&self) -> &'a str {
        self.source_arn.split(':').nth(4).unwrap_or_default()
    }

    /// CloudWatch and SES come with the account of their resource, by which a topic's first policy lets them in; EventBridge
    /// does not. The SNS developer guide, "Example cases for Amazon SNS access control".
    fn has_source_owner(&self) -> bool {
        matches!(self.service, "cloudwatch.amazonaws.com" | "ses.amazonaws.com")
    }

    /// What a condition's key says of this caller; nothing for a key that it does not bring.
    fn value(&self, key: &str) -> Option<&'a str> {
        match key.to_ascii_lowercase().as_str() {
            "aws:sourcearn" => Some(self.source_arn),
            "aws:sourceaccount" => Some(self.account()),
            "aws:sourceowner" => self.has_source_owner().then(|| self.account()),
            // Services call each other over TLS.
            "aws:securetransport" => Some("true"),
            _ => None,
        }
    }
}

/// Refuses a caller whom the policy does not let in: a statement must allow it and none may deny it.
pub(crate) fn check(policy: &Value, caller: Caller<'_>, action: &str, resource: &str) -> Result<(), ServiceError> {
    let applies = |statement: &&Value| applies(statement, caller, action, resource);
    let is = |effect: &str| list(&policy["Statement"]).filter(applies).any(|statement| statement["Effect"] == effect);
    if is("Allow") && !is("Deny") {
        return Ok(());
    }
    let Caller { service, source_arn } = caller;
    let message = format!(
        "User: {service} is not authorized to perform: {action} on resource: {resource} because no resource-based policy \
         allows the {action} action (on behalf of {source_arn})"
    );
    Err(ServiceError { status: 403, code: "AccessDenied".to_owned(), message })
}

/// The policy that a topic begins with.
pub(crate) fn of_new_topic(arn: &str, account: &str) -> Value {
    json!({ "Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": { "AWS": "*" }, "Resource": arn,
        "Action": [
            "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
            "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
        ],
        "Condition": { "StringEquals": { "AWS:SourceOwner": account } },
    }] })
}

fn applies(statement: &Value, caller: Caller<'_>, action: &str, resource: &str) -> bool {
    let principal = &statement["Principal"];
    let is_meant = principal == "*"
        || list(&principal["AWS"]).any(|one| one == "*")
        || list(&principal["Service"]).any(|one| one == caller.service);
    let fits = |patterns: &Value, text: &str| {
        let text = text.to_lowercase();
        list(patterns).filter_map(Value::as_str).any(|pattern| wildcard(&pattern.to_lowercase(), &text))
    };
    is_meant
        && fits(&statement["Action"], action)
        && (statement["Resource"].is_null() || fits(&statement["Resource"], resource))
        && statement["Condition"].as_object().into_iter().flatten().all(|(operator, keys)| {
            keys.as_object().into_iter().flatten().all(|(key, wanted)| holds(operator, caller.value(key), wanted))
        })
}

/// A condition that is not known here does not hold.
fn holds(operator: &str, value: Option<&str>, wanted: &Value) -> bool {
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let Some(value) = value else { return if_exists || operator.contains("Not") };
    let any = |fits: &dyn Fn(&str) -> bool| {
        list(wanted).any(|one| match one {
            Value::String(text) => fits(text),
            other => fits(&other.to_string()),
        })
    };
    match operator {
        "ArnEquals" | "ArnLike" | "StringLike" => any(&|pattern| wildcard(pattern, value)),
        "StringEquals" | "Bool" => any(&|text| text == value),
        "StringEqualsIgnoreCase" => any(&|text| text.eq_ignore_ascii_case(value)),
        "ArnNotEquals" | "ArnNotLike" | "StringNotLike" => !any(&|pattern| wildcard(pattern, value)),
        "StringNotEquals" => !any(&|text| text == value),
        _ => false,
    }
}

/// One, or several.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    let (one, several) = match value {
        Value::Array(several) => (None, several.as_slice()),
        Value::Null => (None, [].as_slice()),
        one => (Some(one), [].as_slice()),
    };
    one.into_iter().chain(several)
}

#[cfg(test)]
mod tests {
    use super::{Caller, check, of_new_topic};
    use serde_json::{Value, json};

    const RULE: &str = "arn:aws:events:here:123:rule/r";
    const QUEUE: &str = "arn:aws:sqs:here:123:q";

    fn allows(statements: Value) -> bool {
        let caller = Caller::new("events.amazonaws.com", RULE);
        check(&json!({ "Statement": statements }), caller, "sqs:SendMessage", QUEUE).is_ok()
    }

    fn with(more: Value) -> Value {
        let mut statement = json!({
            "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sqs:SendMessage",
            "Resource": QUEUE,
        });
        for (name, value) in more.as_object().unwrap() {
            statement[name] = value.clone();
        }
        statement
    }

    #[test]
    fn a_statement_lets_in_whom_it_names_and_as_it_says() {
        assert!(allows(with(json!({}))));
        assert!(!allows(json!([])));
        assert!(allows(with(json!({ "Principal": "*", "Action": ["SQS:*"], "Resource": "*" }))));
        assert!(!allows(with(json!({ "Principal": { "Service": ["sns.amazonaws.com"] } }))));
        assert!(!allows(with(json!({ "Action": "sqs:ReceiveMessage" }))));
        assert!(!allows(with(json!({ "Resource": "arn:aws:sqs:here:123:other" }))));
        assert!(allows(with(json!({ "Condition": { "ArnEquals": { "aws:SourceArn": RULE } } }))));
        assert!(!allows(with(json!({ "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:events:there:*" } } }))));
        assert!(!allows(with(json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-1" } } }))));
        let plain = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": false } } });
        assert!(allows(json!([with(json!({})), plain])));
        let nobody = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*" });
        assert!(!allows(json!([with(json!({})), nobody])));
    }

    #[test]
    fn a_new_topic_lets_in_the_services_that_say_whose_they_are() {
        let topic = "arn:aws:sns:here:123:t";
        for (service, expected) in [("cloudwatch.amazonaws.com", true), ("events.amazonaws.com", false)] {
            let caller = Caller::new(service, "arn:aws:cloudwatch:here:123:alarm:a");
            assert_eq!(check(&of_new_topic(topic, "123"), caller, "sns:Publish", topic).is_ok(), expected, "{service}");
        }
    }
}
