//! Rows of the configuration table.

/// Where Memberson is and how it is spoken to.
pub const MEMBERSON: &str = "partner/memberson";
/// Where SevenRooms is and how it is spoken to.
pub const SEVENROOMS: &str = "partner/sevenrooms";
/// How Stripe is spoken to.
pub const STRIPE: &str = "partner/stripe";
/// The key of the base address in a partner's document; every other key has a documented default.
pub const BASE_URL: &str = "base_url";
/// The key of the venue group in the SevenRooms document.
pub const VENUE_GROUP_ID: &str = "venue_group_id";

/// The image that the environment's services shall run. It is a row of this table since the table is in both regions: a
/// recovery has to know what was running.
pub const WANTED_IMAGE: &str = "deployment/image";
/// The key of the digest in its document.
pub const DIGEST: &str = "digest";
