//! What environments cost: templates, figures of usage and a price book in, exact and traceable amounts out.
//!
//! Invariants:
//! - no IO, no clock, no randomness; the caller says which day it is;
//! - amounts are exact decimals; each printed line is rounded once, half to even, and totals add rounded lines;
//! - a resource is priced, free or billed elsewhere by name; what has no rule, figure or price is an error, never 0;
//! - every amount keeps its chain: resource, factors of its quantity, figure with file and key, price row, bands.
//!
//! Must not know: COMO's topology (`como-stacks`), YAML, how a report reaches a screen, how prices are fetched.
#![deny(clippy::float_arithmetic, clippy::disallowed_types)]

pub mod book;
pub mod bridge;
pub mod budget;
mod charge;
pub mod currency;
pub mod difference;
pub mod estimate;
pub mod explain;
pub mod figures;
pub mod inventory;
pub mod item;
pub mod money;
pub mod month;
pub mod options;
pub mod pricing;
pub mod problem;
pub mod proposal;
pub mod recovery;
pub mod refresh;
pub mod report;
mod rules;
pub mod survey;
pub mod units;
pub mod view;
pub mod years;
