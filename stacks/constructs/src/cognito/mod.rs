//! Who a caller is.

mod user_pool;

pub use user_pool::{Plan, ScopeProps, UserPool, UserPoolClient, UserPoolProps};
