//! Parameters.

mod parameter;

pub use parameter::{Parameter, ParameterProps};
