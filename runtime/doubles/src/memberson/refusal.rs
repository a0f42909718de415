//! What Memberson says instead of an answer.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub(super) struct Refusal(pub(super) StatusCode, pub(super) u32, pub(super) &'static str);

impl Refusal {
    /// 9000 is Memberson's code for whatever has none of its own.
    pub(super) const fn generic(message: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, 9000, message)
    }

    pub(super) const fn absent(message: &'static str) -> Self {
        Self(StatusCode::NOT_FOUND, 9000, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "ErrorCode": self.1, "Message": self.2 }))).into_response()
    }
}

pub(super) type Answer = Result<Json<Value>, Refusal>;
