//! A server that answers with what a test has written down, in order, and keeps what it was asked.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Response};
use como_aws::connect::{AwsCloud, ConnectOptions, Endpoint, connect};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// One request, as far as a test cares.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `Action` of the query protocol or the target's last part.
    pub(crate) operation: String,
    /// Method and path.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) region: String,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) body: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    body: String,
    header: Option<(&'static str, &'static str)>,
}

#[derive(Debug, Default)]
struct Shared {
    replies: VecDeque<Reply>,
    asked: Vec<Asked>,
}

pub(crate) struct Stub {
    shared: Arc<Mutex<Shared>>,
    pub(crate) cloud: AwsCloud,
}

/// A successful reply of the query protocol.
pub(crate) fn xml(operation: &str, result: &str) -> Reply {
    let body = format!(
        "<{operation}Response xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><{operation}Result>{result}</{operation}Result>\
         <ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></{operation}Response>"
    );
    Reply { status: 200, body, header: None }
}

/// An error of the query protocol.
pub(crate) fn xml_error(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>request-1</RequestId></ErrorResponse>"
    );
    Reply { status, body, header: None }
}

pub(crate) fn json(status: u16, body: &serde_json::Value) -> Reply {
    Reply { status, body: body.to_string(), header: None }
}

/// A reply without a body, with one header beside the usual ones.
pub(crate) fn bare(status: u16, header: Option<(&'static str, &'static str)>) -> Reply {
    Reply { status, body: String::new(), header }
}

/// A document as it is.
pub(crate) fn document(body: &str) -> Reply {
    Reply { status: 200, body: body.to_owned(), header: None }
}

impl Reply {
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

impl Stub {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let shared = Arc::new(Mutex::new(Shared { replies: replies.into_iter().collect(), asked: Vec::new() }));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let options =
            ConnectOptions { profile: None, region: "ap-southeast-1".to_owned(), endpoint: Some(Endpoint { url }) };
        Self { shared, cloud: connect(options).await }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.lock().unwrap().asked.clone()
    }
}

async fn answer(
    State(shared): State<Arc<Mutex<Shared>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let target = header("x-amz-target");
    let operation = form.get("Action").map_or_else(|| target.rsplit('.').next().unwrap().to_owned(), Clone::clone);
    // Credential=rehearsal/20261123/ap-southeast-1/cloudformation/aws4_request
    let region = header("authorization").split('/').nth(2).unwrap_or_default().to_owned();
    let mut shared = shared.lock().unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    let line = format!("{method} {}", uri.path());
    shared.asked.push(Asked { operation, line, headers, region, form, body });
    let reply = shared.replies.pop_front().unwrap_or(bare(501, None));
    let kind = if reply.body.starts_with('{') { "application/x-amz-json-1.0" } else { "text/xml" };
    let headers = [("content-type", kind), ("x-amzn-requestid", "request-1")];
    let more = AppendHeaders(reply.header);
    (StatusCode::from_u16(reply.status).unwrap(), headers, more, reply.body).into_response()
}
