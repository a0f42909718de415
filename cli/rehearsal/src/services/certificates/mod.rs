//! Certificate Manager: certificates that are issued once their names are proven by records of the hosted zones here.

mod api;
mod resource;
mod state;
mod usage;

pub(crate) use state::Certificates;
