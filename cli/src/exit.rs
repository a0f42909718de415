//! How a command ends, for people and for scripts.

use std::process::ExitCode;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed; the report says whether it was rolled back.
    Failed = 1,
    /// Refused by validation, policy or a preflight check; nothing was changed.
    Refused = 3,
    /// Stuck: an operator has to act.
    Stuck = 4,
    /// More than the budget would be spent.
    OverBudget = 6,
    /// Used wrongly.
    Usage = 64,
    /// Somebody else is at work.
    Locked = 75,
    /// Interrupted; AWS goes on.
    Detached = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error on its way to the screen.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) error: anyhow::Error,
    /// What the reader can do now, commands in backticks.
    pub(crate) hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hints: Vec::new() }
    }

    pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Failed, error)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(error)
    }
}

pub(crate) type Outcome = Result<Exit, Failure>;
