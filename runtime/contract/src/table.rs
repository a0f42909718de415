//! DynamoDB tables, their attributes and their indexes.
//!
//! All but the leases are global tables: Sydney has a replica of each, and the last writer of an item wins. So no item is
//! ever written by two regions. The journal's sort key begins with epoch and region; a row of the others belongs to the
//! region that held the lease when it was made.

/// Partner endpoints and feature settings, changed without a deploy.
#[must_use]
pub fn configuration(environment: &str) -> String {
    format!("como-{environment}-configuration")
}

/// Members' sessions with Memberson: encrypted ProfileToken and its expiry.
#[must_use]
pub fn sessions(environment: &str) -> String {
    format!("como-{environment}-sessions")
}

/// Every transition of every saga, append-only; the state of a saga is the fold of its transitions.
#[must_use]
pub fn journal(environment: &str) -> String {
    format!("como-{environment}-journal")
}

/// What was answered under an `Idempotency-Key`.
#[must_use]
pub fn idempotency(environment: &str) -> String {
    format!("como-{environment}-idempotency")
}

/// Webhook events that were taken, since partners deliver an event more than once.
#[must_use]
pub fn webhook_events(environment: &str) -> String {
    format!("como-{environment}-webhook-events")
}

/// What no partner offers a way back from and a person has to settle.
#[must_use]
pub fn manual_actions(environment: &str) -> String {
    format!("como-{environment}-manual-actions")
}

/// Who may write; a table of this name stands in each of three regions, and none replicates another.
#[must_use]
pub fn lease(environment: &str) -> String {
    format!("como-{environment}-lease")
}

/// Attributes of the configuration table.
pub mod configuration_attribute {
    /// Partition key, string: for example `partner/memberson`.
    pub const NAME: &str = "name";
    /// Number, counts up with every change.
    pub const VERSION: &str = "version";
    /// String, a JSON document; its shape belongs to the reader.
    pub const DOCUMENT: &str = "document";
}

/// Attributes of the sessions table.
pub mod session_attribute {
    /// Partition key, string: Memberson's customer number.
    pub const MEMBER_ID: &str = "member_id";
    /// Binary: nonce, ciphertext and tag of the ProfileToken.
    pub const PROFILE_TOKEN: &str = "profile_token";
    /// String, RFC 3339: when Memberson stops accepting the token.
    pub const EXPIRES_AT: &str = "expires_at";
    /// Number, seconds since 1970: DynamoDB deletes the item some time after.
    pub const TIME_TO_LIVE: &str = "time_to_live";
}

/// Attributes of the journal.
pub mod journal_attribute {
    /// Partition key, string: the saga's id.
    pub const SAGA_ID: &str = "saga_id";
    /// Sort key, string: `<epoch>#<region>#<sequence>`, numbers padded with zeros so that they sort as text.
    pub const POSITION: &str = "position";
    /// String: whose effects come one after another, a venue's slot or a member. Only while the item's effect is pending,
    /// so that the index holds nothing else.
    pub const PENDING_FOR: &str = "pending_for";
    /// String, RFC 3339 in UTC with milliseconds: when the request was accepted; the oldest comes first.
    pub const PENDING_SINCE: &str = "pending_since";
    /// String, likewise, and only as long: when there is something to do.
    pub const PENDING_DUE: &str = "pending_due";
    /// String, JSON: the entry in its versioned form.
    pub const ENTRY: &str = "entry";
    /// String: told apart by it, a repeat of one write is no second write.
    pub const WRITER: &str = "writer";
    /// String: `booking/` or `redemption/` and the member. Only of entries that accept a request, so that the index holds
    /// nothing else.
    pub const ACCEPTED_OF: &str = "accepted_of";
    /// String, RFC 3339 in UTC with milliseconds, likewise: when that was.
    pub const ACCEPTED_AT: &str = "accepted_at";
}

/// The journal's index of pending effects, which is the outbox: by [`journal_attribute::PENDING_FOR`], oldest first.
pub const PENDING_EFFECTS_INDEX: &str = "pending-effects";

/// The journal's index of a member's sagas: by [`journal_attribute::ACCEPTED_OF`] and time.
pub const MEMBER_SAGAS_INDEX: &str = "member-sagas";

/// Attributes of the idempotency table.
pub mod idempotency_attribute {
    /// Partition key, string: hash of principal, route and `Idempotency-Key`, which is the saga's id too.
    pub const REQUEST_ID: &str = "request_id";
    /// String, JSON: who may answer, or the answer.
    pub const RECORD: &str = "record";
    /// Number, seconds since 1970: DynamoDB deletes the item some time after.
    pub const TIME_TO_LIVE: &str = "time_to_live";
}

/// Attributes of the table of webhook events.
pub mod webhook_event_attribute {
    /// Partition key, string: the partner and its event's id, for example `stripe/evt_1Q…`.
    pub const EVENT_ID: &str = "event_id";
    /// Boolean: whoever took it could not handle it, so it may be taken again.
    pub const GIVEN_BACK: &str = "given_back";
    /// Number, seconds since 1970: DynamoDB deletes the item some time after.
    pub const TIME_TO_LIVE: &str = "time_to_live";
}

/// Attributes of the table of manual actions.
pub mod manual_action_attribute {
    /// Partition key, string: `<saga id>:<step>`, so that one failure opens one action.
    pub const ACTION_ID: &str = "action_id";
    /// String: what is to be done, for example `credit-points`. Only while the action is open.
    pub const OPEN_KIND: &str = "open_kind";
    /// String, RFC 3339 in UTC with milliseconds.
    pub const OPENED_AT: &str = "opened_at";
    /// String, JSON: the action.
    pub const ACTION: &str = "action";
}

/// The manual actions' index of those that are open: by [`manual_action_attribute::OPEN_KIND`], oldest first.
pub const OPEN_ACTIONS_INDEX: &str = "open-actions";

/// Attributes of a lease table.
pub mod lease_attribute {
    /// Partition key, string: what is leased; see [`super::WRITER_LEASE`].
    pub const LEASE: &str = "lease";
    /// String, a region: who holds it, if a majority of the tables says the same.
    pub const HOLDER: &str = "holder";
    /// Number, counts up with every change of the holder.
    pub const EPOCH: &str = "epoch";
    /// Number, counts up with every renewal.
    pub const RENEWAL: &str = "renewal";
    /// String, RFC 3339: when it was taken from another region.
    pub const TAKEN_OVER_AT: &str = "taken_over_at";
    /// String, a region: who is to hold it; the first of the voting regions while nobody has written one.
    pub const WANTED: &str = "wanted";
}

/// The one lease that there is: its holder's region serves writes.
pub const WRITER_LEASE: &str = "writer";
