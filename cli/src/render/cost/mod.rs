//! Costs as text.

mod explain;
mod grid;
mod sections;
mod table;

pub(crate) use explain::explanations;
pub(crate) use sections::sections;
pub(crate) use table::{notes, table};
