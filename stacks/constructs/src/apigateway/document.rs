//! The OpenAPI document that an API is made of: one resource instead of one for each path and method.

use crate::apigateway::VpcLink;
use crate::cognito::UserPool;
use crate::elb::LoadBalancer;
use como_core::value::Value;
use serde_json::{Map, Value as Json, json};

/// An API's operations, all answered by one load balancer behind a VPC link.
#[derive(Debug)]
pub struct Document<'a> {
    pub title: &'a str,
    pub description: &'a str,
    /// The API's own, not the release of the software.
    pub version: &'a str,
    pub authorizer: Authorizer<'a>,
    pub integration: PrivateIntegration<'a>,
    pub operations: Vec<Operation<'a>>,
}

/// Checks the access token in the `Authorization` header against a user pool.
#[derive(Debug)]
pub struct Authorizer<'a> {
    pub name: &'a str,
    pub user_pool: &'a UserPool,
}

/// Passes requests on as they are.
#[derive(Debug)]
pub struct PrivateIntegration<'a> {
    pub link: &'a VpcLink,
    pub load_balancer: &'a LoadBalancer,
}

#[derive(Debug)]
pub struct Operation<'a> {
    /// Lower case.
    pub method: &'a str,
    /// With its parameters in braces.
    pub path: &'a str,
    /// Scopes, one of which the access token must have; `None` lets everybody in.
    pub scopes: Option<Vec<&'a str>>,
}

/// API Gateway's own limit for REST APIs without a raised quota.
const TIMEOUT_MS: u32 = 29_000;

impl Document<'_> {
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut paths: Map<String, Json> = Map::new();
        for operation in &self.operations {
            let path = paths.entry(operation.path).or_insert_with(|| json!({}));
            if let Some(methods) = path.as_object_mut() {
                methods.insert(operation.method.to_owned(), self.operation(operation));
            }
        }
        json!({
            "openapi": "3.0.1",
            "info": { "title": self.title, "description": self.description, "version": self.version },
            "paths": paths,
            "components": { "securitySchemes": { self.authorizer.name: self.authorizer.to_json() } },
            "x-amazon-apigateway-request-validators": {
                "parameters": { "validateRequestBody": false, "validateRequestParameters": true },
            },
            "x-amazon-apigateway-request-validator": "parameters",
            "x-amazon-apigateway-gateway-responses": gateway_responses(),
        })
    }

    fn operation(&self, operation: &Operation<'_>) -> Json {
        let names: Vec<&str> = path_parameters(operation.path).collect();
        let mut json = Map::new();
        if !names.is_empty() {
            let parameters: Vec<Json> = names
                .iter()
                .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
                .collect();
            json.insert("parameters".to_owned(), json!(parameters));
        }
        json.insert("responses".to_owned(), json!({ "200": { "description": "What the service answers." } }));
        let security = operation.scopes.iter().map(|scopes| json!({ self.authorizer.name: scopes }));
        json.insert("security".to_owned(), security.collect());
        json.insert("x-amazon-apigateway-integration".to_owned(), self.integration.to_json(operation, &names));
        Json::Object(json)
    }
}

impl Authorizer<'_> {
    fn to_json(&self) -> Json {
        json!({
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": [self.user_pool.arn()],
            },
        })
    }
}

impl PrivateIntegration<'_> {
    fn to_json(&self, operation: &Operation<'_>, parameters: &[&str]) -> Json {
        let uri = format!("http://${{LoadBalancer}}{}", operation.path);
        let mut integration = json!({
            "type": "http_proxy",
            "httpMethod": operation.method.to_ascii_uppercase(),
            "uri": Value::substitute(&uri, [("LoadBalancer", self.load_balancer.dns_name())]),
            "connectionType": "VPC_LINK",
            "connectionId": self.link.id(),
            "integrationTarget": self.load_balancer.arn(),
            "passthroughBehavior": "when_no_match",
            "timeoutInMillis": TIMEOUT_MS,
        });
        let mappings: Map<String, Json> = parameters
            .iter()
            .map(|name| (format!("integration.request.path.{name}"), json!(format!("method.request.path.{name}"))))
            .collect();
        if let (Some(integration), false) = (integration.as_object_mut(), mappings.is_empty()) {
            integration.insert("requestParameters".to_owned(), Json::Object(mappings));
        }
        integration
    }
}

/// What API Gateway answers itself looks like what the services answer: JSON with a code that programs can match.
fn gateway_responses() -> Json {
    let template = concat!(
        r#"{"message":$context.error.messageString,"code":"gateway.$context.error.responseType","#,
        r#""request_id":"$context.requestId"}"#
    );
    let response = json!({ "responseTemplates": { "application/json": template } });
    json!({ "DEFAULT_4XX": response, "DEFAULT_5XX": response })
}

/// The names in braces.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
