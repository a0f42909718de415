//! Each operation; the result is the inside of its XML element.

use super::publish;
use super::service::{Form, Sns};
use super::state::{Subscription, Topic, invalid};
use crate::services::access;
use crate::services::wire::{ServiceError, escape};
use std::collections::BTreeMap;

/// That a topic keeps; some of them do nothing here.
const TOPIC_ATTRIBUTES: &[&str] = &[
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
];

pub(super) fn run(sns: &Sns, region: &str, action: &str, form: &Form) -> Option<Result<String, ServiceError>> {
    Some(match action {
        "CreateTopic" => create_topic(sns, region, form),
        "DeleteTopic" => required(form, "TopicArn").and_then(|arn| {
            sns.regions.of(region)?.change(|state| {
                state.remove_topic(arn);
                Ok::<_, ServiceError>(String::new())
            })
        }),
        "ListTopics" => {
            sns.regions.of(region).map_err(ServiceError::from).map(|store| {
                store.read(|state| list("Topics", state.topics.keys().map(|arn| element("TopicArn", arn))))
            })
        }
        "GetTopicAttributes" => topic_attributes(sns, region, form),
        "SetTopicAttributes" => required(form, "TopicArn").and_then(|arn| {
            let (name, value) = (required(form, "AttributeName")?, field(form, "AttributeValue"));
            if !TOPIC_ATTRIBUTES.contains(&name) {
                return Err(invalid(format!("AttributeName: the rehearsal cloud does not offer {name} of topics")));
            }
            sns.regions.of(region)?.change(|state| {
                state.topic_mut(arn)?.attributes.insert(name.to_owned(), value.to_owned());
                Ok(String::new())
            })
        }),
        "Subscribe" => {
            let attributes = pairs(form, "Attributes.entry");
            let arn = subscribe(
                sns,
                region,
                field(form, "TopicArn"),
                (field(form, "Protocol"), field(form, "Endpoint")),
                attributes,
            );
            arn.map(|(arn, is_pending)| {
                let is_wanted = field(form, "ReturnSubscriptionArn") == "true";
                let shown = if is_pending && !is_wanted { "pending confirmation" } else { &arn };
                element("SubscriptionArn", shown)
            })
        }
        "Unsubscribe" => required(form, "SubscriptionArn").and_then(|arn| {
            sns.regions.of(region)?.change(|state| {
                state.subscriptions.remove(arn);
                Ok::<_, ServiceError>(String::new())
            })
        }),
        "ListSubscriptions" | "ListSubscriptionsByTopic" => subscriptions(sns, region, form.get("TopicArn")),
        "GetSubscriptionAttributes" => subscription_attributes(sns, region, form),
        "SetSubscriptionAttributes" => required(form, "SubscriptionArn").and_then(|arn| {
            let (name, value) = (required(form, "AttributeName")?, field(form, "AttributeValue"));
            sns.regions.of(region)?.change(|state| {
                let subscription = state.subscriptions.get_mut(arn).ok_or_else(no_subscription)?;
                subscription.attributes.insert(name.to_owned(), value.to_owned());
                Ok(String::new())
            })
        }),
        "Publish" => publish::run(sns, region, form),
        "PublishBatch" => publish::run_batch(sns, region, form),
        "ListTagsForResource" => required(form, "ResourceArn").and_then(|arn| {
            sns.regions.of(region)?.read(|state| {
                let tags = state.topic(arn).map_err(no_resource)?.tags.iter();
                Ok(list("Tags", tags.map(|(key, value)| element("Key", key) + &element("Value", value))))
            })
        }),
        "TagResource" => required(form, "ResourceArn").and_then(|arn| {
            sns.regions.of(region)?.change(|state| {
                state.topic_mut(arn).map_err(no_resource)?.tags.extend(tags(form));
                Ok(String::new())
            })
        }),
        "UntagResource" => required(form, "ResourceArn").and_then(|arn| {
            let gone: Vec<&String> = (1..).map_while(|index| form.get(&format!("TagKeys.member.{index}"))).collect();
            sns.regions.of(region)?.change(|state| {
                state.topic_mut(arn).map_err(no_resource)?.tags.retain(|key, _| !gone.contains(&key));
                Ok(String::new())
            })
        }),
        _ => return None,
    })
}

fn create_topic(sns: &Sns, region: &str, form: &Form) -> Result<String, ServiceError> {
    let arn = topic_arn(sns, region, required(form, "Name")?)?;
    let attributes = pairs(form, "Attributes.entry");
    sns.regions.of(region)?.change(|state| {
        let fresh = || Topic { owner: None, attributes, tags: tags(form) };
        state.topics.entry(arn.clone()).or_insert_with(fresh);
        Ok::<_, ServiceError>(())
    })?;
    Ok(element("TopicArn", &arn))
}

pub(super) fn topic_arn(sns: &Sns, region: &str, name: &str) -> Result<String, ServiceError> {
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let letters = stem.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    if stem.is_empty() || 256 < name.len() || !letters {
        return Err(invalid("Topic Name"));
    }
    Ok(format!("arn:aws:sns:{region}:{}:{name}", sns.account))
}

/// The subscription's ARN, and whether somebody has to confirm it.
pub(super) fn subscribe(
    sns: &Sns,
    region: &str,
    topic: &str,
    (protocol, endpoint): (&str, &str),
    attributes: BTreeMap<String, String>,
) -> Result<(String, bool), ServiceError> {
    match protocol {
        "sqs" | "lambda" if !endpoint.starts_with(&format!("arn:aws:{protocol}:")) => {
            return Err(invalid(format!("{protocol} endpoint ARN")));
        }
        "sqs" | "lambda" | "email" | "email-json" => {}
        "" => return Err(invalid("Protocol")),
        other => {
            return Err(invalid(format!("the rehearsal cloud does not offer subscriptions by {other}")));
        }
    }
    let wanted = Subscription {
        topic: topic.to_owned(),
        protocol: protocol.to_owned(),
        endpoint: endpoint.to_owned(),
        attributes,
    };
    let is_pending = wanted.is_pending();
    sns.regions.of(region)?.change(|state| {
        state.topic(topic)?;
        let same = |known: &&String| {
            state.subscriptions.get(*known).is_some_and(|known| {
                known.topic == wanted.topic && known.protocol == wanted.protocol && known.endpoint == wanted.endpoint
            })
        };
        let arn = state.subscriptions.keys().find(same).cloned();
        let arn = arn.unwrap_or_else(|| format!("{topic}:{}", uuid::Uuid::new_v4()));
        state.subscriptions.insert(arn.clone(), wanted);
        Ok((arn, is_pending))
    })
}

fn topic_attributes(sns: &Sns, region: &str, form: &Form) -> Result<String, ServiceError> {
    let arn = required(form, "TopicArn")?;
    sns.regions.of(region)?.read(|state| {
        let mut attributes = state.topic(arn)?.attributes.clone();
        let own: Vec<&Subscription> = state.subscriptions.values().filter(|one| one.topic == arn).collect();
        let policy = || access::of_new_topic(arn, &sns.account).to_string();
        attributes.entry("Policy".to_owned()).or_insert_with(policy);
        let pending = own.iter().filter(|one| one.is_pending()).count();
        for (name, value) in [
            ("TopicArn", arn.to_owned()),
            ("Owner", sns.account.clone()),
            ("SubscriptionsConfirmed", (own.len() - pending).to_string()),
            ("SubscriptionsPending", pending.to_string()),
            ("SubscriptionsDeleted", "0".to_owned()),
        ] {
            attributes.insert(name.to_owned(), value);
        }
        Ok(map("Attributes", &attributes))
    })
}

fn subscription_attributes(sns: &Sns, region: &str, form: &Form) -> Result<String, ServiceError> {
    let arn = required(form, "SubscriptionArn")?;
    sns.regions.of(region)?.read(|state| {
        let subscription = state.subscriptions.get(arn).ok_or_else(no_subscription)?;
        let mut attributes = subscription.attributes.clone();
        for (name, value) in [
            ("SubscriptionArn", arn.to_owned()),
            ("TopicArn", subscription.topic.clone()),
            ("Protocol", subscription.protocol.clone()),
            ("Endpoint", subscription.endpoint.clone()),
            ("Owner", sns.account.clone()),
            ("PendingConfirmation", subscription.is_pending().to_string()),
            ("RawMessageDelivery", subscription.is_raw().to_string()),
        ] {
            attributes.insert(name.to_owned(), value);
        }
        Ok(map("Attributes", &attributes))
    })
}

fn subscriptions(sns: &Sns, region: &str, topic: Option<&String>) -> Result<String, ServiceError> {
    sns.regions.of(region)?.read(|state| {
        if let Some(topic) = topic {
            state.topic(topic)?;
        }
        let wanted = state.subscriptions.iter().filter(|(_, one)| topic.is_none_or(|topic| *topic == one.topic));
        Ok(list(
            "Subscriptions",
            wanted.map(|(arn, one)| {
                let arn = if one.is_pending() { "PendingConfirmation" } else { arn };
                element("SubscriptionArn", arn)
                    + &element("TopicArn", &one.topic)
                    + &element("Protocol", &one.protocol)
                    + &element("Endpoint", &one.endpoint)
                    + &element("Owner", &sns.account)
            }),
        ))
    })
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, ServiceError> {
    form.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| invalid(name))
}

pub(super) fn field<'a>(form: &'a Form, name: &str) -> &'a str {
    form.get(name).map_or("", String::as_str)
}

/// `<prefix>.1.key`, `<prefix>.1.value`, …
fn pairs(form: &Form, prefix: &str) -> BTreeMap<String, String> {
    let pair = |index: usize| {
        let part = |name: &str| form.get(&format!("{prefix}.{index}.{name}")).cloned();
        Some((part("key")?, part("value").unwrap_or_default()))
    };
    (1..).map_while(pair).collect()
}

fn tags(form: &Form) -> BTreeMap<String, String> {
    let tag = |index: usize| {
        let part = |name: &str| form.get(&format!("Tags.member.{index}.{name}")).cloned();
        Some((part("Key")?, part("Value").unwrap_or_default()))
    };
    (1..).map_while(tag).collect()
}

pub(super) fn element(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", escape(value))
}

pub(super) fn list(name: &str, members: impl Iterator<Item = String>) -> String {
    let members: String = members.map(|member| format!("<member>{member}</member>")).collect();
    format!("<{name}>{members}</{name}>")
}

fn map(name: &str, pairs: &BTreeMap<String, String>) -> String {
    let entry =
        |(key, value): (&String, &String)| format!("<entry>{}{}</entry>", element("key", key), element("value", value));
    let entries: String = pairs.iter().map(entry).collect();
    format!("<{name}>{entries}</{name}>")
}

fn no_subscription() -> ServiceError {
    ServiceError { status: 404, code: "NotFound".to_owned(), message: "Subscription does not exist".to_owned() }
}

fn no_resource(_: ServiceError) -> ServiceError {
    ServiceError { status: 404, code: "ResourceNotFound".to_owned(), message: "Resource does not exist".to_owned() }
}
