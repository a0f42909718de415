//! The API's description and a page to read it and try it; everything is in the binary.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi;
use crate::problem::{Code, Problem};

const PAGE: &str = include_str!("../assets/docs.html");
const SCRIPT_NAME: &str = "rapidoc-9.3.8.min.js";
const SCRIPT: &str = include_str!("../assets/rapidoc-9.3.8.min.js");

/// The page may load and call its own origin only; its components style themselves inline.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| openapi::document().to_json().unwrap_or_default());

pub(crate) fn routes() -> OpenApiRouter {
    document_route().routes(routes!(read_page)).routes(routes!(read_asset))
}

/// The document alone, for whoever asks a service itself.
pub(crate) fn document_route() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(read_document))
}

/// The documentation page
#[utoipa::path(
    get,
    path = "/v1/docs",
    tag = "documentation",
    responses((status = 200, description = "A page for a browser", content_type = "text/html", body = String))
)]
async fn read_page() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(PAGE))
}

/// A file of the documentation page
#[utoipa::path(
    get,
    path = "/v1/docs/{asset}",
    tag = "documentation",
    params(("asset" = String, Path, description = "The file's name")),
    responses(
        (status = 200, description = "The file", content_type = "text/javascript", body = String),
        (status = 404, description = "`route.unknown`", body = crate::problem::ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn read_asset(Path(asset): Path<String>) -> Result<impl IntoResponse, Problem> {
    if asset != SCRIPT_NAME {
        return Err(Problem::of(Code::RouteUnknown));
    }
    // The name carries the version, so the content never changes.
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, SCRIPT))
}

/// The OpenAPI document
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "documentation",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value))
)]
async fn read_document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}
