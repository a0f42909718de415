//! Queues.

/// Says, in order, that there is work: the doorbell of the journal's pending effects. FIFO names end so.
#[must_use]
pub fn effects(environment: &str) -> String {
    format!("como-{environment}-effects.fifo")
}

/// Messages that could not be handled.
#[must_use]
pub fn dead_effects(environment: &str) -> String {
    format!("como-{environment}-effects-dead.fifo")
}
