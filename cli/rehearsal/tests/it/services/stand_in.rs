//! The program that tasks run in these tests: this binary itself, started with the name of the test below.

use axum::http::{HeaderMap, Method, Uri};
use axum::{Json, Router, routing};
use serde_json::{Value, json};
use std::io::{Read, Write as _};

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

/// Does nothing when the tests run; answers events when it is a function's bootstrap.
#[test]
#[expect(clippy::exit, reason = "a function that dies")]
fn function() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = format!("http://{api}/2018-06-01/runtime/invocation");
        // Without its API there is nothing left to do.
        while let Ok(next) = client.get(format!("{base}/next")).send().await {
            let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
            let event: Value = next.json().await.unwrap();
            writeln!(std::io::stdout(), "event {event}").unwrap();
            if event["exit"] == json!(true) {
                std::process::exit(4);
            }
            if event["forever"] == json!(true) {
                std::future::pending::<()>().await;
            }
            let bad = event["Records"].as_array().into_iter().flatten().filter(|record| record["body"] == "bad");
            let bad: Vec<Value> = bad.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
            let (path, answer) = if event["fail"] == json!(true) {
                ("error", json!({ "errorType": "Asked", "errorMessage": "as asked" }))
            } else {
                let variable = |name: &str| std::env::var(name).ok();
                let answer = json!({
                    "event": event, "greeting": variable("GREETING"), "region": variable("AWS_REGION"),
                    "pid": std::process::id(), "batchItemFailures": bad,
                });
                ("response", answer)
            };
            client.post(format!("{base}/{id}/{path}")).json(&answer).send().await.unwrap();
        }
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
