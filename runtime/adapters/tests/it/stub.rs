//! AWS on loopback: answers by operation name from a script, and keeps what was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use como_adapters::aws::AwsClients;
use serde_json::{Value, json};

/// Operation name to the answers still to give; the last one is repeated.
type Script = BTreeMap<&'static str, Vec<(u16, Value)>>;

#[derive(Clone)]
pub(crate) struct Stub {
    script: Arc<Mutex<Script>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Stub {
    pub(crate) async fn start(
        script: impl IntoIterator<Item = (&'static str, Vec<(u16, Value)>)>,
    ) -> (Self, AwsClients) {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        let stub = Self { script, asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(respond).with_state(stub.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        (stub, clients(&endpoint).await)
    }

    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// The body of the last call of this operation.
    pub(crate) fn last(&self, operation: &str) -> Value {
        let asked = self.asked.lock().unwrap();
        asked.iter().rev().find(|(name, _)| name == operation).map(|(_, body)| body.clone()).unwrap()
    }
}

pub(crate) fn error(code: &str) -> (u16, Value) {
    (400, json!({ "__type": code, "message": "from the stub" }))
}

/// The real SDK with its real HTTP client: without a connector it would compile and fail here.
async fn clients(endpoint: &str) -> AwsClients {
    let credentials = aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test");
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("ap-southeast-1"))
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .load()
        .await;
    AwsClients::from_config(&config)
}

async fn respond(State(stub): State<Stub>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.rsplit('.').next().unwrap().to_owned();
    stub.asked.lock().unwrap().push((operation.clone(), serde_json::from_slice(&body).unwrap()));
    let mut script = stub.script.lock().unwrap();
    let answers = script.get_mut(operation.as_str()).unwrap_or_else(|| unscripted(&operation));
    let (status, body) = if 1 < answers.len() { answers.remove(0) } else { answers[0].clone() };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

#[expect(clippy::panic, reason = "a failed test may panic")]
fn unscripted(operation: &str) -> ! {
    panic!("the script has no answer to {operation}")
}
