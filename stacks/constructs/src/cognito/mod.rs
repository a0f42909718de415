//! Who a caller is.

mod user_pool;

pub use user_pool::{BrowserClientProps, Plan, ResourceServer, ScopeProps, UserPool, UserPoolClient, UserPoolProps};
