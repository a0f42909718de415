//! Judges an assembly before AWS is asked: schemas, regions, limits, security, least privilege, what must be kept.
//!
//! Invariants:
//! - no IO and no network: the same assembly always gets the same findings, in the order of its stacks;
//! - a rule is a function of one resource and of what the assembly says of it elsewhere; every finding names the rule by
//!   its public id, the stack, the construct and the property;
//! - a finding is accepted only by a suppression that stands in the resource's own metadata, with its reason;
//! - what cannot be known before deployment is not held against a template, except where security depends on it.
//!
//! Must not know: COMO's topology, its names and environments; how templates are made, read or deployed; the terminal.

mod check;
mod finding;
mod kept;
mod limits;
mod names;
mod policy;
mod privilege;
mod rule;
pub mod sarif;
mod schema;
mod security;
mod subject;
mod text;
mod unanswerable;

pub use check::{Report, check, rules};
pub use finding::{Finding, Verdict};
pub use rule::{Rule, Severity};
pub use unanswerable::{UNANSWERABLE, Unanswerable};
