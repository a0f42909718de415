//! One stage's listener.

use super::authorise::authorise;
use super::balancer::LoadBalancers;
use super::browser::Page;
use super::forward::{Admitted, Target, fixed, forward};
use super::openapi::{Integration, Routes};
use super::responses::{Context, GatewayError};
use crate::faults::Plane;
use crate::replication::regions::Regions;
use crate::services::cognito::Cognito;
use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// API Gateway's limit for a request's body.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// How many ports after the first choice are tried.
const PORTS: u16 = 200;

/// From host and path to a loopback port and the path there.
pub(super) type Elsewhere = Arc<dyn Fn(&str, &str) -> Option<(u16, String)> + Send + Sync>;

/// The name of what answers on a loopback port.
pub(super) type NameAt = Arc<dyn Fn(u16) -> Option<String> + Send + Sync>;

/// What a stage needs to answer.
pub(super) struct Stage {
    pub(super) api_id: String,
    pub(super) name: String,
    pub(super) routes: Routes,
    pub(super) balancers: Arc<LoadBalancers>,
    pub(super) cognito: Arc<Cognito>,
    pub(super) region: String,
    pub(super) regions: Arc<Regions>,
    pub(super) client: reqwest::Client,
    pub(super) elsewhere: Elsewhere,
    pub(super) name_at: NameAt,
}

/// An open door.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) port: u16,
    closing: CancellationToken,
    serving: JoinHandle<()>,
}

impl Door {
    pub(super) async fn open(stage: Stage, first_choice: u16) -> std::io::Result<Self> {
        let listener = bind(first_choice).await?;
        let port = listener.local_addr()?.port();
        let closing = CancellationToken::new();
        let closed = closing.clone().cancelled_owned();
        let router = axum::Router::new().fallback(answer).with_state(Arc::new(stage));
        let serving = tokio::spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(closed).await;
            if let Err(error) = served {
                tracing::error!(port, %error, "the public door on port {port} has broken down");
            }
        });
        Ok(Self { port, closing, serving })
    }

    /// Lets running requests finish for a moment.
    pub(super) async fn close(mut self) {
        self.closing.cancel();
        if tokio::time::timeout(Duration::from_secs(1), &mut self.serving).await.is_err() {
            self.serving.abort();
            let _ = self.serving.await;
        }
    }
}

async fn bind(first_choice: u16) -> std::io::Result<TcpListener> {
    let mut port = first_choice;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && port - first_choice < PORTS => {
                port = port.checked_add(1).ok_or(error)?;
            }
            result => return result,
        }
    }
}

async fn answer(State(stage): State<Arc<Stage>>, request: http::Request<Body>) -> http::Response<Body> {
    if stage.regions.is_dead(&stage.region, Plane::Data) {
        // A body that fails at once ends the connection without an answer.
        let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        return http::Response::new(Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(cut)])));
    }
    let request_id = uuid::Uuid::new_v4().to_string();
    let mut request = match stage.pass_on(request).await {
        Ok(response) => return response,
        Err(request) => request,
    };
    let page = Page::introduce(request.headers_mut(), |port| (stage.name_at)(port));
    let (mut response, kind) = stage.answer(request, &request_id).await;
    if let Some(page) = page {
        page.answer(response.headers_mut());
    }
    let gateway_id = request_id.chars().take(15).collect::<String>();
    let headers =
        [("x-amzn-requestid", request_id.as_str()), ("x-amz-apigw-id", &gateway_id), ("x-amzn-errortype", kind)];
    for (name, value) in headers.into_iter().filter(|(_, value)| !value.is_empty()) {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response.map(Body::from)
}

impl Stage {
    /// A request under a name that Route 53 knows goes to the stage that the name leads to now; one under this machine's
    /// address comes back, and is this stage's own.
    async fn pass_on(&self, request: http::Request<Body>) -> Result<http::Response<Body>, http::Request<Body>> {
        let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if host.starts_with("127.0.0.1") || host.starts_with("localhost") {
            return Err(request);
        }
        let Some((port, path)) = (self.elsewhere)(host, request.uri().path()) else { return Err(request) };
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut headers = parts.headers;
        headers.remove(http::header::HOST);
        let body = axum::body::to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
        let sent = self.client.request(parts.method, format!("http://127.0.0.1:{port}{path}{query}"));
        let mut answer = http::Response::new(Body::empty());
        match sent.headers(headers).body(body).send().await {
            Ok(from) => {
                *answer.status_mut() = from.status();
                *answer.headers_mut() = from.headers().clone();
                answer.headers_mut().remove(http::header::TRANSFER_ENCODING);
                *answer.body_mut() = Body::from(from.bytes().await.unwrap_or_default());
            }
            // The region that the name leads to is not there.
            Err(_) => *answer.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE,
        }
        Ok(answer)
    }

    /// The answer, and the type of the error if it is the gateway's own.
    async fn answer(&self, request: http::Request<Body>, request_id: &str) -> (http::Response<Bytes>, &'static str) {
        let (parts, body) = request.into_parts();
        let (asked, method, path) = (parts.headers.clone(), parts.method.clone(), parts.uri.path().to_owned());
        let answered = self.pass(parts, body, request_id).await;
        let (response, kind) = match answered {
            Ok(response) => (response, ""),
            Err(error) => {
                let context = Context {
                    request_id,
                    stage: &self.name,
                    api_id: &self.api_id,
                    method: method.as_str(),
                    path: &path,
                };
                (self.routes.responses.render(error, &context, &asked), error.error_type())
            }
        };
        tracing::debug!(
            api.id = self.api_id,
            request.id = request_id,
            status = response.status().as_u16(),
            "answered request {request_id} of API {}",
            self.api_id
        );
        (response, kind)
    }

    async fn pass(
        &self,
        parts: http::request::Parts,
        body: Body,
        request_id: &str,
    ) -> Result<http::Response<Bytes>, GatewayError> {
        let found = self.routes.find(parts.method.as_str(), self.path(parts.uri.path()));
        let (operation, variables) = found.ok_or(GatewayError::MissingAuthenticationToken)?;
        let claims = authorise(&self.routes, operation, &parts.headers, &self.cognito)
            .map_err(|denied| GatewayError::Unauthorized { message: denied.message() })?;
        let body = axum::body::to_bytes(body, LARGEST_BODY).await.map_err(|_| GatewayError::RequestTooLarge)?;
        match &operation.integration {
            Integration::Mock { status, headers } => Ok(mock(*status, headers)),
            Integration::Private { load_balancer, method, uri, parameters } => {
                let target = Target { load_balancer, method, uri, parameters };
                let request = Admitted { parts, body, variables, claims, request_id: request_id.to_owned() };
                forward(&self.client, &self.balancers, &target, request).await
            }
        }
    }

    /// The address on AWS has the stage's name before the path, a custom domain has not; both are taken here.
    fn path<'a>(&self, path: &'a str) -> &'a str {
        let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(self.name.as_str()));
        rest.filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }
}

fn mock(status: u16, headers: &std::collections::BTreeMap<String, String>) -> http::Response<Bytes> {
    let mut response = fixed(status, "application/json", String::new());
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
