//! What a check found.

use crate::rule::Rule;

/// Something in an assembly for which a rule does not hold.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The stack's name in CloudFormation.
    pub stack: String,
    /// The path of the construct within its stack; the logical id where the assembly does not know the path.
    pub construct: String,
    /// Empty when the finding is about the template itself.
    pub logical_id: String,
    pub resource_type: String,
    /// Names and positions from the properties down, joined with `/`; empty for the resource itself.
    pub property: String,
    pub message: String,
    pub verdict: Verdict,
}

/// Whether somebody has to act on a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Open,
    /// A suppression beside the construct gives this reason.
    Accepted {
        reason: String,
    },
}

impl Finding {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.verdict == Verdict::Open
    }
}
