//! What happens, and who is called then.

mod rule;

pub use rule::{BusOfRegion, Rule, RuleProps, Trigger};
