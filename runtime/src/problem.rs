//! Errors as the API answers them: problem+json (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use como_domain::partner::{Partner, PartnerErrorKind};
use como_domain::section::UnavailableReason;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use crate::problem_code::Code;

/// What a handler answers instead of its reply. Nothing in it comes from a partner's text.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    partner: Option<&'static str>,
    reason: Option<&'static str>,
    retry_after_s: Option<u64>,
}

/// A mistake in one field of the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field's place, for example `login` or `query.date`.
    pub(crate) field: String,
    pub(crate) message: String,
}

/// RFC 9457, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    #[serde(rename = "type")]
    #[schema(example = "urn:como:problem:login.wrong_credentials")]
    uri: String,
    /// For people; the wording may change.
    title: &'static str,
    status: u16,
    /// Stable; match on this.
    #[schema(example = "login.wrong_credentials")]
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// With `partner.unavailable`: which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<&'static str>,
    /// With `partner.unavailable`: why, in the codes of an unavailable section.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Name it when you ask for help.
    request_id: String,
}

impl Problem {
    pub(crate) const fn of(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), partner: None, reason: None, retry_after_s: None }
    }

    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        let errors = vec![FieldError { field: field.to_owned(), message: message.into() }];
        Self { errors, ..Self::of(Code::RequestInvalid) }
    }

    pub(crate) fn invalid_fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::of(Code::RequestInvalid) }
    }

    pub(crate) fn partner_unavailable(partner: Partner, kind: PartnerErrorKind) -> Self {
        let retry_after_s = match kind {
            PartnerErrorKind::Overloaded { retry_after: Some(wait) } => wait.as_secs().clamp(1, 60),
            _ => 5,
        };
        Self { retry_after_s: Some(retry_after_s), ..Self::partner_missing(partner, kind.reason()) }
    }

    pub(crate) fn partner_missing(partner: Partner, reason: UnavailableReason) -> Self {
        let detail = Some(format!("{partner} gave no usable answer; nothing was changed"));
        let (partner, reason) = (Some(partner.name()), Some(reason.code()));
        Self { detail, partner, reason, retry_after_s: Some(5), ..Self::of(Code::PartnerUnavailable) }
    }

    pub(crate) fn explained(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::of(code) }
    }

    pub(crate) fn retry_after(code: Code, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..Self::of(code) }
    }

    /// The final response; the request's id is only known to the layer that calls this.
    pub(crate) fn render(self, request_id: &str) -> Response {
        let status = self.code.status();
        let document = ProblemDocument {
            uri: problem_uri(self.code),
            title: self.code.title(),
            status: status.as_u16(),
            code: self.code.text(),
            detail: self.detail,
            errors: self.errors,
            partner: self.partner,
            reason: self.reason,
            request_id: request_id.to_owned(),
        };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The `type` of a problem, which `docs/api-errors.md` explains.
pub(crate) fn problem_uri(code: Code) -> String {
    format!("urn:como:problem:{}", code.text())
}

/// Carries the problem to the layer that knows the request's id and renders it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
