//! Functions that something calls.

mod function;

pub use function::{Archive, Function, FunctionProps};
