//! Reading requests, with problems instead of axum's plain texts.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};

pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Json::from_request(request, state).await.map(|Json(body)| Self(body)).map_err(|rejection| match rejection {
            JsonRejection::MissingJsonContentType(_) => Problem::of(Code::RequestMediaType),
            // serde's text may quote the value, which may be a password.
            JsonRejection::JsonDataError(_) => Problem::invalid("body", "a field is missing or has the wrong type"),
            JsonRejection::JsonSyntaxError(_) => Problem::invalid("body", "not a JSON document"),
            other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => Problem::of(Code::RequestTooLarge),
            _ => Problem::invalid("body", "cannot be read"),
        })
    }
}

pub(crate) struct QueryParameters<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, state).await;
        read.map(|Query(query)| Self(query)).map_err(|_: QueryRejection| Problem::invalid("query", "cannot be read"))
    }
}
