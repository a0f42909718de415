//! From a matched operation to a task and back.

use super::actions::{Action, WeightedGroup};
use super::balancer::LoadBalancers;
use super::responses::GatewayError;
use crate::services::cognito::Claims;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::collections::BTreeMap;
use std::time::Duration;

/// API Gateway's default limit for an integration.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// A request that has passed the door.
pub(super) struct Admitted {
    pub(super) parts: http::request::Parts,
    pub(super) body: Bytes,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) claims: Option<Claims>,
    pub(super) request_id: String,
}

/// A private integration.
pub(super) struct Target<'a> {
    pub(super) load_balancer: &'a str,
    /// `ANY` keeps the client's.
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) parameters: &'a BTreeMap<String, String>,
}

pub(super) async fn forward(
    client: &reqwest::Client,
    balancers: &LoadBalancers,
    target: &Target<'_>,
    request: Admitted,
) -> Result<http::Response<Bytes>, GatewayError> {
    let Some(address) = Address::of(target, &request) else { return Err(GatewayError::ApiConfiguration) };
    let action = balancers.action(target.load_balancer, address.port, &request.parts, &address.path);
    let groups = match action {
        Some(Action::Forward { target_groups }) => target_groups,
        Some(Action::FixedResponse { status, content_type, body }) => return Ok(fixed(status, &content_type, body)),
        // API Gateway does not reach a load balancer without a listener on that port.
        None => return Err(GatewayError::ApiConfiguration),
    };
    let Some(task) = heaviest(&groups).and_then(|group| balancers.choose(&group.arn)) else {
        return Ok(balancer_error(503, "503 Service Temporarily Unavailable"));
    };
    let query = address.query.map(|query| format!("?{query}")).unwrap_or_default();
    let method = if target.method == "ANY" { request.parts.method.clone() } else { method(target.method) };
    let answer = client
        .request(method, format!("http://{task}{}{query}", address.path))
        .headers(outgoing(&request, &address.headers, &address.host))
        .body(request.body)
        .timeout(INTEGRATION_TIMEOUT)
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return Err(GatewayError::IntegrationTimeout),
        Err(_) => return Ok(balancer_error(502, "502 Bad Gateway")),
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else { return Ok(balancer_error(502, "502 Bad Gateway")) };
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = end_to_end(&headers);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(response)
}

pub(super) fn fixed(status: u16, content_type: &str, body: String) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// The load balancer's own page.
fn balancer_error(status: u16, title: &str) -> http::Response<Bytes> {
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    fixed(status, "text/html", body)
}

/// Where the integration's URI leads, its parameters put in.
struct Address {
    host: String,
    port: u64,
    path: String,
    query: Option<String>,
    headers: BTreeMap<String, String>,
}

impl Address {
    fn of(target: &Target<'_>, request: &Admitted) -> Option<Self> {
        let (scheme, rest) = target.uri.split_once("://")?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, if scheme == "https" { 443 } else { 80 }),
        };
        let mut path = path.to_owned();
        let mut headers = BTreeMap::new();
        let mut queries = Vec::new();
        let client_query = request.parts.uri.query();
        for (place, source) in target.parameters {
            let Some(value) = value_of(source, request) else { continue };
            let place = place.strip_prefix("integration.request.")?;
            match place.split_once('.')? {
                ("path", name) => path = path.replace(&format!("{{{name}}}"), &value),
                ("querystring", name) => {
                    let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
                    queries.push((name, pair));
                }
                ("header", name) => {
                    headers.insert(name.to_owned(), value);
                }
                _ => return None,
            }
        }
        // A proxy passes the client's query on; a mapped parameter of the same name replaces it.
        let mut query: Vec<String> = Vec::new();
        for pair in client_query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            if !queries.iter().any(|(mapped, _)| *mapped == name) {
                query.push(pair.to_owned());
            }
        }
        query.extend(queries.into_iter().map(|(_, pair)| pair));
        let query = (!query.is_empty()).then(|| query.join("&"));
        Some(Self { host: host.to_owned(), port, path, query, headers })
    }
}

/// The value of a mapping expression.
fn value_of(source: &str, request: &Admitted) -> Option<String> {
    if let Some(literal) = source.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return Some(literal.to_owned());
    }
    if let Some(name) = source.strip_prefix("method.request.path.") {
        return request.variables.get(name).cloned();
    }
    if let Some(name) = source.strip_prefix("method.request.header.") {
        return request.parts.headers.get(name)?.to_str().ok().map(str::to_owned);
    }
    if let Some(name) = source.strip_prefix("method.request.querystring.") {
        let query = request.parts.uri.query()?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        return pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    }
    if let Some(name) = source.strip_prefix("context.authorizer.claims.") {
        let claim = request.claims.as_ref()?.get(name)?;
        return Some(claim.as_str().map_or_else(|| claim.to_string(), str::to_owned));
    }
    (source == "context.requestId").then(|| request.request_id.clone())
}

/// The heaviest group; shifting weights between two is the deployer's issue.
fn heaviest(groups: &[WeightedGroup]) -> Option<&WeightedGroup> {
    groups.iter().max_by_key(|group| group.weight)
}

fn method(name: &str) -> http::Method {
    name.parse().unwrap_or(http::Method::GET)
}

fn outgoing(request: &Admitted, mapped: &BTreeMap<String, String>, host: &str) -> HeaderMap {
    let mut headers = end_to_end(&request.parts.headers);
    headers.remove(header::CONTENT_LENGTH);
    let id = request.request_id.replace('-', "");
    let (first, second) = id.split_at_checked(8).unwrap_or((id.as_str(), ""));
    let second = second.get(..24).unwrap_or(second);
    let own = [
        ("host", host.to_owned()),
        ("x-forwarded-for", "127.0.0.1".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-amzn-trace-id", format!("Root=1-{first}-{second}")),
    ];
    let mapped = mapped.iter().map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in own.into_iter().chain(mapped) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers
}

/// Without the headers that concern one connection only (RFC 9110, 7.6.1), those that `Connection` names included.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const HOP_BY_HOP: &[&str] = &[
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let named = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<String> = named.flat_map(|list| list.split(',')).map(|name| name.trim().to_lowercase()).collect();
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if !HOP_BY_HOP.contains(&name.as_str()) && !named.iter().any(|one| one == name.as_str()) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}
