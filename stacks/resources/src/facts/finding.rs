//! What can be wrong with the properties of a resource.

use std::fmt;

/// One mistake in a resource's properties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Names and positions from the properties down, joined with `/`; empty for the properties themselves.
    pub path: String,
    pub kind: FindingKind,
    /// In CloudFormation's own words where it has some, without the path.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Neither property stands alone: one of them excludes the other.
    Conflict,
    /// A property needs another one beside it.
    MissingCompanion,
    MissingRequired,
    NotInEnum,
    /// Too long, too short, too many, too few, too large, too small.
    OutOfRange,
    /// Only the service sets this property.
    ReadOnly,
    UnknownProperty,
    /// There are no facts about the resource type.
    UnknownType,
    /// One of several alternatives has to be there, or only one of them may be.
    WrongAlternatives,
    WrongType,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return write!(formatter, "#: {}", self.message);
        }
        write!(formatter, "#/{}: {}", self.path, self.message)
    }
}
