//! What is told to others.

use crate::charge::Charge;
use crate::inventory::Resource;
use crate::item::Item;
use crate::rules::registry::{Case, Ruling, Verdict, priced, unreadable};
use como_config::UsageKey;
use serde_json::Value as Json;

/// Where a function's failed calls end, no program asks: without a failure there is no request.
fn is_of_failed_calls(case: Case<'_, '_>, queue: &Resource<'_>) -> bool {
    case.all.is_referred_by(queue, "AWS::Lambda::Function")
}

pub(crate) fn queue(case: Case<'_, '_>) -> Ruling {
    if is_of_failed_calls(case, case.resource) {
        return Ok(Verdict::Free("a function's failed calls, which no program asks for"));
    }
    let region = case.resource.region();
    let item = if case.resource.is_true("FifoQueue") { Item::FifoRequest } else { Item::StandardRequest };
    let asked = |queue: &&Resource<'_>| queue.region() == region && !is_of_failed_calls(case, queue);
    let queues = case.all.of_kind(case.resource.kind()).filter(asked).count();
    priced([Charge::new(item, region).usage(UsageKey::QueueRequests).share(queues, "queues")])
}

/// A message is a request, and a mail to each address.
pub(crate) fn topic(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let topics = case.all.count_in(case.resource.kind(), region);
    let protocol = |subscription: &Json| subscription.get("Protocol").and_then(Json::as_str).map(str::to_owned);
    let protocols: Vec<_> = case.resource.list("Subscription").iter().map(protocol).collect();
    let requests = Charge::new(Item::Notification, region).usage(UsageKey::Notifications);
    let mut charges = vec![requests.share(topics, "topics")];
    let mails = protocols.iter().filter(|protocol| protocol.as_deref() == Some("email")).count();
    if mails < protocols.len() {
        return unreadable("Subscription", "a subscription that is no e-mail");
    }
    if 0 < mails {
        let sent = Charge::new(Item::NotificationEmail, region).usage(UsageKey::Notifications);
        charges.push(sent.share(topics, "topics").template(mails, "addresses", "Subscription"));
    }
    priced(charges)
}

pub(crate) fn sender(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let senders = case.all.count_in(case.resource.kind(), region);
    priced([Charge::new(Item::Mail, region).usage(UsageKey::Mails).share(senders, "senders")])
}

pub(crate) fn parameter(case: Case<'_, '_>) -> Ruling {
    match case.resource.text("Tier") {
        Some("Standard") | None => Ok(Verdict::Free("standard parameters are free")),
        Some(other) => unreadable("Tier", other),
    }
}
