//! The public door.

mod account;
mod document;
mod rest_api;
mod vpc_link;

pub use account::LoggingAccount;
pub use document::{Authorizer, Document, Operation, PrivateIntegration};
pub use rest_api::{RestApi, RestApiProps, Throttle};
pub use vpc_link::{VpcLink, VpcLinkProps};
