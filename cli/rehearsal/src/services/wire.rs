//! Requests and answers of AWS's JSON protocols, and the words for what is not there.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use thiserror::Error;

pub(crate) type Request = http::Request<Bytes>;
pub(crate) type Response = http::Response<Bytes>;

/// An AWS error: the code that clients match on, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ServiceError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl ServiceError {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// The supervisor itself is at fault, for example when its disk is full.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        Self { status: 500, code: "InternalFailure".to_owned(), message: error.to_string() }
    }

    /// For operations that this cloud has not learnt.
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        Self::new("UnknownOperationException", format!("the rehearsal cloud does not offer {service} {operation}"))
    }
}

/// The operation of an `x-amz-target` header, without its prefix.
pub(crate) fn operation(request: &Request) -> Option<&str> {
    request.headers().get("x-amz-target")?.to_str().ok()?.rsplit('.').next()
}

pub(crate) fn body(request: &Request) -> Result<Value, ServiceError> {
    if request.body().is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(request.body())
        .map_err(|_| ServiceError::new("SerializationException", "the body is not JSON"))
}

pub(crate) fn respond(result: Result<Value, ServiceError>) -> Response {
    match result {
        Ok(value) => json_response(200, &value),
        Err(error) => error_response(&error),
    }
}

pub(crate) fn json_response(status: u16, value: &Value) -> Response {
    with_content_type(status, "application/x-amz-json-1.1", value.to_string())
}

pub(crate) fn error_response(error: &ServiceError) -> Response {
    let body = json!({ "__type": error.code, "message": error.message });
    let mut response = json_response(error.status, &body);
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// An error in the awsQuery protocol's XML.
pub(crate) fn query_error_response(error: &ServiceError) -> Response {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>",
        escape(&error.code),
        escape(&error.message)
    );
    with_content_type(error.status, "text/xml", body)
}

pub(crate) fn with_content_type(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An error in the protocol that the request speaks.
pub(crate) fn refusal(service: &str, request: &Request, error: &ServiceError) -> Response {
    if operation(request).is_some() {
        return error_response(error);
    }
    if let Some(envelope) = rest_xml_envelope(service) {
        return envelope(error);
    }
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let mut fields = form_urlencoded::parse(request.body()).chain(form_urlencoded::parse(query));
    if fields.any(|(key, _)| key == "Action") { query_error_response(error) } else { error_response(error) }
}

/// Answers for a service that is not there, in the protocol that the request speaks.
pub(crate) fn not_there(service: &str, request: &Request) -> Response {
    if let Some(operation) = operation(request) {
        return error_response(&ServiceError::unknown_operation(service, operation));
    }
    if let Some(envelope) = rest_xml_envelope(service) {
        let what = format!("{} {}", request.method(), request.uri().path());
        return envelope(&ServiceError::unknown_operation(service, &what));
    }
    let action = form_urlencoded::parse(request.body()).find(|(key, _)| key == "Action").map(|(_, value)| value);
    match action {
        Some(action) => query_error_response(&ServiceError::new(
            "InvalidAction",
            format!("the rehearsal cloud does not offer {service} {action}"),
        )),
        None => error_response(&ServiceError::unknown_operation(
            service,
            &format!("{} {}", request.method(), request.uri().path()),
        )),
    }
}

/// The services that speak XML over paths: S3 has an error of its own, the others the query protocol's.
fn rest_xml_envelope(service: &str) -> Option<fn(&ServiceError) -> Response> {
    match service {
        "s3" => Some(|error| {
            let (code, message) = (escape(&error.code), escape(&error.message));
            let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            with_content_type(error.status, "application/xml", body)
        }),
        "cloudfront" | "route53" => Some(query_error_response),
        _ => None,
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
