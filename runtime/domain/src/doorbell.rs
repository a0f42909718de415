//! The queue that says that there is work. A ring is a hint: the journal says what is to be done.

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::identity::Cause;

#[async_trait]
pub trait Doorbell: Send + Sync {
    async fn ring(&self, ring: &Ring) -> Result<(), DoorbellError>;

    /// Waits up to `wait` (20 s at most) for up to `most` (10) rings; each stays hidden from others for `hidden_for`.
    async fn answer(&self, most: u8, wait: Duration, hidden_for: Duration) -> Result<Vec<Answered>, DoorbellError>;

    /// The work of this ring is done.
    async fn quiet(&self, handle: &RingHandle) -> Result<(), DoorbellError>;

    /// Keeps the ring hidden for that long from now; nothing hands it to the next worker at once.
    async fn hide(&self, handle: &RingHandle, hidden_for: Duration) -> Result<(), DoorbellError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Rings of one group come in order, one at a time: the saga's id.
    pub group: String,
    /// The same within five minutes is one ring: `saga:step:attempt`.
    pub deduplication: String,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub body: String,
    pub handle: RingHandle,
    /// How often it was handed out, this time included.
    pub times: u32,
}

/// The queue's name for one handing out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingHandle(pub String);

#[derive(Debug, Error)]
#[error("cannot {operation} at the queue")]
pub struct DoorbellError {
    pub operation: &'static str,
    #[source]
    pub source: Cause,
}
