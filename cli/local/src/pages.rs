//! The pages for people, whole in themselves.

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use como_contract::site::{CARD_CANCEL_PAGE, CARD_SUCCESS_PAGE};

/// A page for people: the frame that all share, with its own script.
struct Page {
    path: &'static str,
    title: &'static str,
    description: &'static str,
    script: &'static str,
}

/// A file, the path at which it answers, and what it is.
struct File {
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

macro_rules! file {
    ($path:expr, $content_type:expr, $file:literal) => {
        File { path: $path, content_type: $content_type, content: include_str!(concat!("../files/", $file)) }
    };
}

const FRAME: &str = include_str!("../files/frame.html");

const fn page(path: &'static str, title: &'static str, description: &'static str, script: &'static str) -> Page {
    Page { path, title, description, script }
}

const PAGES: [Page; 5] = [
    page("/", "Try it", "Every use case of the API, by hand", "try.js"),
    page("/local/inbox", "Inbox", "Mails that members were sent", "inbox.js"),
    page("/local/partners", "Partners", "The doubles of the partners: faults, ledgers, clocks", "partners.js"),
    // The card page leads back to these, paid or not.
    page(CARD_SUCCESS_PAGE, "Back", "Back from the card page", "returned.js"),
    page(CARD_CANCEL_PAGE, "Back", "Back from the card page", "returned.js"),
];

const FILES: [File; 9] = [
    file!("/local/files/local.css", STYLE, "local.css"),
    file!("/local/files/parts.js", SCRIPT, "parts.js"),
    file!("/local/files/api.js", SCRIPT, "api.js"),
    file!("/local/files/try.js", SCRIPT, "try.js"),
    file!("/local/files/saga.js", SCRIPT, "saga.js"),
    file!("/local/files/inbox.js", SCRIPT, "inbox.js"),
    file!("/local/files/partners.js", SCRIPT, "partners.js"),
    file!("/local/files/returned.js", SCRIPT, "returned.js"),
    file!("/local/files/icon.svg", PICTURE, "icon.svg"),
];

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let files = FILES.iter().fold(Router::new(), |router, file| {
        router.route(file.path, get(async || answer(file.content_type, file.content)))
    });
    PAGES.iter().fold(files, |router, page| {
        let path = format!("/{}", page.path.trim_start_matches('/'));
        router.route(&path, get(async || answer(HTML, page.write())))
    })
}

impl Page {
    fn write(&self) -> String {
        let frame = FRAME.replace("{title}", self.title).replace("{description}", self.description);
        frame.replace("{script}", self.script)
    }
}

fn answer(content_type: &'static str, content: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content.into()).into_response()
}
