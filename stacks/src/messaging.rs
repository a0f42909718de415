//! What tells others that there is something to do: the queue of effects, and the topic of alerts for people; and the alarms
//! over the queue, which must ring in a stand-in too while nothing there takes from it.
//!
//! A queue is a doorbell: what there is to do stands in the journal, so a region that takes over begins with an empty one.

use crate::keys::PUBLISHERS;
use crate::naming;
use como_config::Environment;
use como_constructs::cloudwatch::{Alarm, AlarmProps, Metric, Statistic, When, WithoutData};
use como_constructs::kms::Key;
use como_constructs::sns::{Topic, TopicProps};
use como_constructs::sqs::{DeadLetters, FifoQueueProps, Queue};
use como_contract::queue;
use como_core::stack::{Scope, Stack};

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
/// An effect that is older than this waits for somebody.
const OLD_EFFECT_S: f64 = 600.0;

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
    let messaging = Messaging { effects, dead_effects, alerts };
    alarms(&mut scope, environment, &messaging);
    (stack, messaging)
}

fn alarms(scope: &mut Scope<'_>, environment: &Environment, messaging: &Messaging) {
    let Messaging { effects, dead_effects, alerts } = messaging;
    let old = AlarmProps {
        name: naming::name(environment, "effects-old"),
        description: "Effects wait too long: a partner is down, or nobody takes them from the queue".to_owned(),
        measure: metric(effects.name(), "ApproximateAgeOfOldestMessage").into(),
        when: When::AtLeast(OLD_EFFECT_S),
        minutes: 3,
        of: 5,
        without_data: WithoutData::Fine,
        tell: Some(alerts),
    };
    let dead = AlarmProps {
        name: naming::name(environment, "effects-dead"),
        description: "An effect could not be handled: its journal says what is open".to_owned(),
        measure: metric(dead_effects.name(), "ApproximateNumberOfMessagesVisible").into(),
        when: When::AtLeast(1.0),
        minutes: 1,
        of: 1,
        without_data: WithoutData::Unchanged,
        tell: Some(alerts),
    };
    let mut scope = scope.child("Effects");
    for (id, props) in [("Old", old), ("Dead", dead)] {
        Alarm::new(&mut scope, id, props);
    }
}

/// What SQS measures of a queue, at its worst.
pub(crate) fn metric(queue: &str, name: &'static str) -> Metric {
    Metric { namespace: "AWS/SQS", name, statistic: Statistic::Maximum, dimensions: vec![("QueueName", queue.into())] }
}
