//! The price book: what things cost, who says so, since when.

mod bands;
mod embedded;
mod mistake;
mod parse;
mod row;
mod write;

pub use bands::{Band, Beyond};
pub use embedded::{CURRENT, PROPOSAL, current, proposal};
pub use mistake::{BookMistake, BookMistakes};
pub(crate) use parse::decimal;
pub use parse::parse;
pub use row::{AsOf, Confidence, PriceBook, Row};
pub use write::write;
