//! Tables.

mod table;

pub use table::{Table, TableProps};
