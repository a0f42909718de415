//! Stripe's errors.

use axum::http::StatusCode;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    decline_code: Option<&'static str>,
    message: String,
    param: Option<String>,
    payment_intent: Option<Box<Value>>,
    /// Whether execution had begun, so that the same key gets the same error for ever.
    pub(super) is_stored: bool,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            kind,
            code: None,
            decline_code: None,
            message: message.into(),
            param: None,
            payment_intent: None,
            is_stored: false,
        }
    }

    /// A mistake that is seen before anything is done.
    pub(super) fn invalid(param: &str, code: &'static str, message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message);
        Self { code: Some(code), param: Some(param.to_owned()), ..error }
    }

    pub(super) fn missing_param(param: &str) -> Self {
        Self::invalid(param, "parameter_missing", format!("Missing required param: {param}."))
    }

    pub(super) fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", "Invalid API Key provided")
    }

    pub(super) fn no_such(what: &str, id: &str) -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "invalid_request_error", format!("No such {what}: '{id}'"));
        Self { code: Some("resource_missing"), param: Some("id".to_owned()), ..error }
    }

    pub(super) fn no_such_url(method: &str, path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "invalid_request_error",
            format!("Unrecognized request URL ({method}: {path})."),
        )
    }

    /// The object is not in a state for that; execution had begun.
    pub(super) fn state(code: &'static str, message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message);
        Self { code: Some(code), is_stored: true, ..error }
    }

    pub(super) fn about(self, param: &str) -> Self {
        Self { param: Some(param.to_owned()), ..self }
    }

    pub(super) fn card(code: &'static str, decline_code: Option<&'static str>, message: &str, intent: Value) -> Self {
        let error = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message);
        Self { code: Some(code), decline_code, payment_intent: Some(Box::new(intent)), is_stored: true, ..error }
    }

    pub(super) fn key_reused(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using \
             a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    pub(super) fn key_in_use(key: &str) -> Self {
        let message = format!("There is currently another in-progress request using this Idempotent Key ({key}).");
        let error = Self::new(StatusCode::CONFLICT, "idempotency_error", message);
        Self { code: Some("idempotency_key_in_use"), ..error }
    }

    pub(super) fn internal(status: u16) -> Self {
        let error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", "An unknown error occurred");
        Self { status, is_stored: true, ..error }
    }

    pub(super) fn document(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                error[name] = value;
            }
        };
        put("code", self.code.map(Value::from));
        put("decline_code", self.decline_code.map(Value::from));
        put("param", self.param.clone().map(Value::from));
        put("payment_intent", self.payment_intent.as_deref().cloned());
        put(
            "doc_url",
            self.code.map(|code| json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")))),
        );
        json!({ "error": error })
    }
}
