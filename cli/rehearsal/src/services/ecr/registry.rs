//! The registry's side, in the words of the OCI distribution specification 1.1.

use super::state::Ecr;
use super::uploads::Upload;
use crate::services::wire::{Request, Response, with_content_type};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Value, json};

/// One call of a repository.
pub(super) struct Call<'a> {
    pub(super) region: String,
    pub(super) repository: &'a str,
    pub(super) request: &'a Request,
}

/// An error with the specification's code.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::new(404, "BLOB_UNKNOWN", "blob unknown to registry");
        }
        Self::new(500, "UNKNOWN", error.to_string())
    }
}

impl From<crate::services::store::StoreError> for Refusal {
    fn from(error: crate::services::store::StoreError) -> Self {
        Self::new(500, "UNKNOWN", error.to_string())
    }
}

pub(super) type Answer = Result<Response, Refusal>;

impl Ecr {
    /// Answers below `/v2/`; None for any other path.
    pub(crate) fn registry(&self, request: &Request) -> Option<Response> {
        let path = request.uri().path().strip_prefix("/v2")?;
        let path = if path.is_empty() { "" } else { path.strip_prefix('/')? };
        let answer = match region_of_call(request.headers()) {
            Some(region) => self.answer(region, path, request),
            None => {
                let mut response = refuse(&Refusal::new(401, "UNAUTHORIZED", "authentication required"));
                let realm = HeaderValue::from_static("Basic realm=\"ecr\",service=\"ecr.amazonaws.com\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
                Ok(response)
            }
        };
        let mut response = answer.unwrap_or_else(|refusal| refuse(&refusal));
        let version = HeaderName::from_static("docker-distribution-api-version");
        response.headers_mut().insert(version, HeaderValue::from_static("registry/2.0"));
        Some(response)
    }

    fn answer(&self, region: String, path: &str, request: &Request) -> Answer {
        if path.is_empty() {
            return Ok(respond(200, &[], "{}"));
        }
        let (repository, rest) = split(path)
            .ok_or_else(|| Refusal::new(404, "NAME_INVALID", format!("the rehearsal's registry has no /v2/{path}")))?;
        let known = self.store.read(|state| state.repository(&region, repository).is_some());
        if !known {
            return Err(Refusal::new(404, "NAME_UNKNOWN", self.not_found(repository).message));
        }
        let call = Call { region, repository, request };
        match (request.method(), rest) {
            (&Method::GET, Rest::Tags) => self.tags(&call),
            (method, Rest::Manifest(reference)) => match *method {
                Method::GET | Method::HEAD => self.manifest(&call, reference),
                Method::PUT => self.put_manifest(&call, reference),
                _ => Err(unsupported(request)),
            },
            (method, Rest::Upload(id)) => match (method.clone(), id) {
                (Method::POST, "") => self.begin_upload(&call),
                (Method::GET, id) => self.upload_progress(&call, id),
                (Method::PATCH, id) => self.continue_upload(&call, id),
                (Method::PUT, id) => self.finish_upload(&call, &Upload { id, body: request.body() }),
                (Method::DELETE, id) => {
                    self.blobs.cancel(id)?;
                    Ok(respond(204, &[], ""))
                }
                _ => Err(unsupported(request)),
            },
            (&Method::GET | &Method::HEAD, Rest::Blob(digest)) => self.blob(&call, digest),
            _ => Err(unsupported(request)),
        }
    }

    fn blob(&self, call: &Call<'_>, digest: &str) -> Answer {
        let is_there = self.store.read(|state| {
            let repository = state.repository(&call.region, call.repository);
            repository.is_some_and(|repository| repository.layers.contains(digest))
        });
        if !is_there {
            return Err(Refusal::new(404, "BLOB_UNKNOWN", "blob unknown to registry"));
        }
        let headers = [("docker-content-digest", digest), ("content-type", "application/octet-stream")];
        content(call, &headers, self.blobs.read(digest)?)
    }
}

/// What follows the repository's name, which may have slashes itself.
enum Rest<'a> {
    Manifest(&'a str),
    Blob(&'a str),
    /// The id, or nothing for a new one.
    Upload(&'a str),
    Tags,
}

fn split(path: &str) -> Option<(&str, Rest<'_>)> {
    if let Some((name, id)) = path.rsplit_once("/blobs/uploads") {
        return Some((name, Rest::Upload(id.trim_start_matches('/'))));
    }
    if let Some(name) = path.strip_suffix("/tags/list") {
        return Some((name, Rest::Tags));
    }
    if let Some((name, digest)) = path.rsplit_once("/blobs/") {
        return Some((name, Rest::Blob(digest)));
    }
    path.rsplit_once("/manifests/").map(|(name, reference)| (name, Rest::Manifest(reference)))
}

/// From the host name as on AWS, else from the password that GetAuthorizationToken gave.
pub(crate) fn region_of_call(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let credentials = STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let credentials = String::from_utf8(credentials).ok()?;
    let password = credentials.strip_prefix("AWS:")?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if let Some((_, rest)) = host.split_once(".dkr.ecr.") {
        return rest.split('.').next().map(str::to_owned);
    }
    let token: Value = serde_json::from_slice(&STANDARD.decode(password).ok()?).ok()?;
    token["region"].as_str().map(str::to_owned)
}

pub(super) fn password(region: &str) -> String {
    STANDARD.encode(json!({ "region": region, "type": "DATA_KEY" }).to_string())
}

/// A blob or manifest; without its body to HEAD.
pub(super) fn content(call: &Call<'_>, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let length = body.len().to_string();
    let body = if call.request.method() == Method::HEAD { Vec::new() } else { body };
    let mut response = respond(200, headers, body);
    if let Ok(length) = HeaderValue::from_str(&length) {
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    Ok(response)
}

pub(super) fn respond(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Response {
    let mut response = with_content_type(status, "application/json", body);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn refuse(refusal: &Refusal) -> Response {
    let body = json!({ "errors": [{ "code": refusal.code, "message": refusal.message }] });
    respond(refusal.status, &[], body.to_string())
}

fn unsupported(request: &Request) -> Refusal {
    let message = format!("the rehearsal's registry does not offer {} {}", request.method(), request.uri().path());
    Refusal::new(405, "UNSUPPORTED", message)
}
