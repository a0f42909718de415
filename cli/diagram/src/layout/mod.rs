//! Where everything stands, and how arrows run.
//!
//! Two regions face each other: what both hold stands in rows next to the gap, so that replication runs straight across.

mod arrows;
mod canvas;
mod cards;
mod compose;
mod head;
mod network;
mod region;

pub use compose::compose;
