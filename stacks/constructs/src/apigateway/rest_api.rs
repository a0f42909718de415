//! REST APIs with one stage.

use crate::kms::Key;
use crate::logs::{LogGroup, Retention};
use como_core::resource::{Dependency, Handle, Options, RemovalPolicy};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::apigateway::{self, rest_api, stage};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// A regional REST API made of one OpenAPI document, deployed to one stage.
#[derive(Debug, Clone)]
pub struct RestApi {
    handle: Handle<apigateway::RestApi>,
    stage: Handle<apigateway::Stage>,
}

#[derive(Debug)]
pub struct RestApiProps<'a> {
    pub name: String,
    pub description: &'a str,
    pub document: Json,
    pub stage: String,
    pub throttle: Throttle,
    /// Of single methods: lower-case method, path with its parameters in braces.
    pub method_throttles: Vec<(String, String, Throttle)>,
    pub access_log: &'a LogGroup,
    /// Encrypts the log of the gateway's own errors, whose name begins with [`EXECUTION_LOG_PREFIX`].
    pub log_key: &'a Key,
    /// The account's logging role, without which a stage with logs is refused; none where another stack made it.
    pub after: Option<Dependency>,
}

/// For all callers together; what is above it is answered with 429.
#[derive(Debug, Clone, Copy)]
pub struct Throttle {
    pub requests_per_second: f64,
    pub burst: i64,
}

impl RestApi {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: RestApiProps<'_>) -> Self {
        let mut scope = scope.child(id);
        // What the document refers to is in it by logical id: a load balancer that is replaced under its old id makes no
        // new deployment, and the stage then leads to the old one.
        let fingerprint = fingerprint(&props.document);
        let handle = scope.add_with(
            "Resource",
            &apigateway::RestApi {
                name: Some(props.name.into()),
                description: Some(props.description.into()),
                endpoint_configuration: Some(rest_api::EndpointConfiguration {
                    types: Some(["REGIONAL"].into()),
                    ip_address_type: Some("dualstack".into()),
                    ..rest_api::EndpointConfiguration::new()
                }),
                body: Some(Value::document(props.document)),
                // A warning is a part of the document that API Gateway left out.
                fail_on_warnings: Some(true.into()),
                // Who calls the API by AWS's own name for it goes around DNS, and so around a failover.
                disable_execute_api_endpoint: Some(true.into()),
                security_policy: Some(SECURITY_POLICY.into()),
                endpoint_access_mode: Some(ENDPOINT_ACCESS_MODE.into()),
                ..apigateway::RestApi::new()
            },
            Options { suppressions: vec![validators_are_in_the_document()], ..Options::default() },
        );
        // A deployment is a copy of the API at one time and never changes: a changed document needs a new one, and the
        // stage must be able to go back to the old one.
        let deployment = scope.add_with(
            &format!("Deployment{fingerprint}"),
            &apigateway::Deployment::new(handle.reference()),
            Options { removal: Some(RemovalPolicy::Retain), ..Options::default() },
        );
        // The gateway makes this group with the first error that it logs, unless it is there.
        let name = format!("{EXECUTION_LOG_PREFIX}${{Api}}/{}", props.stage);
        let name = Value::substitute(&name, [("Api", handle.reference())]);
        let execution_log = LogGroup::called(&mut scope, "ExecutionLog", name, Retention::ThreeMonths, props.log_key);
        let mut settings = vec![method_setting("*", "/*", props.throttle)];
        settings.extend(
            props.method_throttles.iter().map(|(method, path, throttle)| {
                method_setting(&method.to_ascii_uppercase(), &escaped(path), *throttle)
            }),
        );
        let stage = scope.add_with(
            "Stage",
            &apigateway::Stage {
                stage_name: Some(props.stage.as_str().into()),
                deployment_id: Some(deployment.reference()),
                access_log_setting: Some(stage::AccessLogSetting {
                    destination_arn: Some(props.access_log.arn_without_streams()),
                    format: Some(ACCESS_LOG_FORMAT.into()),
                }),
                method_settings: Some(settings),
                tracing_enabled: Some(true.into()),
                ..apigateway::Stage::new(handle.reference())
            },
            Options {
                depends_on: props.after.into_iter().chain([execution_log.dependency()]).collect(),
                suppressions: vec![no_cache(), no_client_certificate()],
                ..Options::default()
            },
        );
        Self { handle, stage }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn stage(&self) -> Value<String> {
        self.stage.reference()
    }

    #[must_use]
    pub fn stage_arn(&self) -> Value<String> {
        let arn = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Stage}";
        Value::substitute(arn, [("Api", self.id()), ("Stage", self.stage())])
    }
}

/// The API's id follows, then a slash and the stage's name.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
pub const EXECUTION_LOG_PREFIX: &str = "API-Gateway-Execution-Logs_";

/// TLS 1.2 with forward secrecy, or 1.3: partners' webhooks are not all at 1.3 yet.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html>
pub(super) const SECURITY_POLICY: &str = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";
/// The name in the TLS handshake must be the name in the request.
pub(super) const ENDPOINT_ACCESS_MODE: &str = "STRICT";

/// A line for each request, without anything that tells who sent it: no path with ids in it, no address.
const ACCESS_LOG_FORMAT: &str = concat!(
    r#"{"request_id":"$context.requestId","time":"$context.requestTime","method":"$context.httpMethod","#,
    r#""route":"$context.resourcePath","status":"$context.status","response_bytes":"$context.responseLength","#,
    r#""latency_ms":"$context.responseLatency","integration_latency_ms":"$context.integrationLatency","#,
    r#""integration_status":"$context.integrationStatus","error":"$context.error.responseType"}"#
);

fn validators_are_in_the_document() -> Suppression {
    Suppression::new(
        ["AwsSolutions-APIG2"],
        "The validators are in the OpenAPI document; a RequestValidator beside it is what cfn-lint warns of (W3660)",
    )
}

fn no_cache() -> Suppression {
    Suppression::new(
        ["CKV_AWS_120"],
        "Answers are a member's own and are not to be kept at the door; a cache is paid for by the hour",
    )
}

fn no_client_certificate() -> Suppression {
    Suppression::new(
        ["APIGateway.2"],
        "What is behind the stage is a private load balancer, whose certificate the gateway checks by the name it calls",
    )
}

fn method_setting(method: &str, path: &str, throttle: Throttle) -> stage::MethodSetting {
    stage::MethodSetting {
        http_method: Some(method.into()),
        resource_path: Some(path.into()),
        // Errors only, and never whole requests: they hold tokens and passwords.
        logging_level: Some("ERROR".into()),
        data_trace_enabled: Some(false.into()),
        metrics_enabled: Some(true.into()),
        throttling_rate_limit: Some(throttle.requests_per_second.into()),
        throttling_burst_limit: Some(throttle.burst.into()),
        ..stage::MethodSetting::new()
    }
}

/// `/v1/things` becomes `/~1v1~1things`, which is how a stage names a path.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html>
fn escaped(path: &str) -> String {
    format!("/{}", path.replace('/', "~1"))
}

fn fingerprint(document: &Json) -> String {
    let digest = Sha256::digest(document.to_string().as_bytes());
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
