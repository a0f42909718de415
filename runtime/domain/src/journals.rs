//! Where the journals of all sagas are kept: the truth, and the outbox.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::identifier::MemberId;
use crate::identity::Cause;
use crate::journal::{Entry, Journal, Position};
use crate::saga_id::SagaId;

/// Every read of a journal is strongly consistent within its region; an append is conditional on the entry's place being free.
#[async_trait]
pub trait Journals: Send + Sync {
    /// All entries of `saga` that this region has; an empty journal when there is none.
    async fn read(&self, saga: &SagaId) -> Result<Journal, JournalsError>;

    /// Appends `entry`. While its effect is pending the entry stands in the outbox under `pending.ordering_key`; the entry at
    /// `pending.supersedes`, whose effect this one ends, leaves it.
    async fn append(&self, saga: &SagaId, entry: &Entry, pending: &Pending) -> Result<Appended, JournalsError>;

    /// Takes a row out of the outbox whose effect is not pending any more: its successor was appended, but whoever did so died
    /// before it could take this one out, or the other region's row came late. The entry stays.
    async fn leave_outbox(&self, saga: &SagaId, position: &Position) -> Result<(), JournalsError>;

    /// The outbox, oldest first within an ordering key: at most `most` rows from `after` on. A hint; only the journal says
    /// what is to be done.
    async fn outbox(&self, after: Option<&Cursor>, most: u16) -> Result<Page<Outstanding>, JournalsError>;

    /// What is outstanding under one ordering key, oldest first.
    async fn outbox_of(&self, ordering_key: &str, most: u16) -> Result<Vec<Outstanding>, JournalsError>;

    /// The sagas of a member, newest first.
    async fn of_member(
        &self,
        member: &MemberId,
        kind: SagaKind,
        after: Option<&Cursor>,
        most: u16,
    ) -> Result<Page<SagaId>, JournalsError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SagaKind {
    Booking,
    Redemption,
}

/// What an append changes in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// [`Intent::ordering_key`](crate::saga::intent::Intent::ordering_key).
    pub ordering_key: String,
    /// When the request was accepted: what is older under one ordering key comes first.
    pub accepted_at: Timestamp,
    /// The entry that stands in the outbox and whose effect this one ends. An entry that comes while a call is in flight ends
    /// nothing.
    pub supersedes: Option<Position>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It stands; its effect is the caller's to do, once.
    Done,
    /// Another entry stands there: read again and decide anew.
    PlaceTaken,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outstanding {
    pub saga: SagaId,
    pub position: Position,
    pub ordering_key: String,
    /// When the request was accepted.
    pub since: Timestamp,
    /// When there is something to do: at once for a call, later for a wait.
    pub due: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// `None` after the last page.
    pub next: Option<Cursor>,
}

/// Where a listing goes on; opaque to all but the store that made it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(pub String);

#[derive(Debug, Error)]
pub enum JournalsError {
    #[error("cannot {operation} the journal")]
    Store {
        operation: &'static str,
        #[source]
        source: Cause,
    },
    /// The caller's cursor is not one of this listing.
    #[error("the cursor is not one of this listing")]
    Cursor,
    #[error("the journal of {saga} cannot be understood")]
    Malformed {
        saga: SagaId,
        #[source]
        source: Cause,
    },
}
