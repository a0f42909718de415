//! A queue's settings: their limits, defaults and texts.

use super::message::Millis;
use crate::services::property::Properties;
use crate::services::wire::ServiceError;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) type Attributes = BTreeMap<String, String>;

/// Name, smallest, largest and default; the SQS API reference, `SetQueueAttributes`.
const NUMBERS: &[(&str, i64, i64, i64)] = &[
    ("DelaySeconds", 0, 900, 0),
    ("KmsDataKeyReusePeriodSeconds", 60, 86_400, 300),
    ("MaximumMessageSize", 1024, 1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

const TEXTS: &[&str] = &[
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
];

/// Where dead letters go, and after how many receives.
pub(super) struct Redrive {
    pub(super) target_arn: String,
    pub(super) after: u32,
}

/// Refuses what SQS would refuse.
pub(super) fn check(name: &str, attributes: &Attributes) -> Result<(), ServiceError> {
    let fifo = flag(attributes, "FifoQueue");
    let stem = name.strip_suffix(".fifo").filter(|_| fifo).unwrap_or(name);
    let letters = stem.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    if stem.is_empty() || !letters || 80 < name.len() || (fifo && stem == name) {
        let message = if fifo {
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
             .fifo suffix and be 1 to 80 in length."
        } else {
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        };
        return Err(invalid(message));
    }
    for (attribute, value) in attributes {
        let limits = NUMBERS.iter().find(|(known, ..)| known == attribute);
        match limits {
            Some((_, least, most, _)) => {
                let number = value.parse::<i64>().ok().filter(|number| least <= number && number <= most);
                number.ok_or_else(|| bad_value(attribute))?;
            }
            None if TEXTS.contains(&attribute.as_str()) => {}
            None => {
                return Err(ServiceError::new("InvalidAttributeName", format!("Unknown Attribute {attribute}.")));
            }
        }
    }
    if attributes.contains_key("FifoQueue") && !fifo {
        return Err(ServiceError::new("InvalidAttributeName", "Unknown Attribute FifoQueue."));
    }
    if !fifo && flag(attributes, "ContentBasedDeduplication") {
        return Err(ServiceError::new("InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication."));
    }
    if attributes.get("RedrivePolicy").is_some_and(|policy| !policy.is_empty()) && redrive(attributes).is_none() {
        return Err(bad_value("RedrivePolicy"));
    }
    Ok(())
}

pub(super) fn number(attributes: &Attributes, name: &str) -> i64 {
    let default = NUMBERS.iter().find(|(known, ..)| *known == name).map_or(0, |(.., default)| *default);
    attributes.get(name).and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// In milliseconds.
pub(super) fn duration(attributes: &Attributes, name: &str) -> Millis {
    number(attributes, name) * 1000
}

pub(super) fn flag(attributes: &Attributes, name: &str) -> bool {
    attributes.get(name).is_some_and(|value| value == "true")
}

pub(super) fn redrive(attributes: &Attributes) -> Option<Redrive> {
    let policy: Value = serde_json::from_str(attributes.get("RedrivePolicy")?).ok()?;
    let after = &policy["maxReceiveCount"];
    let after = after.as_u64().or_else(|| after.as_str()?.parse().ok())?;
    let after = u32::try_from(after).ok().filter(|after| (1..=1000).contains(after))?;
    Some(Redrive { target_arn: policy["deadLetterTargetArn"].as_str()?.to_owned(), after })
}

/// What `GetQueueAttributes` shows beside the counts.
pub(super) fn shown(attributes: &Attributes) -> Attributes {
    let mut all: Attributes = NUMBERS
        .iter()
        .filter(|(name, ..)| *name != "KmsDataKeyReusePeriodSeconds")
        .map(|(name, .., default)| ((*name).to_owned(), default.to_string()))
        .collect();
    if !attributes.contains_key("KmsMasterKeyId") {
        all.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
    }
    if flag(attributes, "FifoQueue") {
        for (name, value) in [
            ("ContentBasedDeduplication", "false"),
            ("DeduplicationScope", "queue"),
            ("FifoThroughputLimit", "perQueue"),
        ] {
            all.insert(name.to_owned(), value.to_owned());
        }
    }
    all.extend(attributes.iter().filter(|(_, value)| !value.is_empty()).map(|(k, v)| (k.clone(), v.clone())));
    all
}

/// Of a template's properties, where policies are objects and numbers may be texts.
pub(super) fn of_properties(properties: &Properties) -> Attributes {
    let known = NUMBERS.iter().map(|(name, ..)| *name).chain(TEXTS.iter().copied());
    known
        .filter_map(|name| Some((name, text(properties.get(name)?))))
        // CloudFormation takes `FifoQueue: false`, the API does not.
        .filter(|(name, value)| !(*name == "FifoQueue" && value == "false"))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

pub(super) fn of_wire(attributes: &Value) -> Attributes {
    let attributes = attributes.as_object().into_iter().flatten();
    attributes.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn bad_value(attribute: &str) -> ServiceError {
    ServiceError::new("InvalidAttributeValue", format!("Invalid value for the parameter {attribute}."))
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterValueException", message)
}
