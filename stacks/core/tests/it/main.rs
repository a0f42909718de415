//! The construct tree's behaviour, from constructs to templates, order, differences and files.

mod assembly;
mod diff;
mod graph;
mod identity;
mod support;
mod suppression;
mod synthesis;
