//! What Stripe keeps. Amounts are in the currency's smallest unit.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::stripe::cards::Card;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) behaviour: Behaviour,
    pub(super) sessions: IndexMap<String, Session>,
    pub(super) intents: IndexMap<String, Intent>,
    pub(super) charges: IndexMap<String, Charge>,
    pub(super) refunds: IndexMap<String, Refund>,
    pub(super) events: IndexMap<String, Event>,
    /// Events that nobody has been sent yet, oldest first.
    pub(super) unsent: Vec<String>,
    /// By idempotency key.
    pub(super) replies: BTreeMap<String, StoredReply>,
    pub(super) webhooks: WebhookSettings,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Behaviour {
    /// How long an authorisation lasts without being captured.
    pub(super) capture_window_s: i64,
    /// When a refund that does not end at once ends.
    pub(super) refund_settles_s: i64,
    /// How long a key's reply is kept.
    pub(super) keys_kept_s: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) status: SessionStatus,
    pub(super) currency: String,
    pub(super) lines: Vec<Line>,
    pub(super) success_url: String,
    pub(super) cancel_url: Option<String>,
    pub(super) client_reference_id: Option<String>,
    pub(super) customer_email: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) intent_metadata: BTreeMap<String, String>,
    pub(super) capture_method: CaptureMethod,
    pub(super) intent: Option<String>,
    pub(super) page: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) unit_amount: i64,
    pub(super) quantity: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CaptureMethod {
    #[serde(rename = "automatic_async")]
    Automatic,
    Manual,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) capture_method: CaptureMethod,
    pub(super) status: IntentStatus,
    pub(super) amount_received: i64,
    pub(super) metadata: BTreeMap<String, String>,
    /// The card that will be charged once it is confirmed or authenticated.
    pub(super) card: Option<Card>,
    pub(super) charge: Option<String>,
    pub(super) cancelled_at: Option<Timestamp>,
    pub(super) cancellation_reason: Option<String>,
    pub(super) last_error: Option<Value>,
    pub(super) session: Option<String>,
    pub(super) origin: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Succeeded,
    Canceled,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Charge {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) intent: String,
    pub(super) amount: i64,
    pub(super) amount_captured: i64,
    pub(super) amount_refunded: i64,
    pub(super) currency: String,
    pub(super) card: Card,
    pub(super) capture_before: Option<Timestamp>,
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) intent: String,
    pub(super) charge: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: RefundStatus,
    pub(super) reason: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    /// When it changes by itself, and to what.
    pub(super) settles: Option<(Timestamp, RefundStatus)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) kind: String,
    /// As it was then.
    pub(super) object: Value,
    /// The key of the request that caused it.
    pub(super) key: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredReply {
    pub(super) at: Timestamp,
    pub(super) fingerprint: String,
    pub(super) status: u16,
    pub(super) body: Value,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct WebhookSettings {
    #[serde(default)]
    pub(super) endpoints: Vec<Endpoint>,
    /// Events wait until somebody has them delivered.
    #[serde(default)]
    pub(super) held: bool,
    #[serde(flatten)]
    pub(super) manner: Manner,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub(super) url: String,
    /// While one is rolled there are two, and every event is signed with both.
    pub(super) secrets: Vec<String>,
}

/// How events are delivered.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Manner {
    #[serde(default)]
    pub(super) order: Order,
    /// How often each event is sent.
    #[serde(default = "once")]
    pub(super) copies: u32,
    /// How late.
    #[serde(default)]
    pub(super) delay_ms: u64,
    /// How old the signature says that it is.
    #[serde(default)]
    pub(super) signed_ago_s: i64,
    /// For `shuffled`.
    #[serde(default)]
    pub(super) seed: u64,
}

const fn once() -> u32 {
    1
}

impl Default for Manner {
    fn default() -> Self {
        Self { order: Order::default(), copies: once(), delay_ms: 0, signed_ago_s: 0, seed: 0 }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    #[default]
    AsMade,
    Reversed,
    Shuffled,
}

impl State {
    pub(super) fn seeded() -> Self {
        Self {
            behaviour: Behaviour { capture_window_s: 7 * 86_400, refund_settles_s: 60, keys_kept_s: 86_400 },
            sessions: IndexMap::new(),
            intents: IndexMap::new(),
            charges: IndexMap::new(),
            refunds: IndexMap::new(),
            events: IndexMap::new(),
            unsent: Vec::new(),
            replies: BTreeMap::new(),
            webhooks: WebhookSettings::default(),
        }
    }
}

impl Session {
    pub(super) fn amount_total(&self) -> i64 {
        self.lines.iter().map(|line| line.unit_amount.saturating_mul(line.quantity)).sum()
    }
}

impl Intent {
    pub(super) fn amount_capturable(&self) -> i64 {
        if self.status == IntentStatus::RequiresCapture { self.amount } else { 0 }
    }
}

/// For example `pi_3…`, without meaning.
pub(super) fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::new_v4().simple())
}
