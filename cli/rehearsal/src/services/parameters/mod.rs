//! The parameter store of Systems Manager: versions, labels, tags, paths. Nothing else of Systems Manager is here.
//!
//! Written here, because the hosted one brings all of Systems Manager: 76 seconds of a release build for these thirteen
//! operations.

mod find;
mod labels;
mod put;
mod resource;
mod service;
mod state;

pub(crate) use service::Parameters;
