//! Queues of work and what becomes of messages that cannot be handled.

use crate::iam::{Permissions, Statement, policy_document};
use crate::kms::{Key, Via};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::sqs;

/// A queue, encrypted with a customer key, that takes nothing without TLS.
#[derive(Debug, Clone)]
pub struct Queue {
    handle: Handle<sqs::Queue>,
    name: String,
    key: Key,
}

#[derive(Debug)]
pub struct FifoQueueProps<'a> {
    /// Ends in `.fifo`.
    pub name: String,
    /// Ends in `.fifo`, since the dead letters of an ordered queue are ordered too.
    pub dead_letters: String,
    pub key: &'a Key,
    /// How often a message is handed out before it is given up.
    pub attempts: i64,
    /// How long one who took a message has for it; then another gets it.
    pub visibility_s: i64,
}

#[derive(Debug)]
pub struct DeadLettersProps<'a> {
    pub name: String,
    pub key: &'a Key,
}

/// The longest that SQS offers: time to notice and to repair.
const DEAD_LETTER_RETENTION_S: i64 = 14 * 24 * 3600;
const RETENTION_S: i64 = 4 * 24 * 3600;
/// A consumer waits for work this long at a time, the longest that SQS offers, and pays for one request.
const LONG_POLL_S: i64 = 20;
/// One call to KMS for all messages of five minutes.
const DATA_KEY_REUSE_S: i64 = 300;

impl Queue {
    /// An ordered queue within its message groups, and its dead letters.
    ///
    /// A sender names every message's deduplication id itself: two equal messages may be two wishes.
    pub fn fifo(scope: &mut Scope<'_>, id: &str, props: FifoQueueProps<'_>) -> (Self, DeadLetters) {
        let mut scope = scope.child(id);
        let dead = encrypted(&props.dead_letters, props.key, Kind::Ordered, DEAD_LETTER_RETENTION_S);
        let dead = DeadLetters { queue: Self::add(&mut scope, "DeadLetters", props.dead_letters, dead, props.key) };
        let queue = sqs::Queue {
            visibility_timeout: Some(props.visibility_s.into()),
            receive_message_wait_time_seconds: Some(LONG_POLL_S.into()),
            deduplication_scope: Some("messageGroup".into()),
            fifo_throughput_limit: Some("perMessageGroupId".into()),
            redrive_policy: Some(sqs::queue::RedrivePolicy {
                dead_letter_target_arn: Some(dead.arn()),
                max_receive_count: Some(props.attempts.into()),
            }),
            ..encrypted(&props.name, props.key, Kind::Ordered, RETENTION_S)
        };
        (Self::add(&mut scope, "Queue", props.name, queue, props.key), dead)
    }

    fn add(scope: &mut Scope<'_>, id: &str, name: String, queue: sqs::Queue, key: &Key) -> Self {
        let mut scope = scope.child(id);
        let handle = scope.add("Resource", queue);
        let policy = policy_document(&[Statement::tls_only("sqs:*", [handle.get(sqs::Queue::ARN)])]);
        scope.add("Policy", sqs::QueuePolicy::new(policy, [handle.reference()]));
        Self { handle, name, key: key.clone() }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(sqs::Queue::ARN)
    }

    #[must_use]
    pub fn url(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn grant_send(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["sqs:SendMessage"], [self.arn()]));
        self.key.grant_send(permissions, Via::Sqs);
    }

    pub fn grant_consume(&self, permissions: &mut Permissions) {
        let actions =
            ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        permissions.add(Statement::allow(actions, [self.arn()]));
        self.key.grant_decrypt(permissions, Via::Sqs);
    }
}

/// Where messages end that nobody could handle; an alarm watches it.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    queue: Queue,
}

impl DeadLetters {
    /// For what has no queue of its own: functions that are called with an event.
    pub fn new(scope: &mut Scope<'_>, id: &str, props: DeadLettersProps<'_>) -> Self {
        let queue = encrypted(&props.name, props.key, Kind::Unordered, DEAD_LETTER_RETENTION_S);
        Self { queue: Queue::add(scope, id, props.name, queue, props.key) }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.queue.arn()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        self.queue.name()
    }

    pub fn grant_send(&self, permissions: &mut Permissions) {
        self.queue.grant_send(permissions);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ordered,
    Unordered,
}

fn encrypted(name: &str, key: &Key, kind: Kind, retention_s: i64) -> sqs::Queue {
    sqs::Queue {
        queue_name: Some(name.into()),
        // `false` is not accepted: a queue that is not ordered says nothing.
        fifo_queue: (kind == Kind::Ordered).then_some(true.into()),
        kms_master_key_id: Some(key.arn()),
        kms_data_key_reuse_period_seconds: Some(DATA_KEY_REUSE_S.into()),
        message_retention_period: Some(retention_s.into()),
        ..sqs::Queue::new()
    }
}
