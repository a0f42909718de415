//! The books that the program brings along.

use crate::book::{BookMistakes, PriceBook, parse};

/// The prices of today's estimates, by the name of their file without its ending.
pub const CURRENT: &str = "2026-11-30";
/// The prices of the proposal.
pub const PROPOSAL: &str = "2021-11";

const CURRENT_TEXT: &str = include_str!("../../../../environments/prices/2026-11-30.json");
const PROPOSAL_TEXT: &str = include_str!("../../../../environments/prices/2021-11.json");

/// # Errors
/// None, as a test shows; a book that is embedded is read like any other.
pub fn current() -> Result<PriceBook, BookMistakes> {
    parse(&format!("environments/prices/{CURRENT}.json"), CURRENT_TEXT)
}

/// # Errors
/// As [`current`].
pub fn proposal() -> Result<PriceBook, BookMistakes> {
    parse(&format!("environments/prices/{PROPOSAL}.json"), PROPOSAL_TEXT)
}
