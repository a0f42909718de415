//! Faults on cue: what fails, is throttled, lost, late, dead or frozen, and when.

mod book;
mod call;
mod deeds;
mod engine;
mod outages;
mod planes;
mod provisioner;
mod script;
mod terms;

pub use book::FaultStatus;
pub use deeds::{LinkChange, LinkError, Links};
pub use engine::{FaultError, Faults};
pub use outages::{Outage, Outages};
pub use planes::{Plane, plane_of};
pub use provisioner::FaultyProvisioner;
pub use script::{Action, Fault, Script, ScriptError};
pub use terms::{CallPattern, Moment, ResourcePattern, Terms, Times, Trigger};

pub(crate) use call::{Call, End};
