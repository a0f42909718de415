//! Metrics that the services write as embedded metric format into their logs, and that alarms watch.

/// The namespace of all of them.
pub const NAMESPACE: &str = "Como";
/// Dimension: the environment's name.
pub const ENVIRONMENT: &str = "Environment";
/// Dimension: the partner's label, one of [`PARTNERS`].
pub const PARTNER: &str = "Partner";
/// Count: calls to a partner that failed for a reason of the partner's, timeouts included.
pub const PARTNER_ERRORS: &str = "PartnerErrors";
/// Count: manual actions that are open.
pub const OPEN_ACTIONS: &str = "OpenManualActions";
/// The partners' labels.
pub const PARTNERS: [&str; 3] = ["memberson", "sevenrooms", "stripe"];
