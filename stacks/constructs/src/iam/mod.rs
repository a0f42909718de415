//! Who may do what: statements, permissions collected by grants, roles.

mod permissions;
mod role;
mod statement;

pub use permissions::Permissions;
pub use role::{ManagedPolicy, Role, RoleProps, TrustedService};
pub use statement::{Condition, Effect, Principal, Statement, policy_document};
