//! Regions and what lies between them: which are up, how long a write takes from one to the other, and what is on its
//! way.
//!
//! Everything that AWS copies between regions goes over the same links: items of global tables, secrets, images. A link
//! has a direction, a lag with a spread, and may be cut; a region may lose its control plane or its data plane
//! ([`crate::faults`]). Both outlive the supervisor and are the same for everybody. Items travel while both data planes
//! work and the link is whole.
//!
//! The lag is wall-clock time, whatever the speed of the simulated clock: tasks are real programs whose leases and
//! deadlines run on the wall clock, and a lag means something only beside these.

pub mod admin;
pub(crate) mod journal;
pub mod ledger;
pub mod regions;
