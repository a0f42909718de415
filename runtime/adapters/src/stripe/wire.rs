//! Stripe's JSON, read tolerantly: whatever a peer of another version leaves out may be missing.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) url: Option<String>,
    pub(super) payment_intent: Option<Reference>,
    pub(super) client_reference_id: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) expires_at: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) amount_capturable: Option<i64>,
    pub(super) amount_received: Option<i64>,
    pub(super) metadata: Option<Metadata>,
    pub(super) latest_charge: Option<LatestCharge>,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) amount: i64,
    pub(super) currency: Option<String>,
    pub(super) payment_intent: Option<Reference>,
    pub(super) metadata: Option<Metadata>,
}

pub(super) type Metadata = BTreeMap<String, String>;

/// An id, or the whole object where it was expanded.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    Id(String),
    Object { id: String },
}

impl Reference {
    pub(super) fn into_id(self) -> String {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum LatestCharge {
    Object { payment_method_details: Option<MethodDetails> },
    Id(#[expect(dead_code, reason = "only expanded charges say when they lapse")] String),
}

#[derive(Deserialize)]
pub(super) struct MethodDetails {
    pub(super) card: Option<CardDetails>,
}

#[derive(Deserialize)]
pub(super) struct CardDetails {
    pub(super) capture_before: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct ErrorReply {
    pub(super) error: ErrorBody,
}

/// Its message is left out: it may quote what a member typed.
#[derive(Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) param: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) created: Option<i64>,
    pub(super) data: EventData,
}

#[derive(Deserialize)]
pub(super) struct EventData {
    pub(super) object: serde_json::Value,
}
