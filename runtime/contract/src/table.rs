//! DynamoDB tables and their attributes.

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
