//! Pictures of the topology and of what it may become.

mod fixture;
mod geometry;
mod pictures;
