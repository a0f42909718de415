//! Every error that the API answers, as problem+json (RFC 9457). HTTP statuses are chosen here and nowhere else.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use como_domain::partner::{Partner, PartnerErrorKind};
use como_domain::section::UnavailableReason;
use serde::Serialize;
use utoipa::ToSchema;

/// The stable code of a problem. Callers match on it, never on the wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    RequestInvalid,
    RequestTooLarge,
    RequestMediaType,
    RequestTimedOut,
    RouteUnknown,
    RouteMethod,
    TokenMissing,
    TokenInvalid,
    WrongCredentials,
    PasswordChangeNeeded,
    MemberUnknown,
    ExperienceUnknown,
    PartnerUnavailable,
    IdentityUnavailable,
    SessionUnavailable,
    Internal,
}

impl Code {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::RequestInvalid => "request.invalid",
            Self::RequestTooLarge => "request.too_large",
            Self::RequestMediaType => "request.media_type",
            Self::RequestTimedOut => "request.timed_out",
            Self::RouteUnknown => "route.unknown",
            Self::RouteMethod => "route.method_not_allowed",
            Self::TokenMissing => "auth.token_missing",
            Self::TokenInvalid => "auth.token_invalid",
            Self::WrongCredentials => "login.wrong_credentials",
            Self::PasswordChangeNeeded => "login.password_change_needed",
            Self::MemberUnknown => "member.unknown",
            Self::ExperienceUnknown => "experience.unknown",
            Self::PartnerUnavailable => "partner.unavailable",
            Self::IdentityUnavailable => "identity.unavailable",
            Self::SessionUnavailable => "session.unavailable",
            Self::Internal => "internal",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::RequestInvalid => StatusCode::BAD_REQUEST,
            Self::TokenMissing | Self::TokenInvalid | Self::WrongCredentials => StatusCode::UNAUTHORIZED,
            Self::PasswordChangeNeeded => StatusCode::FORBIDDEN,
            Self::RouteUnknown | Self::MemberUnknown | Self::ExperienceUnknown => StatusCode::NOT_FOUND,
            Self::RouteMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RequestMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::PartnerUnavailable | Self::IdentityUnavailable | Self::SessionUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::RequestTimedOut => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::RequestInvalid => "The request is not valid",
            Self::RequestTooLarge => "The request body is too large",
            Self::RequestMediaType => "The request body must be JSON",
            Self::RequestTimedOut => "The answer took too long",
            Self::RouteUnknown => "There is nothing at this address",
            Self::RouteMethod => "This address does not take this method",
            Self::TokenMissing => "An access token is needed",
            Self::TokenInvalid => "The access token cannot be read",
            Self::WrongCredentials => "The login or the password is wrong",
            Self::PasswordChangeNeeded => "The password must be changed first",
            Self::MemberUnknown => "Memberson does not know this member",
            Self::ExperienceUnknown => "There is no such experience",
            Self::PartnerUnavailable => "A partner cannot be reached",
            Self::IdentityUnavailable => "Signing in is not possible at the moment",
            Self::SessionUnavailable => "The session cannot be kept at the moment",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

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

    /// The final response; the request's id is only known to the layer that calls this.
    pub(crate) fn render(self, request_id: &str) -> Response {
        let status = self.code.status();
        let document = ProblemDocument {
            uri: format!("urn:como:problem:{}", self.code.text()),
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

/// Carries the problem to the layer that knows the request's id and renders it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
