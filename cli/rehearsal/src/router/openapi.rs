//! The parts of an API's OpenAPI document that API Gateway acts on.

use super::responses::GatewayResponses;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Routes and authorizers of one deployed document.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes {
    pub(super) operations: Vec<Operation>,
    /// By name in `components.securitySchemes`.
    pub(super) authorizers: BTreeMap<String, Authorizer>,
    pub(super) responses: GatewayResponses,
}

#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// Upper case; `ANY` fits every method.
    pub(super) method: String,
    pub(super) segments: Vec<Segment>,
    /// Any one of them admits; none means public.
    pub(super) security: Vec<Requirement>,
    pub(super) integration: Integration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    Variable(String),
    /// `{proxy+}`: the rest of the path.
    Rest(String),
}

#[derive(Debug, Clone)]
pub(super) struct Requirement {
    pub(super) authorizer: String,
    /// An access token with one of them is asked for; without any, an ID token.
    pub(super) scopes: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Authorizer {
    pub(super) user_pools: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Integration {
    /// Over a VPC link to a load balancer.
    Private {
        load_balancer: String,
        method: String,
        uri: String,
        /// `integration.request.{path,querystring,header}.name` to where its value is.
        parameters: BTreeMap<String, String>,
    },
    Mock {
        status: u16,
        headers: BTreeMap<String, String>,
    },
}

const METHODS: &[&str] =
    &["get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"];

/// Reads a document; the error is in API Gateway's words where it has some.
pub(super) fn parse(document: &Value) -> Result<Routes, String> {
    let mut routes = Routes {
        operations: Vec::new(),
        authorizers: authorizers(document)?,
        responses: GatewayResponses::parse(document),
    };
    let default_security = requirements(document.get("security"));
    let empty = Map::new();
    let paths = document.get("paths").and_then(Value::as_object).unwrap_or(&empty);
    for (path, item) in paths {
        let item = item.as_object().unwrap_or(&empty);
        for (name, operation) in item.iter().filter(|(name, _)| METHODS.contains(&name.as_str())) {
            let method = if name.starts_with("x-") { "ANY".to_owned() } else { name.to_uppercase() };
            let integration = operation.get("x-amazon-apigateway-integration");
            let integration =
                integration.ok_or_else(|| format!("No integration defined for method {method} {path}"))?;
            let security = match operation.get("security") {
                Some(own) => requirements(Some(own)),
                None => default_security.clone(),
            };
            if let Some(unknown) = security.iter().find(|one| !routes.authorizers.contains_key(&one.authorizer)) {
                return Err(format!("Invalid authorizer '{}' on method {method} {path}", unknown.authorizer));
            }
            let integration =
                parse_integration(integration).map_err(|why| format!("{why} on method {method} {path}"))?;
            routes.operations.push(Operation { method, segments: segments(path), security, integration });
        }
    }
    Ok(routes)
}

impl Routes {
    /// The most specific operation for a request, and the values of its path's variables.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<(&Operation, BTreeMap<String, String>)> {
        let mut best: Option<(Vec<u8>, &Operation, BTreeMap<String, String>)> = None;
        for operation in &self.operations {
            if operation.method != "ANY" && operation.method != method {
                continue;
            }
            let Some((mut rank, variables)) = match_path(&operation.segments, path) else { continue };
            rank.push(u8::from(operation.method == "ANY"));
            if best.as_ref().is_none_or(|(best_rank, ..)| rank < *best_rank) {
                best = Some((rank, operation, variables));
            }
        }
        best.map(|(_, operation, variables)| (operation, variables))
    }
}

/// Literal before variable before rest, segment by segment; lower ranks win.
fn match_path(segments: &[Segment], path: &str) -> Option<(Vec<u8>, BTreeMap<String, String>)> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let mut rank = Vec::new();
    let mut variables = BTreeMap::new();
    for (index, segment) in segments.iter().enumerate() {
        let part = parts.get(index)?;
        match segment {
            Segment::Literal(literal) if literal == part => rank.push(0),
            Segment::Variable(name) if !part.is_empty() => {
                rank.push(1);
                variables.insert(name.clone(), (*part).to_owned());
            }
            Segment::Rest(name) => {
                rank.push(2);
                let rest: Vec<&str> = parts.iter().skip(index).copied().collect();
                variables.insert(name.clone(), rest.join("/"));
                return Some((rank, variables));
            }
            Segment::Literal(_) | Segment::Variable(_) => return None,
        }
    }
    (segments.len() == parts.len()).then_some((rank, variables))
}

fn segments(path: &str) -> Vec<Segment> {
    let parse = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Rest(name.to_owned()),
            None => Segment::Variable(name.to_owned()),
        },
        None => Segment::Literal(part.to_owned()),
    };
    path.trim_start_matches('/').split('/').map(parse).collect()
}

fn authorizers(document: &Value) -> Result<BTreeMap<String, Authorizer>, String> {
    let schemes = document.pointer("/components/securitySchemes").or_else(|| document.get("securityDefinitions"));
    let mut authorizers = BTreeMap::new();
    for (name, scheme) in schemes.and_then(Value::as_object).into_iter().flatten() {
        let Some(authorizer) = scheme.get("x-amazon-apigateway-authorizer") else { continue };
        let kind = authorizer["type"].as_str().unwrap_or_default();
        if kind != "cognito_user_pools" {
            return Err(format!("the rehearsal cloud does not offer authorizers of type '{kind}'"));
        }
        let pools = authorizer["providerARNs"].as_array().into_iter().flatten();
        let user_pools = pools.filter_map(Value::as_str).map(str::to_owned).collect();
        authorizers.insert(name.clone(), Authorizer { user_pools });
    }
    Ok(authorizers)
}

fn requirements(security: Option<&Value>) -> Vec<Requirement> {
    let objects = security.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let named = objects.flat_map(|requirement| requirement.iter());
    named
        .map(|(name, scopes)| {
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str);
            Requirement { authorizer: name.clone(), scopes: scopes.map(str::to_owned).collect() }
        })
        .collect()
}

fn parse_integration(integration: &Value) -> Result<Integration, String> {
    let text = |name: &str| integration[name].as_str().unwrap_or_default();
    match text("type").to_lowercase().as_str() {
        "http_proxy" => {
            if text("connectionType") != "VPC_LINK" {
                return Err("the rehearsal cloud offers HTTP integrations over a VPC link only".to_owned());
            }
            if text("connectionId").is_empty() {
                return Err("ConnectionId must be specified for a VPC_LINK integration".to_owned());
            }
            let load_balancer = text("integrationTarget").to_owned();
            if !load_balancer.contains(":loadbalancer/") {
                return Err("integrationTarget must be the ARN of a load balancer".to_owned());
            }
            let parameters = text_map(integration.get("requestParameters"));
            let method = match text("httpMethod") {
                "" => "ANY",
                method => method,
            };
            let method = method.to_uppercase();
            Ok(Integration::Private { load_balancer, method, uri: text("uri").to_owned(), parameters })
        }
        "mock" => {
            let response = &integration["responses"]["default"];
            let status = response["statusCode"].as_str().and_then(|status| status.parse().ok()).unwrap_or(200);
            let headers = text_map(response.get("responseParameters"));
            let headers = headers.into_iter().filter_map(|(name, value)| {
                let name = name.strip_prefix("method.response.header.")?.to_owned();
                Some((name, value.trim_matches('\'').to_owned()))
            });
            Ok(Integration::Mock { status, headers: headers.collect() })
        }
        other => Err(format!("the rehearsal cloud does not offer integrations of type '{other}'")),
    }
}

fn text_map(value: Option<&Value>) -> BTreeMap<String, String> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::{match_path, segments};

    #[test]
    fn paths_match_whole_segments() {
        for (template, path, expected) in [
            ("/v1/experiences", "/v1/experiences", Some(vec![0, 0])),
            ("/v1/experiences/{id}", "/v1/experiences/7", Some(vec![0, 0, 1])),
            ("/v1/experiences/{id}", "/v1/experiences/", None),
            ("/v1/experiences/{id}", "/v1/experiences/7/8", None),
            ("/{proxy+}", "/a/b", Some(vec![2])),
            ("/", "/", Some(vec![0])),
        ] {
            assert_eq!(match_path(&segments(template), path).map(|(rank, _)| rank), expected, "{template} and {path}");
        }
    }
}
