//! What tells others that there is something to do: the queue of effects, and the topic of alerts for people.
//!
//! A queue is a doorbell: what there is to do stands in the journal, so a region that takes over begins with an empty one.

use crate::keys::PUBLISHERS;
use crate::naming;
use como_config::Environment;
use como_constructs::kms::Key;
use como_constructs::sns::{Topic, TopicProps};
use como_constructs::sqs::{DeadLetters, FifoQueueProps, Queue};
use como_contract::queue;
use como_core::stack::Stack;

/// What other stacks take from the messaging.
pub(crate) struct Messaging {
    pub(crate) effects: Queue,
    pub(crate) dead_effects: DeadLetters,
    /// Whatever a person should hear of.
    pub(crate) alerts: Topic,
}

/// A message is given up after so many failures; with the visibility below that is half an hour.
const ATTEMPTS: i64 = 15;
/// An effect's own deadline, with its partner calls and their retries, is shorter.
const VISIBILITY_S: i64 = 120;

/// `key` encrypts the data of the region.
pub(crate) fn messaging(environment: &Environment, key: &Key) -> (Stack, Messaging) {
    let mut stack = naming::stack(environment, "messaging", "COMO: queue of effects, topic of alerts");
    let mut scope = stack.scope();
    let name = environment.name().as_str();
    let props = FifoQueueProps {
        name: queue::effects(name),
        dead_letters: queue::dead_effects(name),
        key,
        attempts: ATTEMPTS,
        visibility_s: VISIBILITY_S,
    };
    let (effects, dead_effects) = Queue::fifo(&mut scope, "Effects", props);
    let alerts = Topic::new(
        &mut scope,
        "Alerts",
        TopicProps {
            name: naming::name(environment, "alerts"),
            key,
            publishers: &PUBLISHERS,
            emails: vec![environment.alerts().email().as_str().to_owned()],
        },
    );
    scope.share("EffectsQueueUrl", "The queue of effects", &effects.url());
    scope.share("EffectsQueueArn", "The queue of effects", &effects.arn());
    scope.share("DeadEffectsQueueArn", "Effects that could not be handled", &dead_effects.arn());
    scope.share("AlertsTopicArn", "Where alarms and bounces go", &alerts.arn());
    (stack, Messaging { effects, dead_effects, alerts })
}
