//! ECR: repositories, their images, and the registry that takes a push.
//!
//! A registry's host name says its account and region on AWS; here all regions share the gateway's address, and the
//! password that GetAuthorizationToken hands out says the region. Layers and manifests are files by digest, shared by all
//! repositories; which of them a repository has is in its books.

mod api;
mod blobs;
mod image;
mod manifests;
mod registry;
mod replication;
mod state;
mod uploads;

pub(crate) use registry::region_of_call;
pub(crate) use state::{Ecr, Surroundings};
