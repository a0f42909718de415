//! The pages for people, whole in themselves.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use como_contract::site::{CARD_CANCEL_PAGE, CARD_SUCCESS_PAGE};

/// A file, the path at which it answers, and what it is.
struct Page {
    path: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// A mail is shown in a frame of its own, from its text (`srcdoc`), which inherits this: nothing of it can run or load.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

macro_rules! page {
    ($path:expr, $content_type:expr, $file:literal) => {
        Page { path: $path, content_type: $content_type, content: include_str!(concat!("../files/", $file)) }
    };
}

const PAGES: [Page; 12] = [
    page!("/", HTML, "index.html"),
    page!("/local/inbox", HTML, "inbox.html"),
    page!("/local/partners", HTML, "partners.html"),
    page!("/local/files/local.css", STYLE, "local.css"),
    page!("/local/files/parts.js", SCRIPT, "parts.js"),
    page!("/local/files/api.js", SCRIPT, "api.js"),
    page!("/local/files/try.js", SCRIPT, "try.js"),
    page!("/local/files/saga.js", SCRIPT, "saga.js"),
    page!("/local/files/inbox.js", SCRIPT, "inbox.js"),
    page!("/local/files/partners.js", SCRIPT, "partners.js"),
    page!("/local/files/returned.js", SCRIPT, "returned.js"),
    page!("/local/files/icon.svg", PICTURE, "icon.svg"),
];
/// Where the card page leads back to, paid or not.
const RETURNED: Page = page!("", HTML, "returned.html");

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let pages = PAGES.iter().fold(Router::new(), |router, page| router.route(page.path, get(async || page.answer())));
    pages
        .route(&format!("/{CARD_SUCCESS_PAGE}"), get(async || RETURNED.answer()))
        .route(&format!("/{CARD_CANCEL_PAGE}"), get(async || RETURNED.answer()))
}

impl Page {
    fn answer(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, self.content).into_response()
    }
}
