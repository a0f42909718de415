//! One file for each service: what breaks each rule, and what comes close without breaking it.

mod account;
mod api;
mod cloudfront;
mod compute;
mod data;
mod firewall;
mod functions;
mod limits;
mod names;
mod network;
mod privilege;
mod registry;
mod schema;
mod site;
mod table;

pub(crate) use table::all;
