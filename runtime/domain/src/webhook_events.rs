//! Which events of partners were taken, since they are delivered more than once.

use async_trait::async_trait;
use thiserror::Error;

use crate::identity::Cause;

#[async_trait]
pub trait WebhookEvents: Send + Sync {
    /// Whether the event is new; it counts as taken from now on. `event` is the partner's name and its id of the event, for
    /// example `stripe/evt_1`.
    async fn take(&self, event: &str) -> Result<bool, WebhookEventsError>;

    /// What was taken could not be handled: its next delivery is new again.
    async fn give_back(&self, event: &str) -> Result<(), WebhookEventsError>;
}

#[derive(Debug, Error)]
#[error("cannot {operation} a webhook event")]
pub struct WebhookEventsError {
    pub operation: &'static str,
    #[source]
    pub source: Cause,
}
