//! The OpenAPI document that an API is made of: one resource instead of one for each path and method.

use super::cors::{Cors, mock_preflight};
use crate::apigateway::{Throttle, VpcLink};
use crate::cognito::UserPool;
use crate::elb::LoadBalancer;
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
    /// Whose pages may call the API from a browser.
    pub cors: Cors,
    pub operations: Vec<Operation<'a>>,
}

/// Checks the access token in the `Authorization` header against a user pool.
#[derive(Debug)]
pub struct Authorizer<'a> {
    pub name: &'a str,
    pub user_pool: &'a UserPool,
}

/// Passes requests on as they are, encrypted as far as the load balancer.
#[derive(Debug)]
pub struct PrivateIntegration<'a> {
    pub link: &'a VpcLink,
    pub load_balancer: &'a LoadBalancer,
    /// A name in the load balancer's certificate; the link leads there whatever the name resolves to.
    pub host: &'a str,
}

#[derive(Debug, Default)]
pub struct Operation<'a> {
    /// Lower case.
    pub method: &'a str,
    /// With its parameters in braces.
    pub path: &'a str,
    /// Scopes, one of which the access token must have; `None` lets everybody in.
    pub scopes: Option<Vec<&'a str>>,
    /// Headers without which the gateway does not pass the request on.
    pub required_headers: Vec<&'a str>,
    /// What the gateway checks of the body.
    pub body: Body,
    /// Less than the stage allows.
    pub throttle: Option<Throttle>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body {
    /// There is none, or only the service can tell whether it is right.
    #[default]
    Any,
    /// One JSON object.
    JsonObject,
}

/// API Gateway's own limit for REST APIs without a raised quota.
const TIMEOUT_MS: u32 = 29_000;

/// What the validators are called in the document.
const VALIDATE_PARAMETERS: &str = "parameters";
const VALIDATE_ALL: &str = "parameters-and-body";

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
        for (path, methods) in &mut paths {
            if let Some(methods) = methods.as_object_mut() {
                let preflight = mock_preflight(&self.cors, methods.keys(), parameters(path_parameters(path), "path"));
                methods.insert("options".to_owned(), preflight);
            }
        }
        json!({
            "openapi": "3.0.1",
            "info": { "title": self.title, "description": self.description, "version": self.version },
            "paths": paths,
            "components": { "securitySchemes": { self.authorizer.name: self.authorizer.to_json() } },
            "x-amazon-apigateway-request-validators": {
                VALIDATE_PARAMETERS: { "validateRequestBody": false, "validateRequestParameters": true },
                VALIDATE_ALL: { "validateRequestBody": true, "validateRequestParameters": true },
            },
            "x-amazon-apigateway-request-validator": VALIDATE_PARAMETERS,
            "x-amazon-apigateway-gateway-responses": self.gateway_responses(),
        })
    }

    /// Of the operations that allow less than the stage.
    #[must_use]
    pub fn method_throttles(&self) -> Vec<(String, String, Throttle)> {
        let throttled = self.operations.iter().filter_map(|operation| {
            Some((operation.method.to_owned(), operation.path.to_owned(), operation.throttle?))
        });
        throttled.collect()
    }

    fn operation(&self, operation: &Operation<'_>) -> Json {
        let names: Vec<&str> = path_parameters(operation.path).collect();
        let mut json = Map::new();
        let mut parameters = parameters(names.iter().copied(), "path");
        parameters.extend(self::parameters(operation.required_headers.iter().copied(), "header"));
        if !parameters.is_empty() {
            json.insert("parameters".to_owned(), json!(parameters));
        }
        if operation.body == Body::JsonObject {
            let content = json!({ "application/json": { "schema": { "type": "object" } } });
            json.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
            json.insert("x-amazon-apigateway-request-validator".to_owned(), json!(VALIDATE_ALL));
        }
        json.insert("responses".to_owned(), json!({ "200": { "description": "What the service answers." } }));
        let security = operation.scopes.iter().map(|scopes| json!({ self.authorizer.name: scopes }));
        json.insert("security".to_owned(), security.collect());
        json.insert("x-amazon-apigateway-integration".to_owned(), self.integration.to_json(operation, &names));
        Json::Object(json)
    }

    /// What API Gateway answers itself looks like what the services answer: JSON with a code that programs can match, and
    /// readable for the pages that may read the rest.
    fn gateway_responses(&self) -> Json {
        let template = concat!(
            r#"{"message":$context.error.messageString,"code":"gateway.$context.error.responseType","#,
            r#""request_id":"$context.requestId"}"#
        );
        let response = json!({
            "responseParameters": self.cors.error_headers(),
            "responseTemplates": { "application/json": template },
        });
        json!({ "DEFAULT_4XX": response, "DEFAULT_5XX": response })
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
        let mut integration = json!({
            "type": "http_proxy",
            "httpMethod": operation.method.to_ascii_uppercase(),
            "uri": format!("https://{}{}", self.host, operation.path),
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

fn parameters<'a>(names: impl Iterator<Item = &'a str>, place: &str) -> Vec<Json> {
    names.map(|name| json!({ "name": name, "in": place, "required": true, "schema": { "type": "string" } })).collect()
}

/// The names in braces.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
