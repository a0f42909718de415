//! Functions.

use crate::iam::{Permissions, Role, RoleProps, Statement, TrustedService};
use crate::kms::Key;
use crate::logs::LogGroup;
use crate::sqs::DeadLetters;
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::lambda::{self, function};
use std::collections::BTreeMap;

/// A static binary that runs when it is called, with one log group, one role of its own, and a place for calls that failed.
///
/// It stays outside the VPC: it speaks to AWS only, and in a VPC it could not run while the NAT gateways are not there.
#[derive(Debug, Clone)]
pub struct Function {
    handle: Handle<lambda::Function>,
}

#[derive(Debug)]
pub struct FunctionProps<'a> {
    pub name: String,
    pub description: &'a str,
    /// What the binary is told to do, since one binary has several handlers.
    pub handler: &'a str,
    pub archive: Archive<'a>,
    pub timeout_s: i64,
    /// How many may run at once; the function can never take more of the account's share.
    pub concurrency: i64,
    pub variables: BTreeMap<&'static str, Value<String>>,
    /// Encrypts the variables; the function needs no right to it.
    pub key: &'a Key,
    pub logs: &'a LogGroup,
    pub dead_letters: &'a DeadLetters,
    pub permissions: Permissions,
}

/// A zip file in a bucket of the function's region.
#[derive(Debug, Clone)]
pub struct Archive<'a> {
    pub bucket: &'a Value<String>,
    pub key: &'a Value<String>,
}

/// The binary needs a tenth of it; Lambda gives CPU by memory, and a start under TLS is CPU.
const MEMORY_MIB: i64 = 256;

impl Function {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: FunctionProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let mut permissions = props.permissions;
        props.logs.grant_write(&mut permissions);
        props.dead_letters.grant_send(&mut permissions);
        permissions.add(
            Statement::allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*".into()])
                .with_wildcard_because("X-Ray knows no resources to write to"),
        );
        let role = Role::new(
            &mut scope,
            "Role",
            RoleProps {
                description: "What the function may do",
                trusted: TrustedService::Lambda,
                permissions,
                managed_policies: Vec::new(),
                options: Options::default(),
            },
        );
        let variables = props.variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let code = function::Code {
            s3_bucket: Some(props.archive.bucket.clone()),
            s3_key: Some(props.archive.key.clone()),
            ..function::Code::new()
        };
        let outside_the_vpc = Suppression::new(
            ["CKV_AWS_117"],
            "It uses nothing of the VPC, and inside it could not run while there is no NAT gateway",
        );
        let handle = scope.add_with(
            "Resource",
            &lambda::Function {
                function_name: Some(props.name.into()),
                description: Some(props.description.into()),
                handler: Some(props.handler.into()),
                runtime: Some(function::Runtime::ProvidedAl2023.into()),
                architectures: Some(vec![function::Architecture::X86_64.into()].into()),
                memory_size: Some(MEMORY_MIB.into()),
                timeout: Some(props.timeout_s.into()),
                reserved_concurrent_executions: Some(props.concurrency.into()),
                environment: Some(function::Environment { variables: Some(variables) }),
                kms_key_arn: Some(props.key.arn()),
                dead_letter_config: Some(function::DeadLetterConfig { target_arn: Some(props.dead_letters.arn()) }),
                tracing_config: Some(function::TracingConfig { mode: Some(function::Mode::Active.into()) }),
                logging_config: Some(function::LoggingConfig {
                    log_format: Some(function::LogFormat::Json.into()),
                    log_group: Some(props.logs.name()),
                    ..function::LoggingConfig::new()
                }),
                ..lambda::Function::new(code, role.arn())
            },
            Options { suppressions: vec![outside_the_vpc], ..Options::default() },
        );
        Self { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(lambda::Function::ARN)
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.reference()
    }
}
