//! What runs when something happens, or by the clock: releases, the partners' tokens, the beginning of a recovery.
//!
//! One program does all of it, from an archive that the deployer puts into the account's bucket beforehand. Each function has
//! a log, a role and a place for calls that failed, which an alarm watches; one runs once at a time, since each brings a state
//! about. A stand-in's functions are part of its base: the recovery begins with one of them.

use crate::access::Access;
use crate::data::Data;
use crate::execution::execution_role;
use crate::messaging::{Messaging, metric};
use crate::naming::{self, pascal_case};
use crate::shared::AccountRegion;
use como_config::{Environment, Kind};
use como_constructs::cloudwatch::{Alarm, AlarmProps, When, WithoutData};
use como_constructs::events::{Rule, RuleProps, Trigger};
use como_constructs::iam::{Condition, Permissions, Role, Statement, TrustedService};
use como_constructs::kms::Key;
use como_constructs::lambda::{self, Archive, FunctionProps};
use como_constructs::logs::{LogGroup, LogGroupProps, Retention};
use como_constructs::sqs::{DeadLetters, DeadLettersProps};
use como_contract::function::{
    APPROVED, ARCHIVE_PARAMETER, DATA_ENVIRONMENT_VARIABLE, ENVIRONMENT_VARIABLE, EVERY_PUSH, EXECUTION_ROLE_VARIABLE,
    Function, IMAGE_REPOSITORY, WANTED_VARIABLE,
};
use como_contract::secret::REFRESHED_TOKENS;
use como_contract::service::Definition;
use como_core::stack::{Scope, Stack};
use como_core::template;
use como_core::value::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// What other stacks take from the functions.
pub(crate) struct Functions {
    /// By which CloudFormation changes services, whoever asks for it.
    pub(crate) execution: Role,
    /// Of a stand-in.
    pub(crate) recovery_trigger: Option<lambda::Function>,
}

/// What the functions work with.
pub(crate) struct Around<'a> {
    pub(crate) data: &'a Data,
    pub(crate) access: &'a Access,
    pub(crate) messaging: &'a Messaging,
    /// Encrypts the data of the region.
    pub(crate) key: &'a Key,
    pub(crate) log_key: &'a Key,
    pub(crate) account: &'a AccountRegion,
}

/// Four stacks are looked at and changed one after the other; none is waited for.
const TIMEOUT_S: i64 = 60;
const ONE_AT_A_TIME: i64 = 1;
/// Events of ECR are best effort: what one of them missed is made up for within this time.
const OFTEN: &str = "rate(5 minutes)";
/// SevenRooms' tokens are good for three quarters of an hour, Memberson's for longer.
const BEFORE_TOKENS_EXPIRE: &str = "rate(30 minutes)";

const PURPOSES: [(Function, &str); 4] = [
    (Function::DeployOnPush, "Rolls the services to the wanted image when one arrives"),
    (Function::Reconcile, "Rolls services that do not run the wanted image"),
    (Function::TokenRefresh, "Renews the partners' tokens before they expire"),
    (Function::RecoveryTrigger, "Begins the recovery when the other region is lost"),
];

pub(crate) fn functions(
    environment: &Environment,
    deployed: &[&'static Definition],
    around: &Around<'_>,
) -> (Stack, Functions) {
    let mut stack = naming::stack(environment, "functions", "COMO: functions and what calls them");
    let mut scope = stack.scope();
    let archive = scope.parameter(
        ARCHIVE_PARAMETER,
        template::Parameter {
            allowed_pattern: Some("functions/[0-9a-f]{64}\\.zip".to_owned()),
            ..template::Parameter::required_string(Some("The functions' archive in the bucket of assets".to_owned()))
        },
    );
    let execution = execution_role(&mut scope, environment, deployed, around.access);
    scope.share("ExecutionRoleArn", "By which CloudFormation changes services", &execution.arn());
    let mut recovery_trigger = None;
    for (function, purpose) in PURPOSES {
        let needs_a_stand_in = function == Function::RecoveryTrigger;
        if needs_a_stand_in && environment.standby().is_none() {
            continue;
        }
        let building = Building { environment, around, execution: &execution, archive: &archive };
        let made = building.function(&mut scope, function, purpose);
        match trigger(environment, function) {
            Some((trigger, description)) => {
                let props = RuleProps { name: name(environment, function), description, trigger };
                let mut scope = scope.child(&pascal_case(function.handler()));
                Rule::calling(&mut scope, "Rule", props, &made);
            }
            // What watches the other region calls it.
            None => {
                scope.share("RecoveryTriggerArn", purpose, &made.arn());
                scope.share("RecoveryTriggerName", purpose, &made.name());
                recovery_trigger = Some(made);
            }
        }
    }
    (stack, Functions { execution, recovery_trigger })
}

fn name(environment: &Environment, function: Function) -> String {
    function.name(environment.name().as_str())
}

/// Members see what somebody has approved; developers see what was pushed.
const fn takes_every_push(environment: &Environment) -> bool {
    match environment.kind() {
        Kind::Development => true,
        Kind::Production | Kind::Recovery => false,
    }
}

/// What calls a function of this stack.
fn trigger(environment: &Environment, function: Function) -> Option<(Trigger, &'static str)> {
    let schedule = |expression| match function.comes_later() || is_idle(environment, function) {
        // It would do nothing but fail.
        true => Trigger::PausedSchedule(expression),
        false => Trigger::Schedule(expression),
    };
    match function {
        Function::DeployOnPush => Some((Trigger::Pattern(arrival(environment)), "An image has arrived")),
        Function::Reconcile => Some((schedule(OFTEN), "Every five minutes")),
        Function::TokenRefresh => Some((schedule(BEFORE_TOKENS_EXPIRE), "Every half an hour")),
        Function::RecoveryTrigger => None,
    }
}

/// Images are pushed in one region and copied to the other; both arrivals look different.
fn arrival(environment: &Environment) -> serde_json::Value {
    let (kind, action) = match environment.standby() {
        None => ("ECR Image Action", "PUSH"),
        Some(_) => ("ECR Replication Action", "REPLICATE"),
    };
    json!({
        "source": ["aws.ecr"],
        "detail-type": [kind],
        "detail": { "action-type": [action], "result": ["SUCCESS"], "repository-name": [IMAGE_REPOSITORY] },
    })
}

/// What all functions of an environment share.
struct Building<'a> {
    environment: &'a Environment,
    around: &'a Around<'a>,
    execution: &'a Role,
    archive: &'a Value<String>,
}

impl Building<'_> {
    fn function(&self, scope: &mut Scope<'_>, function: Function, purpose: &'static str) -> lambda::Function {
        let Self { environment, around, .. } = *self;
        let mut scope = scope.child(&pascal_case(function.handler()));
        let logs = LogGroup::new(
            &mut scope,
            "LogGroup",
            LogGroupProps {
                name: naming::log_group(environment, function.handler()),
                retention: Retention::ThreeMonths,
                key: around.log_key,
            },
        );
        let name = name(environment, function);
        let props = DeadLettersProps { name: format!("{name}-dead"), key: around.key };
        let dead_letters = DeadLetters::new(&mut scope, "DeadLetters", props);
        self.alarm(&mut scope, function, &dead_letters);
        let bucket = around.account.assets.name();
        let props = FunctionProps {
            name,
            description: purpose,
            handler: function.handler(),
            archive: Archive { bucket: &bucket, key: self.archive },
            timeout_s: TIMEOUT_S,
            concurrency: ONE_AT_A_TIME,
            variables: self.variables(function),
            key: around.key,
            logs: &logs,
            dead_letters: &dead_letters,
            permissions: self.permissions(function),
        };
        lambda::Function::new(&mut scope, "Function", props)
    }

    fn alarm(&self, scope: &mut Scope<'_>, function: Function, dead_letters: &DeadLetters) {
        let what = function.handler();
        let props = AlarmProps {
            name: naming::name(self.environment, &format!("{what}-dead")),
            description: format!("The function {what} failed three times: its log and its dead letters say why"),
            measure: metric(dead_letters.name(), "ApproximateNumberOfMessagesVisible").into(),
            when: When::AtLeast(1.0),
            minutes: 1,
            of: 1,
            without_data: WithoutData::Unchanged,
            tell: Some(&self.around.messaging.alerts),
        };
        Alarm::new(scope, "Dead", props);
    }

    /// As the program reads them.
    fn variables(&self, function: Function) -> BTreeMap<&'static str, Value<String>> {
        let environment = self.environment;
        let mut variables = BTreeMap::from([(ENVIRONMENT_VARIABLE, environment.name().as_str().into())]);
        if reads_data(function) {
            variables.insert(DATA_ENVIRONMENT_VARIABLE, environment.primary().name().as_str().into());
        }
        if changes_services(function) {
            variables.insert(EXECUTION_ROLE_VARIABLE, self.execution.arn());
        }
        if function == Function::DeployOnPush {
            let wanted = if takes_every_push(environment) { EVERY_PUSH } else { APPROVED };
            variables.insert(WANTED_VARIABLE, wanted.into());
        }
        variables
    }

    /// A function whose work comes later may do nothing yet.
    fn permissions(&self, function: Function) -> Permissions {
        let mut permissions = Permissions::none();
        let configuration = &self.around.data.configuration;
        if is_idle(self.environment, function) {
            return permissions;
        }
        if reads_data(function) {
            configuration.grant_read(&mut permissions);
        }
        if function == Function::TokenRefresh {
            let secrets = &self.around.data.secrets;
            for (credentials, token) in REFRESHED_TOKENS {
                secrets[&credentials].grant_read(&mut permissions);
                secrets[&token].grant_write(&mut permissions);
            }
        }
        if !changes_services(function) {
            return permissions;
        }
        if function == Function::DeployOnPush && takes_every_push(self.environment) {
            configuration.grant_append(&mut permissions);
        }
        let stacks = service_stacks(self.environment);
        let why = "the services' stacks; CloudFormation puts an id of its own behind each name";
        permissions.add(
            Statement::allow(["cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"], [stacks.clone()])
                .with_wildcard_because(why),
        );
        let by_the_role =
            Condition { operator: "StringEquals", key: "cloudformation:RoleArn", values: vec![self.execution.arn()] };
        permissions.add(Statement {
            conditions: vec![by_the_role],
            ..Statement::allow(["cloudformation:UpdateStack"], [stacks]).with_wildcard_because(why)
        });
        self.execution.grant_pass(&mut permissions, TrustedService::CloudFormation);
        permissions
    }
}

/// Secrets of a stand-in are replicas, which only the other region writes.
const fn is_idle(environment: &Environment, function: Function) -> bool {
    match function {
        Function::TokenRefresh => environment.standby().is_some(),
        Function::DeployOnPush | Function::Reconcile | Function::RecoveryTrigger => false,
    }
}

const fn reads_data(function: Function) -> bool {
    match function {
        Function::DeployOnPush | Function::Reconcile | Function::TokenRefresh => true,
        Function::RecoveryTrigger => false,
    }
}

const fn changes_services(function: Function) -> bool {
    match function {
        Function::DeployOnPush | Function::Reconcile => true,
        Function::TokenRefresh | Function::RecoveryTrigger => false,
    }
}

/// In the stack's own region.
pub(crate) fn service_stacks(environment: &Environment) -> Value<String> {
    let stacks = naming::name(environment, "svc-*");
    let arn = format!("arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{stacks}/*");
    Value::substitute(&arn, [])
}
