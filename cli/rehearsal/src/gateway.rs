//! The one door to every service: finds region and service in the request's signature, and passes it on.

use crate::admin::Admin;
use crate::cloudformation::CloudFormation;
use crate::faults::{Call, End};
use crate::hosting::Hosted;
use crate::services::wire;
use crate::unsigned::{self, Home};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use std::sync::Arc;

/// In bytes; more than any call of a service here may have.
pub(crate) const MAXIMUM_BODY: usize = 32 * 1024 * 1024;
/// In bytes; of an image's layer that comes in one piece.
const MAXIMUM_LAYER: usize = 512 * 1024 * 1024;

#[derive(Clone)]
pub struct Gateway {
    pub cloudformation: Arc<CloudFormation>,
    pub hosted: Arc<dyn Hosted>,
    pub admin: Arc<Admin>,
}

/// Whom a request is for. An empty service stands for a path outside AWS's protocols, an empty region for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addressee {
    pub(crate) region: String,
    pub(crate) service: String,
}

/// None for a call that would have to be signed.
pub(crate) fn addressee(hosted: &dyn Hosted, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Option<Addressee> {
    signed(uri, headers).or_else(|| {
        let unsigned::Addressee { region, service } = unsigned::addressee(uri, headers, body)?;
        let region = match region {
            Home::Region(region) => region,
            Home::OfClient(client) => hosted.region_of_client(&client).unwrap_or_default(),
            Home::Nowhere => String::new(),
        };
        Some(Addressee { region, service: service.to_owned() })
    })
}

/// The answer to a call that is for nobody.
pub(crate) fn nobody(request_id: &str) -> Response {
    let message = "Missing Authentication Token";
    refuse(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", message, request_id)
}

impl Gateway {
    pub fn into_router(self) -> axum::Router {
        let admin = axum::Router::new()
            .route("/_rehearsal/status", get(crate::admin::status))
            .route("/_rehearsal/stop", post(crate::admin::stop))
            .route("/_rehearsal/speed", post(crate::admin::speed))
            .route("/_rehearsal/seeds", post(crate::admin::seeds))
            .route(
                "/_rehearsal/regions",
                get(crate::replication::admin::regions).post(crate::replication::admin::change_clocks),
            )
            .route("/_rehearsal/links", post(crate::replication::admin::change_link))
            .route("/_rehearsal/delete-kept", post(crate::admin::delete_kept))
            .route("/_rehearsal/faults", get(crate::admin::faults::list).post(crate::admin::faults::add))
            .route("/_rehearsal/faults/clear", post(crate::admin::faults::clear))
            .route("/_rehearsal/step", post(crate::admin::faults::step))
            .with_state(Arc::clone(&self.admin));
        axum::Router::new().fallback(answer).with_state(self).merge(admin)
    }
}

async fn answer(State(gateway): State<Gateway>, request: Request) -> Response {
    let request_id = uuid::Uuid::new_v4().to_string();
    let (parts, body) = request.into_parts();
    let limit = if parts.uri.path().starts_with("/v2/") { MAXIMUM_LAYER } else { MAXIMUM_BODY };
    let body = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => {
            return refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                "the body is too large",
                &request_id,
            );
        }
    };
    let Some(Addressee { region, service }) = addressee(gateway.hosted.as_ref(), &parts.uri, &parts.headers, &body)
    else {
        return nobody(&request_id);
    };
    tracing::debug!(region, service, request_id, "call of {service} in {region}");
    let call = Call {
        region: &region,
        service: &service,
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        body: &body,
    };
    if gateway.admin.regions.is_cut_off(access_key(&parts.headers).unwrap_or_default(), &region) {
        return no_answer();
    }
    let verdict = gateway.admin.faults.judge(&call);
    if !verdict.delay.is_zero() {
        tokio::time::sleep(verdict.delay).await;
    }
    match verdict.end {
        End::Answer | End::LoseReply => {}
        End::LoseCall => return no_answer(),
        End::Refuse(error) => {
            let refused = wire::refusal(&service, &http::Request::from_parts(parts, body), &error);
            return with_request_id(refused.map(Body::from), &request_id);
        }
    }
    let response = if service == "cloudformation" {
        let query = parts.uri.query().unwrap_or_default();
        gateway.cloudformation.handle(&region, &request_id, query, &body).await
    } else {
        gateway.hosted.handle(&region, &service, http::Request::from_parts(parts, body)).await
    };
    if verdict.end == End::LoseReply {
        return no_answer();
    }
    with_request_id(response.map(Body::from), &request_id)
}

pub(crate) fn with_request_id(mut response: Response, request_id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().entry("x-amzn-requestid").or_insert(value);
    }
    response
}

/// Ends the connection: a body that fails at once takes the headers, which are not sent yet, with it.
fn no_answer() -> Response {
    let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::new(Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(cut)])))
}

/// Of a call that is signed in its header or in its address.
fn signed(uri: &Uri, headers: &HeaderMap) -> Option<Addressee> {
    signed_header(headers).or_else(|| signed_query(uri))
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`
fn signed_header(headers: &HeaderMap) -> Option<Addressee> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, rest) = value.split_once("Credential=")?;
    credential_scope(rest.split([',', ' ']).next()?)
}

fn access_key(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.split_once("Credential=")?.1.split('/').next()
}

/// A presigned URL.
fn signed_query(uri: &Uri) -> Option<Addressee> {
    let (_, credential) = form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key.eq_ignore_ascii_case("X-Amz-Credential"))?;
    credential_scope(&credential)
}

fn credential_scope(credential: &str) -> Option<Addressee> {
    // An access key may contain slashes, so the fields are counted from the end.
    let mut fields = credential.rsplit('/');
    let (_terminator, service, region) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Addressee { region: region.to_owned(), service: service.to_owned() })
}

fn refuse(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response {
    let body = serde_json::json!({ "__type": code, "message": message }).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    for (name, value) in [("x-amzn-requestid", request_id), ("x-amzn-errortype", code)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{Addressee, signed};
    use http::{HeaderMap, HeaderValue, Uri, header};

    fn check(uri: &'static str, authorization: Option<&'static str>, expected: Option<(&str, &str)>) {
        let authorization = authorization.map(|value| (header::AUTHORIZATION, HeaderValue::from_static(value)));
        let headers = HeaderMap::from_iter(authorization);
        let expected =
            expected.map(|(region, service)| Addressee { region: region.to_owned(), service: service.to_owned() });
        assert_eq!(signed(&Uri::from_static(uri), &headers), expected, "{uri}");
    }

    #[test]
    fn region_and_service_come_from_the_signature() {
        let header = "AWS4-HMAC-SHA256 Credential=a/b/20261123/ap-southeast-2/dynamodb/aws4_request, SignedHeaders=host, Signature=x";
        check("/", Some(header), Some(("ap-southeast-2", "dynamodb")));
        let presigned =
            "/bucket/key?X-Amz-Credential=AKID%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=x";
        check(presigned, None, Some(("us-east-1", "s3")));
        check("/oauth2/token", Some("Basic YTpi"), None);
        check("/", None, None);
    }
}
