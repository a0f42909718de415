//! REST APIs with one stage.

use crate::logs::LogGroup;
use como_core::resource::{Dependency, Handle, Options, RemovalPolicy};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::apigateway::{self, rest_api, stage};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// A regional REST API made of one OpenAPI document, deployed to one stage.
#[derive(Debug, Clone)]
pub struct RestApi {
    handle: Handle<apigateway::RestApi>,
    stage: String,
}

#[derive(Debug)]
pub struct RestApiProps<'a> {
    pub name: String,
    pub description: &'a str,
    pub document: Json,
    pub stage: String,
    pub throttle: Throttle,
    pub access_log: &'a LogGroup,
    /// The account's logging role, without which a stage with logs is refused.
    pub after: Option<Dependency>,
}

/// For the stage as a whole; what is above it is answered with 429.
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
        let handle = scope.add(
            "Resource",
            apigateway::RestApi {
                name: Some(props.name.into()),
                description: Some(props.description.into()),
                endpoint_configuration: Some(rest_api::EndpointConfiguration {
                    types: Some(["REGIONAL"].into()),
                    ..rest_api::EndpointConfiguration::new()
                }),
                body: Some(Value::document(props.document)),
                // A warning is a part of the document that API Gateway left out.
                fail_on_warnings: Some(true.into()),
                ..apigateway::RestApi::new()
            },
        );
        // A deployment is a copy of the API at one time and never changes: a changed document needs a new one, and the
        // stage must be able to go back to the old one.
        let deployment = scope.add_with(
            &format!("Deployment{fingerprint}"),
            &apigateway::Deployment::new(handle.reference()),
            Options { removal: Some(RemovalPolicy::Retain), ..Options::default() },
        );
        let settings = stage::MethodSetting {
            http_method: Some("*".into()),
            resource_path: Some("/*".into()),
            // Errors only, and never whole requests: they hold tokens and passwords.
            logging_level: Some("ERROR".into()),
            data_trace_enabled: Some(false.into()),
            metrics_enabled: Some(true.into()),
            throttling_rate_limit: Some(props.throttle.requests_per_second.into()),
            throttling_burst_limit: Some(props.throttle.burst.into()),
            ..stage::MethodSetting::new()
        };
        scope.add_with(
            "Stage",
            &apigateway::Stage {
                stage_name: Some(props.stage.as_str().into()),
                deployment_id: Some(deployment.reference()),
                access_log_setting: Some(stage::AccessLogSetting {
                    destination_arn: Some(group_arn(&props.access_log.name())),
                    format: Some(ACCESS_LOG_FORMAT.into()),
                }),
                method_settings: Some(vec![settings]),
                tracing_enabled: Some(true.into()),
                ..apigateway::Stage::new(handle.reference())
            },
            Options { depends_on: props.after.into_iter().collect(), ..Options::default() },
        );
        Self { handle, stage: props.stage }
    }

    /// Where the stage answers, by AWS's own name for the API.
    #[must_use]
    pub fn url(&self) -> Value<String> {
        let url = format!("https://${{Api}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{}", self.stage);
        Value::substitute(&url, [("Api", self.handle.reference())])
    }
}

/// A line for each request, without anything that tells who sent it: no path with ids in it, no address.
const ACCESS_LOG_FORMAT: &str = concat!(
    r#"{"request_id":"$context.requestId","time":"$context.requestTime","method":"$context.httpMethod","#,
    r#""route":"$context.resourcePath","status":"$context.status","response_bytes":"$context.responseLength","#,
    r#""latency_ms":"$context.responseLatency","integration_latency_ms":"$context.integrationLatency","#,
    r#""integration_status":"$context.integrationStatus","error":"$context.error.responseType"}"#
);

/// API Gateway wants the group's ARN without the `:*` that the group's own attribute ends in.
fn group_arn(name: &Value<String>) -> Value<String> {
    let arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}";
    Value::substitute(arn, [("Group", name.clone())])
}

fn fingerprint(document: &Json) -> String {
    let digest = Sha256::digest(document.to_string().as_bytes());
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
