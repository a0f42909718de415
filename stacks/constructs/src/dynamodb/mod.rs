//! Tables.

mod table;

pub use table::{Encryption, Index, Replica, Table, TableProps};
