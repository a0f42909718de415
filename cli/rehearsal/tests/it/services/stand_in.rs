//! The program that tasks run in these tests: this binary itself, started with the name of the test below.

use axum::http::{HeaderMap, Method, Uri};
use axum::{Json, Router, routing};
use serde_json::{Value, json};
use std::io::Read;

/// Does nothing when the tests run; serves when a task has been given an address.
#[test]
#[expect(clippy::exit, reason = "the stand-in goes when its standard input does")]
fn serve() {
    let Ok(address) = std::env::var("COMO_LISTEN") else { return };
    if std::env::var("STAND_IN").as_deref() == Ok("fails") {
        std::process::exit(3);
    }
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let router =
            Router::new().route("/readyz", routing::get(ready)).route("/v1/exit", routing::any(exit)).fallback(echo);
        axum::serve(listener, router).await.unwrap();
    });
}

async fn ready() -> (http::StatusCode, &'static str) {
    match std::env::var("STAND_IN").as_deref() {
        Ok("sick") => (http::StatusCode::SERVICE_UNAVAILABLE, "not today"),
        _ => (http::StatusCode::OK, "ready"),
    }
}

#[expect(clippy::exit, reason = "a task that dies")]
async fn exit() -> &'static str {
    std::process::exit(4)
}

async fn echo(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> ([(&'static str, &'static str); 1], Json<Value>) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = json!({
        "method": method.as_str(), "path": uri.path(), "query": uri.query(), "body": body, "pid": std::process::id(),
        "host": header("host"), "connection": header("connection"), "member": header("x-member"),
        "secret": std::env::var("SECRET_VALUE").ok(), "region": std::env::var("AWS_REGION").ok(),
        "endpoint": std::env::var("AWS_ENDPOINT_URL").ok(),
    });
    ([("keep-alive", "timeout=5")], Json(answer))
}
