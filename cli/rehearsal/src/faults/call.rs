//! What faults do to a call at the gateway.

use super::engine::{Faults, Occasion};
use super::planes::plane_of;
use super::script::Action;
use crate::services::ServiceError;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use std::time::Duration;

/// A call before anybody has answered it.
pub(crate) struct Call<'a> {
    pub region: &'a str,
    pub service: &'a str,
    pub method: &'a Method,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub body: &'a Bytes,
}

/// How a call goes.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// On the wall, before anything else.
    pub delay: Duration,
    pub end: End,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) enum End {
    #[default]
    Answer,
    Refuse(ServiceError),
    LoseCall,
    LoseReply,
}

impl Faults {
    pub(crate) fn judge(&self, call: &Call<'_>) -> Verdict {
        let operation = call.operation();
        let (region, service) = (call.region, call.service);
        let mut verdict = Verdict::default();
        for struck in self.happen(Occasion::Call { region, service, operation: &operation }) {
            let end = match struck.action {
                Action::Throttle { .. } => End::Refuse(throttling(service)),
                Action::Refuse { code, status, message, .. } => End::Refuse(ServiceError {
                    status: status.unwrap_or(400),
                    message: message.unwrap_or_else(|| format!("{code} by a fault script")),
                    code,
                }),
                Action::LoseCall { .. } => End::LoseCall,
                Action::LoseReply { .. } => End::LoseReply,
                Action::Delay { seconds, spread_seconds, .. } => {
                    verdict.delay += Duration::from_secs_f64(seconds + struck.spread * spread_seconds);
                    continue;
                }
                _ => continue,
            };
            // The first fault that ends a call has it.
            if verdict.end == End::Answer {
                verdict.end = end;
            }
        }
        // After the occasion was counted: the call at which a region dies is the first that gets no answer.
        let plane = plane_of(service, &operation, call.uri.query().unwrap_or_default());
        if self.outages().is_dead(region, plane) {
            verdict.end = End::LoseCall;
        }
        verdict
    }
}

impl Call<'_> {
    /// The operation's name, or method and path where the protocol has none.
    fn operation(&self) -> String {
        let target = self.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        if let Some(operation) = target.and_then(|target| target.rsplit('.').next()) {
            return operation.to_owned();
        }
        let path = self.uri.path();
        if let Some((_, operation)) = path.split_once("/operation/") {
            return operation.to_owned();
        }
        let query = self.uri.query().unwrap_or_default().as_bytes();
        // A body without a form's header may be an object of many megabytes.
        let is_form = self
            .headers
            .get(http::header::CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("application/x-www-form-urlencoded")));
        let body = if is_form { self.body.as_ref() } else { &[] };
        let mut fields = form_urlencoded::parse(query).chain(form_urlencoded::parse(body));
        match fields.find(|(key, _)| key == "Action") {
            Some((_, action)) => action.into_owned(),
            None => format!("{} {path}", self.method),
        }
    }
}

/// As each service says that it is asked too often.
fn throttling(service: &str) -> ServiceError {
    let (status, code) = match service {
        "s3" => (503, "SlowDown"),
        "sqs" => (400, "RequestThrottled"),
        "lambda" => (429, "TooManyRequestsException"),
        "cognito-idp" => (400, "TooManyRequestsException"),
        "cloudformation" | "route53" | "monitoring" | "sns" | "ses" | "iam" | "sts" | "elasticloadbalancing" => {
            (400, "Throttling")
        }
        _ => (400, "ThrottlingException"),
    };
    ServiceError { status, code: code.to_owned(), message: "Rate exceeded".to_owned() }
}
