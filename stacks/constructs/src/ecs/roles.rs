//! The two roles of a task, apart from the service: a stack of roles can be up long before the tasks are.

use crate::ecr::Repository;
use crate::iam::{Permissions, Role, RoleProps, TrustedService};
use crate::logs::LogGroup;
use crate::secretsmanager::Secret;
use crate::ssm::Parameter;
use como_core::resource::Options;
use como_core::stack::Scope;

/// Who starts the tasks of a service, and who they are once they run.
#[derive(Debug, Clone)]
pub struct TaskRoles {
    pub(super) execution: Role,
    pub(super) task: Role,
}

#[derive(Debug)]
pub struct TaskRolesProps<'a> {
    pub repository: &'a Repository,
    pub logs: &'a LogGroup,
    pub secrets: Vec<&'a Secret>,
    pub parameters: Vec<&'a Parameter>,
    /// What the program itself may do.
    pub permissions: Permissions,
}

impl TaskRoles {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: TaskRolesProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let mut starting = Permissions::none();
        props.repository.grant_pull(&mut starting);
        props.logs.grant_write(&mut starting);
        for secret in props.secrets {
            secret.grant_read(&mut starting);
        }
        for parameter in props.parameters {
            parameter.grant_read(&mut starting);
        }
        let mut role = |id: &str, description: &'static str, permissions: Permissions| {
            let props = RoleProps {
                description,
                trusted: TrustedService::EcsTasks,
                permissions,
                managed_policies: Vec::new(),
                options: Options::default(),
            };
            Role::new(&mut scope, id, props)
        };
        Self {
            execution: role("ExecutionRole", "Starts the tasks of the service: image, logs, secrets", starting),
            task: role("TaskRole", "What the service itself may do", props.permissions),
        }
    }

    /// Lets somebody start tasks as these roles.
    pub fn grant_pass(&self, permissions: &mut Permissions) {
        self.execution.grant_pass(permissions, TrustedService::EcsTasks);
        self.task.grant_pass(permissions, TrustedService::EcsTasks);
    }

    /// Gives both roles to other stacks, under names that begin with `prefix`.
    pub fn share(&self, scope: &mut Scope<'_>, prefix: &str) {
        scope.share(&format!("{prefix}ExecutionRoleArn"), "Starts the tasks", &self.execution.arn());
        scope.share(&format!("{prefix}TaskRoleArn"), "What the tasks may do", &self.task.arn());
    }
}
