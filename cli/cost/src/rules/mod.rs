//! What each type of resource is charged for. A type that is not here is an error, never free.

mod compute;
mod data;
mod edge;
mod free;
mod messaging;
mod network;
mod profile;
mod registry;
mod watch;

pub(crate) use profile::extras;
pub(crate) use registry::{Case, Unjudged, Verdict, has_rule, judge};
pub(crate) use watch::LogKind;
