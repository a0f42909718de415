//! Where the answers to requests with an `Idempotency-Key` are kept.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::idempotency::IdempotencyRecord;
use crate::identity::Cause;
use crate::saga_id::SagaId;

/// Reads are strongly consistent; a write happens only if the record is still the one that was read.
#[async_trait]
pub trait Requests: Send + Sync {
    async fn read(&self, request: &SagaId) -> Result<Option<IdempotencyRecord<Reply>>, RequestsError>;

    /// Replaces the record with `replaced`'s token and progress, or puts in the first one when that is `None`. `false` when
    /// somebody else was faster.
    async fn write(
        &self,
        request: &SagaId,
        record: &IdempotencyRecord<Reply>,
        replaced: Option<&IdempotencyRecord<Reply>>,
    ) -> Result<bool, RequestsError>;
}

/// What was answered, to be given again as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub status: u16,
    pub content_type: String,
    pub location: Option<String>,
    pub body: String,
}

#[derive(Debug, Error)]
#[error("cannot {operation} the record of a request")]
pub struct RequestsError {
    pub operation: &'static str,
    #[source]
    pub source: Cause,
}
