//! A new price book from the price lists that AWS publishes.
//!
//! Whoever calls fetches the lists; here is which lists and which of their products are wanted, and what becomes of the book.

mod listing;
mod merge;
mod selector;

pub use listing::{ListFile, Listing, Product, ProductBand};
pub use merge::{Kept, PriceChange, Refreshed, Refusal, refresh};
pub use selector::{Selector, wanted};
