//! What SevenRooms says instead of an answer.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str);

impl Refusal {
    pub(super) const fn bad(message: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, message)
    }

    pub(super) const fn absent(message: &'static str) -> Self {
        Self(StatusCode::NOT_FOUND, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.as_u16();
        let body = json!({ "status": status, "code": status, "msg": self.1, "request_id": Uuid::new_v4() });
        (self.0, Json(body)).into_response()
    }
}

pub(super) type Answer = Result<Json<Value>, Refusal>;
