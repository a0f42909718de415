//! Whoever runs the engine: a terminal, a log, a test.

use crate::event::{Event, Operation};
use crate::plan::Plan;
use async_trait::async_trait;

/// Is told everything and asked before anything is changed.
#[async_trait]
pub trait Host: Send + Sync {
    fn notify(&self, event: &Event);

    /// Asked at most once in an operation, and only with [`Consent::Ask`].
    async fn confirm(&self, question: &Question<'_>) -> Answer;
}

/// May this be done?
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub operation: Operation,
    pub plan: &'a Plan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// Not a failure.
    No,
}

/// Whether the host is asked before the first call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Given,
    Ask,
}
