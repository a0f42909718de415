//! A world around the shipping machine: partners with ledgers, two regions that replicate late, a member, faults.
//!
//! The partners are written apart from the domain's own logic and are as lenient as the worst that is known of them:
//! SevenRooms and Memberson do not notice a repetition, and Stripe notices it by the key only.

pub(crate) mod laws;
pub(crate) mod machine;
pub(crate) mod moves;
pub(crate) mod partners;
pub(crate) mod region;
pub(crate) mod run;
pub(crate) mod takeover;
