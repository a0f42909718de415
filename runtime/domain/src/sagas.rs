//! What the API asks of the sagas. Behind it stand journal, outbox, lease and partners.

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::identifier::MemberId;
use crate::identity::Cause;
use crate::journal::Journal;
use crate::journals::{Cursor, Page, SagaKind};
use crate::saga::call::StepId;
use crate::saga::evidence::PaymentSeen;
use crate::saga::intent::Intent;
use crate::saga_id::SagaId;

/// Every method returns once the entry stands in the journal, not when the effect is done; none is lost after that.
#[async_trait]
pub trait Sagas: Send + Sync {
    /// Accepts a request under its name. The same request again changes nothing and returns the journal as it is.
    async fn accept(&self, saga: &SagaId, intent: Intent) -> Result<Journal, SagasError>;

    /// Something that somebody wants or saw. The journal after it; unchanged when it said nothing new.
    async fn tell(&self, saga: &SagaId, news: News) -> Result<Journal, SagasError>;

    /// The journal as it is; empty when there is no such saga.
    async fn read(&self, saga: &SagaId) -> Result<Journal, SagasError>;

    /// The journal when it has more than `entries` entries, or as it is at `patience`'s end: for a long poll.
    async fn changed(&self, saga: &SagaId, entries: usize, patience: Duration) -> Result<Journal, SagasError>;

    async fn of_member(
        &self,
        member: &MemberId,
        kind: SagaKind,
        after: Option<&Cursor>,
        most: u16,
    ) -> Result<Page<SagaId>, SagasError>;

    /// Tells every saga of the member that waits for a sign-in that there was one.
    async fn signed_in(&self, member: &MemberId) -> Result<(), SagasError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A webhook told of a payment.
    Payment(PaymentSeen),
    /// A webhook told that something changed at a partner. Its partners are read before the answer, and what they show is
    /// what counts.
    LookAgain,
    CancelRequested,
    SignedIn,
    /// A person has done what a manual action asked for.
    Settled(StepId),
    /// An operator wants everything that was given up on tried again.
    Redriven,
}

#[derive(Debug, Error)]
pub enum SagasError {
    /// This region does not hold the lease, so it changes nothing.
    #[error("this region does not serve writes now")]
    NotServing,
    #[error("there is no saga {saga}")]
    Absent { saga: SagaId },
    #[error("the cursor is not one of this listing")]
    Cursor,
    #[error("cannot reach the journal")]
    Store(#[source] Cause),
}
