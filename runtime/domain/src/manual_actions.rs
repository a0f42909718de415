//! The list of what a person has to settle. The journals say what is on it; the list is for looking.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::identity::Cause;
use crate::journals::{Cursor, Page};
use crate::saga::action::ManualAction;
use crate::saga_id::SagaId;

#[async_trait]
pub trait ManualActions: Send + Sync {
    /// Puts `open` on the list and takes `closed` off it. May be repeated; one that is open already keeps its date.
    async fn record(
        &self,
        saga: &SagaId,
        open: &[ManualAction],
        closed: &[ManualAction],
        at: Timestamp,
    ) -> Result<(), ManualActionsError>;

    /// What is open, in no order that means anything across pages. Whoever has settled one says so to the saga
    /// ([`News::Settled`](crate::sagas::News::Settled)), which takes it off the list.
    async fn open(&self, after: Option<&Cursor>, most: u16) -> Result<Page<OpenAction>, ManualActionsError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAction {
    pub saga: SagaId,
    pub action: ManualAction,
    pub opened_at: Timestamp,
}

#[derive(Debug, Error)]
pub enum ManualActionsError {
    #[error("cannot {operation} the list of manual actions")]
    Store {
        operation: &'static str,
        #[source]
        source: Cause,
    },
    /// The caller's cursor is not one of this listing.
    #[error("the cursor is not one of this listing")]
    Cursor,
}
