//! The public door.

mod account;
mod cors;
mod document;
mod domain;
mod rest_api;
mod vpc_link;

pub use account::LoggingAccount;
pub use cors::Cors;
pub use document::{Authorizer, Body, Document, Operation, PrivateIntegration};
pub use domain::{CustomDomain, CustomDomainProps};
pub use rest_api::{EXECUTION_LOG_PREFIX, RestApi, RestApiProps, Throttle};
pub use vpc_link::{VpcLink, VpcLinkProps};
