//! Sending a mail, and what becomes of it.

use super::service::Ses;
use super::state::{Mail, address, invalid, no_set};
use crate::services::access::Caller;
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Value, json};

const MOST_RECIPIENTS: usize = 50;

pub(super) fn send(ses: &Ses, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let from = input["FromEmailAddress"].as_str().unwrap_or_default().to_owned();
    let lists = ["ToAddresses", "CcAddresses", "BccAddresses"].map(|name| &input["Destination"][name]);
    let to: Vec<String> = lists
        .iter()
        .filter_map(|list| list.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if !input["Content"]["Template"].is_null() {
        return Err(invalid("the rehearsal cloud does not offer mails from templates"));
    }
    if input["Content"]["Simple"].is_null() && input["Content"]["Raw"].is_null() {
        return Err(invalid("Content must have Simple or Raw"));
    }
    if to.is_empty() && input["Content"]["Raw"].is_null() {
        return Err(invalid("Destination must have a recipient"));
    }
    if MOST_RECIPIENTS < to.len() {
        return Err(invalid(format!("Recipient count exceeds {MOST_RECIPIENTS}.")));
    }
    let mail = Mail {
        id: uuid::Uuid::new_v4().to_string(),
        at: Timestamp::now(),
        from,
        to,
        content: input["Content"].clone(),
        configuration_set: input["ConfigurationSetName"].as_str().map(str::to_owned),
    };
    let topics = ses.regions.of(region)?.change(|state| {
        let is_verified = state.identities_of(&mail.from).into_iter().any(|name| ses.is_verified(state, name));
        if !is_verified {
            let message = format!(
                "Email address is not verified. The following identities failed the check in region {}: {}",
                region.to_uppercase(),
                mail.from
            );
            return Err(ServiceError::new("MessageRejected", message));
        }
        let destinations = match &mail.configuration_set {
            Some(name) => state.sets.get(name).ok_or_else(|| no_set(name))?.destinations.clone(),
            None => Default::default(),
        };
        state.mails.push(mail.clone());
        Ok(destinations)
    })?;
    for (kind, detail) in events(&mail) {
        let wanted = topics.values().filter(|one| one.enabled && one.types.iter().any(|wanted| wanted == kind));
        for destination in wanted {
            let event = event(&mail, kind, detail.clone());
            let set = mail.configuration_set.as_deref().unwrap_or_default();
            let source = format!("arn:aws:ses:{region}:{}:configuration-set/{set}", ses.account);
            let caller = Caller::new("ses.amazonaws.com", &source);
            let subject = Some("Amazon SES Email Event Notification");
            if let Err(error) = ses.sns.publish_for(caller, &destination.topic, subject, &event.to_string()) {
                tracing::warn!(%error, "could not tell {} of mail {}", destination.topic, mail.id);
            }
        }
    }
    Ok(json!({ "MessageId": mail.id }))
}

/// What happens to a mail; the SES developer guide, "Using the mailbox simulator".
fn events(mail: &Mail) -> Vec<(&'static str, Value)> {
    let mut events = vec![("SEND", json!({}))];
    let (mut delivered, mut bounced, mut complained) = (Vec::new(), Vec::new(), Vec::new());
    for recipient in &mail.to {
        match address(recipient).split(['@', '+']).next().unwrap_or_default() {
            "bounce" if address(recipient).ends_with("@simulator.amazonses.com") => {
                bounced.push(json!({ "emailAddress": recipient, "action": "failed", "status": "5.1.1" }));
            }
            "complaint" if address(recipient).ends_with("@simulator.amazonses.com") => {
                delivered.push(recipient);
                complained.push(json!({ "emailAddress": recipient }));
            }
            _ => delivered.push(recipient),
        }
    }
    if !delivered.is_empty() {
        events.push(("DELIVERY", json!({ "recipients": delivered })));
    }
    if !bounced.is_empty() {
        let bounce = json!({ "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": bounced });
        events.push(("BOUNCE", bounce));
    }
    if !complained.is_empty() {
        events.push(("COMPLAINT", json!({ "complainedRecipients": complained })));
    }
    events
}

/// As SES publishes it: `{ "eventType": "Bounce", "mail": …, "bounce": … }`.
fn event(mail: &Mail, kind: &str, mut detail: Value) -> Value {
    let at = mail.at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let name = kind.to_lowercase();
    let mut letters = name.chars();
    let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    detail["timestamp"] = json!(at);
    json!({
        "eventType": title, name: detail,
        "mail": { "timestamp": at, "messageId": mail.id, "source": mail.from, "destination": mail.to },
    })
}
