//! API Gateway's own answers: its words, and what an API's document makes of them.

use super::forward::fixed;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Why the gateway answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GatewayError {
    MissingAuthenticationToken,
    Unauthorized { message: &'static str },
    RequestTooLarge,
    ApiConfiguration,
    IntegrationTimeout,
}

impl GatewayError {
    /// As gateway responses are named.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
    const fn response_type(self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MISSING_AUTHENTICATION_TOKEN",
            Self::Unauthorized { .. } => "UNAUTHORIZED",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::ApiConfiguration => "API_CONFIGURATION_ERROR",
            Self::IntegrationTimeout => "INTEGRATION_TIMEOUT",
        }
    }

    const fn status(self) -> u16 {
        match self {
            Self::MissingAuthenticationToken => 403,
            Self::Unauthorized { .. } => 401,
            Self::RequestTooLarge => 413,
            Self::ApiConfiguration => 500,
            Self::IntegrationTimeout => 504,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "Missing Authentication Token",
            Self::Unauthorized { message } => message,
            Self::RequestTooLarge => "Request Too Long",
            Self::ApiConfiguration => "Internal server error",
            Self::IntegrationTimeout => "Endpoint request timed out",
        }
    }

    /// The header `x-amzn-errortype`.
    pub(super) const fn error_type(self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::Unauthorized { .. } => "UnauthorizedException",
            Self::RequestTooLarge => "RequestTooLargeException",
            Self::ApiConfiguration => "InternalServerErrorException",
            Self::IntegrationTimeout => "GatewayTimeoutException",
        }
    }
}

/// The document's gateway responses, by type.
#[derive(Debug, Clone, Default)]
pub(super) struct GatewayResponses {
    responses: BTreeMap<String, GatewayResponse>,
}

#[derive(Debug, Clone, Default)]
struct GatewayResponse {
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    /// By content type.
    templates: BTreeMap<String, String>,
}

/// What a template may name of the request.
pub(super) struct Context<'a> {
    pub(super) request_id: &'a str,
    pub(super) stage: &'a str,
    pub(super) api_id: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
}

impl GatewayResponses {
    pub(super) fn parse(document: &Value) -> Self {
        let given = document.get("x-amazon-apigateway-gateway-responses").and_then(Value::as_object);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let responses = given.into_iter().flatten().map(|(name, response)| {
            let entries = |name: &str| response[name].as_object().cloned().unwrap_or_default();
            let headers = entries("responseParameters").into_iter().filter_map(|(name, value)| {
                let name = name.strip_prefix("gatewayresponse.header.")?.to_owned();
                Some((name, text(&value)?))
            });
            let templates =
                entries("responseTemplates").into_iter().filter_map(|(name, value)| Some((name, text(&value)?)));
            let status = &response["statusCode"];
            let status = status.as_str().and_then(|status| status.parse().ok()).or_else(|| status.as_u64());
            let response = GatewayResponse {
                status: status.and_then(|status| u16::try_from(status).ok()),
                headers: headers.collect(),
                templates: templates.collect(),
            };
            (name.clone(), response)
        });
        Self { responses: responses.collect() }
    }

    pub(super) fn render(
        &self,
        error: GatewayError,
        context: &Context<'_>,
        asked: &HeaderMap,
    ) -> http::Response<Bytes> {
        let fallback = if error.status() < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
        let declared = self.responses.get(error.response_type()).or_else(|| self.responses.get(fallback));
        let Some(declared) = declared else {
            let body = json!({ "message": error.message() }).to_string();
            return fixed(error.status(), "application/json", body);
        };
        let status = declared.status.unwrap_or_else(|| error.status());
        let accepted = asked.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let template = declared.templates.iter().find(|(content_type, _)| accepted.contains(content_type.as_str()));
        let template = template.or_else(|| declared.templates.get_key_value("application/json"));
        let template = template.or_else(|| declared.templates.iter().next());
        let mut response = match template {
            Some((content_type, template)) => fixed(status, content_type, fill(template, error, context)),
            None => fixed(status, "application/json", json!({ "message": error.message() }).to_string()),
        };
        for (name, source) in &declared.headers {
            let value = header_value(source, error, context, asked);
            if let (Ok(name), Some(Ok(value))) = (HeaderName::try_from(name), value.map(HeaderValue::try_from)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Literals stand in single quotes; a header may also come from the request or the context.
fn header_value(source: &str, error: GatewayError, context: &Context<'_>, asked: &HeaderMap) -> Option<String> {
    if let Some(literal) = source.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return Some(literal.to_owned());
    }
    if let Some(name) = source.strip_prefix("method.request.header.") {
        return asked.get(name)?.to_str().ok().map(str::to_owned);
    }
    variable(source, error, context)
}

/// Variables only: gateway responses have no other language.
fn fill(template: &str, error: GatewayError, context: &Context<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("$context.") {
        out.push_str(before);
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.').unwrap_or(after.len());
        // A dot at the end belongs to the sentence.
        let name = after.get(..end).unwrap_or_default().trim_end_matches('.');
        out.push_str(&variable(&format!("context.{name}"), error, context).unwrap_or_default());
        rest = after.get(name.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn variable(name: &str, error: GatewayError, context: &Context<'_>) -> Option<String> {
    Some(match name {
        "context.error.message" => error.message().to_owned(),
        "context.error.messageString" => json!(error.message()).to_string(),
        "context.error.responseType" => error.response_type().to_owned(),
        "context.requestId" | "context.extendedRequestId" => context.request_id.to_owned(),
        "context.stage" => context.stage.to_owned(),
        "context.apiId" => context.api_id.to_owned(),
        "context.httpMethod" => context.method.to_owned(),
        "context.path" => context.path.to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Context, GatewayError, GatewayResponses};
    use http::HeaderMap;
    use serde_json::json;

    fn check(responses: serde_json::Value, error: GatewayError, status: u16, body: &str) -> HeaderMap {
        let document = json!({ "x-amazon-apigateway-gateway-responses": responses });
        let context = Context { request_id: "r-1", stage: "prod", api_id: "abc", method: "GET", path: "/x" };
        let response = GatewayResponses::parse(&document).render(error, &context, &HeaderMap::new());
        assert_eq!((response.status().as_u16(), std::str::from_utf8(response.body()).unwrap()), (status, body));
        response.headers().clone()
    }

    #[test]
    fn a_document_says_what_the_gateway_answers() {
        let missing = GatewayError::MissingAuthenticationToken;
        check(json!({}), missing, 403, r#"{"message":"Missing Authentication Token"}"#);
        let template =
            r#"{"m":$context.error.messageString,"c":"gateway.$context.error.responseType","r":"$context.requestId"}"#;
        let default = json!({ "responseTemplates": { "application/json": template } });
        let body = r#"{"m":"Missing Authentication Token","c":"gateway.MISSING_AUTHENTICATION_TOKEN","r":"r-1"}"#;
        check(json!({ "DEFAULT_4XX": default }), missing, 403, body);
        check(json!({ "DEFAULT_5XX": default }), missing, 403, r#"{"message":"Missing Authentication Token"}"#);
        let own = json!({
            "statusCode": "404", "responseParameters": { "gatewayresponse.header.x-why": "'lost'" },
            "responseTemplates": { "text/plain": "$context.error.message at $context.path. $context.nothing" },
        });
        let both = json!({ "DEFAULT_4XX": default, "MISSING_AUTHENTICATION_TOKEN": own });
        let headers = check(both, missing, 404, "Missing Authentication Token at /x. ");
        assert_eq!(headers["x-why"], "lost");
        assert_eq!(headers["content-type"], "text/plain");
    }
}
