//! Who may do what: statements, permissions collected by grants, roles.

mod github;
mod permissions;
mod role;
mod statement;

pub use github::{GitHub, RepositoryIds, SourceRepository, Workflow, WorkflowRole, WorkflowRoleProps};
pub use permissions::Permissions;
pub use role::{ManagedPolicy, Role, RoleProps, TrustedService};
pub use statement::{Condition, Effect, Principal, Statement, policy_document};
