//! Lets pages of known origins read the answers. The gateway answers preflights and its own errors; behind its proxy only the
//! service can say so on what the service answers.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

/// What a script may read beside the body; a problem is followed by its request's id.
const EXPOSED: &str = "x-request-id, etag, location, retry-after, idempotency-replayed";

/// Origins as browsers write them, for example `https://como.example`.
pub(crate) fn allow(router: Router, origins: &[String]) -> Router {
    let origins: Arc<[HeaderValue]> = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    router.layer(from_fn(move |request: Request, next: Next| answer(Arc::clone(&origins), request, next)))
}

async fn answer(origins: Arc<[HeaderValue]>, request: Request, next: Next) -> Response {
    let asking = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    let allowed = asking.filter(|origin| origins.contains(origin));
    mark(response.headers_mut(), allowed);
    response
}

fn mark(headers: &mut HeaderMap, allowed: Option<HeaderValue>) {
    // Also where it is missing or unknown: a cache must not give this answer to a page that may read it.
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn allowed(origin: Option<&str>) -> (Option<String>, usize) {
        let origins = ["https://como.example".to_owned(), "https://app.como.example".to_owned()];
        let router = allow(Router::new().route("/", get(async || "hello")), &origins);
        let mut request = Request::get("/");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let headers = response.headers();
        let origin = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap().to_owned());
        (origin, headers.get_all(header::VARY).iter().count())
    }

    #[tokio::test]
    async fn known_origins_are_allowed_by_name_and_no_others() {
        for known in ["https://como.example", "https://app.como.example"] {
            assert_eq!(allowed(Some(known)).await, (Some(known.to_owned()), 1));
        }
        for other in [None, Some("https://como.example.org"), Some("null"), Some("http://como.example")] {
            assert_eq!(allowed(other).await, (None, 1), "{other:?}");
        }
    }
}
