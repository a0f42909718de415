//! The domain that members' mails come from, and who hears of those that do not arrive.
//!
//! Each region has a sender of its own, whose signing keys stand beside the other's in the one zone.

use crate::naming;
use como_config::Environment;
use como_constructs::kms::Key;
use como_constructs::route53::HostedZone;
use como_constructs::ses::{Sender, SenderProps};
use como_constructs::sns::{Publisher, Topic, TopicProps};
use como_core::stack::Stack;

pub(crate) fn mail(environment: &Environment, zone: &HostedZone, key: &Key) -> (Stack, Sender) {
    let mut stack = naming::stack(environment, "mail", "COMO: the sender of members' mails");
    let mut scope = stack.scope();
    let events = Topic::new(
        &mut scope,
        "Events",
        TopicProps {
            name: naming::name(environment, "mail-events"),
            key,
            publishers: &[Publisher::Ses],
            emails: vec![environment.alerts().email().as_str().to_owned()],
        },
    );
    let props = SenderProps { zone, configuration_set: naming::name(environment, ""), events: &events };
    let sender = Sender::new(&mut scope, "Sender", props);
    (stack, sender)
}
