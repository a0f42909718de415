//! What `como cost` looks at, what it is asked, and where the answer goes.

pub(crate) mod against;
mod assembly_folder;
pub(crate) mod beside;
mod earlier;
pub(crate) mod places;
pub(crate) mod questions;
pub(crate) mod refresh;
pub(crate) mod written;
