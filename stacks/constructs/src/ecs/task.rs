//! What a task runs.

use crate::ecr::Repository;
use crate::ecs::TaskRoles;
use crate::logs::LogGroup;
use crate::secretsmanager::Secret;
use crate::ssm::Parameter;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::{Pseudo, Value};
use como_resources::ecs::{self, task_definition as definition};
use std::collections::BTreeMap;

/// One container on Fargate: x86-64, not root, on a read-only file system, without any Linux capability.
///
/// It has no plain environment variables. What it must know it gets as arguments, which anybody may read, or as secrets,
/// which nobody may.
#[derive(Debug, Clone)]
pub struct Task {
    handle: Handle<ecs::TaskDefinition>,
    container: String,
    port: u16,
}

#[derive(Debug)]
pub struct TaskProps<'a> {
    /// The name of the revisions, for example `como-prod-accounts`.
    pub family: String,
    /// The name of the container, for example `accounts`.
    pub container: &'a str,
    pub repository: &'a Repository,
    /// `sha256:…`: a tag may come to mean something else between two tasks of one service.
    pub digest: Value<String>,
    pub command: Vec<Value<String>>,
    pub variables: Vec<Variable>,
    pub port: u16,
    /// 1024 are one vCPU.
    pub cpu: u32,
    pub memory_mib: u32,
    pub logs: &'a LogGroup,
    /// They may read every variable's source and write into `logs`.
    pub roles: &'a TaskRoles,
}

/// A value that ECS looks up and hands to the program when a task starts.
#[derive(Debug, Clone)]
pub struct Variable {
    pub name: &'static str,
    pub source: Source,
}

/// Where ECS looks.
#[derive(Debug, Clone)]
pub enum Source {
    Secret(Secret),
    Parameter(Parameter),
}

/// The user of images without a user database; 65532 is "nonroot" by distroless custom.
const USER: &str = "65532:65532";
/// Time to drain after SIGTERM; the load balancer stops sending requests meanwhile.
const STOP_TIMEOUT_S: i64 = 30;

impl Task {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: TaskProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let container = container(&props);
        let handle = scope.add(
            "Definition",
            ecs::TaskDefinition {
                family: Some(props.family.into()),
                requires_compatibilities: Some(vec![Value::Literal(definition::RequiresCompatibility::Fargate)].into()),
                network_mode: Some(definition::NetworkMode::Awsvpc.into()),
                runtime_platform: Some(definition::RuntimePlatform {
                    cpu_architecture: Some(definition::CpuArchitecture::X86_64.into()),
                    operating_system_family: Some(definition::OperatingSystemFamily::Linux.into()),
                }),
                cpu: Some(props.cpu.to_string().into()),
                memory: Some(props.memory_mib.to_string().into()),
                execution_role_arn: Some(props.roles.execution.arn()),
                task_role_arn: Some(props.roles.task.arn()),
                container_definitions: Some(vec![container]),
                ..ecs::TaskDefinition::new()
            },
        );
        Self { handle, container: props.container.to_owned(), port: props.port }
    }

    /// The ARN with the revision.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn container(&self) -> &str {
        &self.container
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

fn container(props: &TaskProps<'_>) -> definition::ContainerDefinition {
    let image = format!(
        "${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{}@${{Digest}}",
        props.repository.name()
    );
    let image = Value::substitute(&image, [("Digest", props.digest.clone())]);
    let variables = props.variables.iter().map(|variable| {
        let source = match &variable.source {
            Source::Secret(secret) => secret.arn(),
            Source::Parameter(parameter) => parameter.arn(),
        };
        definition::Secret::new(variable.name, source)
    });
    definition::ContainerDefinition {
        command: Some(props.command.clone().into()),
        essential: Some(true.into()),
        linux_parameters: Some(definition::LinuxParameters {
            capabilities: Some(definition::KernelCapabilities {
                drop: Some(["ALL"].into()),
                ..definition::KernelCapabilities::new()
            }),
            ..definition::LinuxParameters::new()
        }),
        log_configuration: Some(log_configuration(props)),
        port_mappings: Some(vec![definition::PortMapping {
            container_port: Some(i64::from(props.port).into()),
            protocol: Some(definition::Protocol::Tcp.into()),
            ..definition::PortMapping::new()
        }]),
        privileged: Some(false.into()),
        readonly_root_filesystem: Some(true.into()),
        secrets: (!props.variables.is_empty()).then(|| variables.collect()),
        stop_timeout: Some(STOP_TIMEOUT_S.into()),
        user: Some(USER.into()),
        ..definition::ContainerDefinition::new(image, props.container)
    }
}

fn log_configuration(props: &TaskProps<'_>) -> definition::LogConfiguration {
    let options: [(&str, Value<String>); 5] = [
        ("awslogs-group", props.logs.name()),
        ("awslogs-region", Value::pseudo(Pseudo::Region)),
        ("awslogs-stream-prefix", props.container.into()),
        // A service that cannot get rid of its logs goes on serving and drops them.
        ("mode", "non-blocking".into()),
        ("max-buffer-size", "4m".into()),
    ];
    let options: BTreeMap<String, Value<String>> =
        options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    definition::LogConfiguration { options: Some(options), ..definition::LogConfiguration::new("awslogs") }
}
