//! Metrics that the services write into their logs as CloudWatch's embedded metric format, and that alarms watch.

/// The namespace of all of them.
pub const NAMESPACE: &str = "Como";
/// Dimension: the environment whose data the service works with; a stand-in's tasks have that of whom it stands in for.
pub const ENVIRONMENT: &str = "Environment";
/// Dimension: the partner's label, one of [`PARTNERS`].
pub const PARTNER: &str = "Partner";
/// Count: attempts at a partner that failed for a reason of the partner's, timeouts included.
pub const PARTNER_ERRORS: &str = "PartnerErrors";
/// Count: manual actions that are open, as a task counts them every minute.
pub const OPEN_ACTIONS: &str = "OpenManualActions";
/// The partners' labels. Stripe's errors are written from the day on which something calls Stripe.
pub const PARTNERS: [&str; 3] = ["memberson", "sevenrooms", "stripe"];

/// How code says that something is to be measured, without knowing who writes it down: an event of `tracing` with this target
/// and these fields. The service makes metrics of them and keeps them out of its log of sentences.
pub mod event {
    pub const TARGET: &str = "como::metric";
    /// One of the names above.
    pub const NAME: &str = "metric";
    /// A whole number.
    pub const VALUE: &str = "value";
    /// Of [`PARTNER_ERRORS`](super::PARTNER_ERRORS) only.
    pub const PARTNER: &str = "partner";
}
