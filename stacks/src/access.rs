//! Who the tasks are and what they are given: roles, variables, log groups.
//!
//! Apart from the services, because IAM's control plane is in one region of the world and tasks must be startable without
//! it; and because a log group keeps its name when its service is taken away, and could not be made a second time.

use crate::data::Data;
use crate::identity::Identity;
use crate::lease;
use crate::messaging::Messaging;
use crate::naming::{self, pascal_case};
use crate::topology::IMAGE_REPOSITORY;
use como_config::Environment;
use como_constructs::dax::reading_role;
use como_constructs::ecr::Repository;
use como_constructs::ecs::{Source, TaskRoles, TaskRolesProps, Variable};
use como_constructs::iam::{Permissions, Role};
use como_constructs::kms::Key;
use como_constructs::logs::{LogGroup, LogGroupProps, Retention};
use como_constructs::secretsmanager;
use como_constructs::ses::Sender;
use como_constructs::ssm::{Parameter, ParameterProps};
use como_contract::secret::Secret;
use como_contract::service::{Definition, Rights};
use como_contract::setting::Setting;
use como_core::stack::{Scope, Stack};
use como_core::value::Value;
use std::collections::BTreeMap;

/// What the services take from here.
pub(crate) struct Access {
    /// By name.
    services: BTreeMap<&'static str, TaskAccess>,
    /// Of the cache, where the environment has one.
    pub(crate) cache_role: Option<Role>,
}

pub(crate) struct TaskAccess {
    pub(crate) roles: TaskRoles,
    pub(crate) logs: LogGroup,
    /// As a stack of tasks reads them: from this stack, wherever the values come from.
    pub(crate) variables: Vec<Variable>,
}

/// What the roles are for.
pub(crate) struct Resources<'a> {
    pub(crate) data: &'a Data,
    pub(crate) identity: &'a Identity,
    pub(crate) messaging: &'a Messaging,
    pub(crate) sender: &'a Sender,
    /// Encrypts log groups.
    pub(crate) log_key: &'a Key,
}

impl Access {
    pub(crate) fn of(&self, service: &Definition) -> Option<&TaskAccess> {
        self.services.get(service.name)
    }
}

pub(crate) fn access(
    environment: &Environment,
    deployed: &[&'static Definition],
    resources: &Resources<'_>,
) -> (Stack, Access) {
    let mut stack = naming::stack(environment, "access", "COMO: roles, settings and log groups of the tasks");
    let mut scope = stack.scope();
    let secrets = share_secrets(&mut scope, deployed, resources.data);
    let settings = add_settings(&mut scope, environment, deployed, resources);
    let mut services = BTreeMap::new();
    for service in deployed {
        let access = task_access(&mut scope, environment, service, resources, &settings, &secrets);
        services.insert(service.name, access);
    }
    let cache_role = environment.cache().map(|_| {
        let role = reading_role(&mut scope, "CacheRole", &[&resources.data.configuration]);
        scope.share("CacheRoleArn", "What the cache may read", &role.arn());
        role
    });
    (stack, Access { services, cache_role })
}

fn task_access(
    scope: &mut Scope<'_>,
    environment: &Environment,
    service: &Definition,
    resources: &Resources<'_>,
    settings: &BTreeMap<Setting, Parameter>,
    secrets: &BTreeMap<Secret, secretsmanager::Secret>,
) -> TaskAccess {
    let id = pascal_case(service.name);
    let mut scope = scope.child(&id);
    let logs = LogGroup::new(
        &mut scope,
        "LogGroup",
        LogGroupProps {
            name: naming::log_group(environment, service.name),
            retention: Retention::ThreeMonths,
            key: resources.log_key,
        },
    );
    let own_secrets = service.secrets.iter().filter_map(|secret| resources.data.secrets.get(secret));
    let own_settings = service.settings.iter().filter_map(|setting| settings.get(setting));
    let roles = TaskRoles::new(
        &mut scope,
        "Roles",
        TaskRolesProps {
            repository: &Repository::named(IMAGE_REPOSITORY),
            logs: &logs,
            secrets: own_secrets.collect(),
            parameters: own_settings.collect(),
            permissions: permissions(environment, service, resources),
        },
    );
    scope.share(&format!("{id}LogGroup"), "Where the tasks write", &logs.name());
    roles.share(&mut scope, &id);
    let from_secrets = service.secrets.iter().filter_map(|secret| {
        Some(Variable { name: secret.variable(), source: Source::Secret(secrets.get(secret)?.clone()) })
    });
    let from_settings = service.settings.iter().filter_map(|setting| {
        Some(Variable { name: setting.variable(), source: Source::Parameter(settings.get(setting)?.clone()) })
    });
    TaskAccess { roles, logs, variables: from_secrets.chain(from_settings).collect() }
}

/// What the service's own code does with AWS; starting it is the execution role's business.
fn permissions(environment: &Environment, service: &Definition, resources: &Resources<'_>) -> Permissions {
    let Resources { data, identity, messaging, sender, .. } = resources;
    let mut permissions = Permissions::none();
    data.configuration.grant_read(&mut permissions);
    match service.rights {
        Rights::SignIn => {
            data.sessions.grant_read_write(&mut permissions);
            identity.members.grant_sign_in(&mut permissions);
        }
        Rights::Look => {}
        Rights::Book => {
            data.sessions.grant_read(&mut permissions);
            for table in [&data.journal, &data.idempotency, &data.webhook_events, &data.manual_actions] {
                table.grant_append(&mut permissions);
            }
            data.journal.grant_scan_indexes(&mut permissions);
            data.manual_actions.grant_scan_indexes(&mut permissions);
            messaging.effects.grant_send(&mut permissions);
            messaging.effects.grant_consume(&mut permissions);
            sender.grant_send(&mut permissions, &mail_sender(environment));
            for table in lease::tables(environment.primary()) {
                table.grant_append(&mut permissions);
            }
        }
    }
    permissions
}

/// The secrets that tasks are given, as other stacks see them: by this stack's outputs.
fn share_secrets(
    scope: &mut Scope<'_>,
    deployed: &[&'static Definition],
    data: &Data,
) -> BTreeMap<Secret, secretsmanager::Secret> {
    let wanted =
        Secret::ALL.into_iter().filter(|secret| deployed.iter().any(|service| service.secrets.contains(secret)));
    wanted
        .filter_map(|secret| {
            let name = format!("{}Arn", pascal_case(secret.label()));
            Some((secret, data.secrets.get(&secret)?.share(scope, &name, secret.purpose())))
        })
        .collect()
}

fn add_settings(
    scope: &mut Scope<'_>,
    environment: &Environment,
    deployed: &[&'static Definition],
    resources: &Resources<'_>,
) -> BTreeMap<Setting, Parameter> {
    let wanted =
        Setting::ALL.into_iter().filter(|setting| deployed.iter().any(|service| service.settings.contains(setting)));
    let mut parameters = BTreeMap::new();
    for setting in wanted {
        let (description, value) = value_of(environment, setting, resources);
        let name = setting.name(environment.name().as_str());
        let props = ParameterProps { name, description, value };
        parameters.insert(setting, Parameter::new(scope, &pascal_case(setting.label()), props));
    }
    parameters
}

fn value_of(environment: &Environment, setting: Setting, resources: &Resources<'_>) -> (&'static str, Value<String>) {
    match setting {
        Setting::QueueUrl => ("The queue of effects", resources.messaging.effects.url()),
        Setting::SiteOrigin => ("The origin of the site", naming::site_origin(environment).into()),
        Setting::MailSender => ("Where members' mails come from", mail_sender(environment).into()),
        Setting::MailConfigurationSet => {
            ("The configuration set of members' mails", resources.sender.configuration_set().into())
        }
    }
}

/// The address that members' mails come from, and the only one that a task may send from.
fn mail_sender(environment: &Environment) -> String {
    format!("club@{}", environment.primary().domain())
}
