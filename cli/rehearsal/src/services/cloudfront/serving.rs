//! One request at a distribution: its behaviour, the cache, the origins, error pages and headers.

use super::browser;
use super::config::{Behaviour, Config, Origin};
use super::state::CloudFront;
use crate::faults::Plane;
use crate::services::access::{self, Caller};
use crate::services::events::wildcard;
use crate::services::property::{Properties, flag, object, objects, text};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;

/// What the response of a bucket that does not answer looks like at the edge.
const UNREACHABLE: u16 = 502;

impl CloudFront {
    pub(super) fn serve(&self, id: &str, parts: &Parts) -> Response<Bytes> {
        let Some((config, domain)) =
            self.store.read(|all| all.get(id).map(|one| (one.config.clone(), one.domain.clone())))
        else {
            return plain(404, "The distribution is gone.");
        };
        let asked = parts.uri.path();
        let behaviour = config.behaviours.iter().find(|one| wildcard(&one.pattern, asked));
        let Some(behaviour) = behaviour.filter(|_| config.is_enabled) else { return plain(403, "Forbidden") };
        if !behaviour.methods.iter().any(|method| method == parts.method.as_str()) {
            return plain(403, "This distribution is not configured to allow the HTTP request method.");
        }
        let path = match (asked, &config.root) {
            ("/", Some(root)) => format!("/{root}"),
            _ => asked.to_owned(),
        };
        let (mut response, verdict) = self.find(id, &config, behaviour, &path);
        // Nothing is kept differently for different viewers, so that a page that is unchanged is told from its tag alone.
        let tag = response.headers().get(header::ETAG);
        if tag.is_some() && tag == parts.headers.get(header::IF_NONE_MATCH) && response.status() == StatusCode::OK {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Bytes::new();
        }
        if parts.method == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        if let Some(policy) = behaviour.headers_policy.as_deref().and_then(|policy| self.headers_policy(policy)) {
            apply(&policy, &mut response);
        }
        if let Some(ports) = self.ports.get() {
            browser::translate(&mut response, ports);
        }
        let ray = uuid::Uuid::new_v4().simple().to_string();
        let own = [
            ("x-cache", format!("{verdict} from cloudfront")),
            ("via", format!("1.1 {domain} (CloudFront)")),
            ("x-amz-cf-id", ray),
        ];
        for (name, value) in own {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }

    /// The answer, and whether the cache had it.
    fn find(&self, id: &str, config: &Config, behaviour: &Behaviour, path: &str) -> (Response<Bytes>, &'static str) {
        if let Some(kept) = self.cache.get(id, path) {
            return (kept, "Hit");
        }
        let response = self.fetch(id, config, &behaviour.target, path);
        if response.status().is_success() {
            self.cache.put(id, path, &response);
            return (response, "Miss");
        }
        let status = response.status().as_u16();
        let Some(page) = config.error_pages.iter().find(|page| page.status == status) else {
            return (response, "Error");
        };
        let Some(own) = &page.page else { return (response, "Error") };
        let mut shown = self.fetch(id, config, &behaviour.target, own);
        if !shown.status().is_success() {
            return (response, "Error");
        }
        *shown.status_mut() = StatusCode::from_u16(page.answer.unwrap_or(status)).unwrap_or_default();
        (shown, "Error")
    }

    /// From an origin, or from those of a group in turn.
    fn fetch(&self, id: &str, config: &Config, target: &str, path: &str) -> Response<Bytes> {
        let origin = |id: &str| config.origins.iter().find(|origin| origin.id == id);
        let Some(group) = config.groups.iter().find(|group| group.id == target) else {
            return origin(target).map_or_else(|| plain(UNREACHABLE, ""), |origin| self.get(id, origin, path));
        };
        let mut last = plain(UNREACHABLE, "");
        for origin in group.members.iter().filter_map(|member| origin(member)) {
            last = self.get(id, origin, path);
            // One that cannot be reached always counts as failed.
            let status = last.status().as_u16();
            if status != UNREACHABLE && !group.statuses.contains(&status) {
                break;
            }
        }
        last
    }

    fn get(&self, id: &str, origin: &Origin, path: &str) -> Response<Bytes> {
        let s3 = &self.surroundings.s3;
        let Some((region, policy)) = s3.region_and_policy(&origin.bucket) else { return denied(404, "NoSuchBucket") };
        if self.surroundings.regions.is_dead(&region, Plane::Data) {
            return plain(UNREACHABLE, "CloudFront wasn't able to connect to the origin.");
        }
        let key = format!("{}{path}", origin.path);
        let bucket = format!("arn:aws:s3:::{}", origin.bucket);
        let distribution = self.arn(id);
        let caller = Caller::new(if origin.is_signed { "cloudfront.amazonaws.com" } else { "" }, &distribution);
        let may = |action: &str, resource: &str| access::check(&policy, caller, action, resource).is_ok();
        if !may("s3:GetObject", &format!("{bucket}{key}")) {
            return denied(403, "AccessDenied");
        }
        let Ok(uri) = format!("/{}{key}", origin.bucket).parse() else { return denied(400, "InvalidURI") };
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = uri;
        let mut response = s3.handle(&region, &request);
        // Who may not list a bucket is not told what is missing in it.
        if response.status() == StatusCode::NOT_FOUND && !may("s3:ListBucket", &bucket) {
            return denied(403, "AccessDenied");
        }
        for name in ["x-amz-request-id", "x-amz-id-2"] {
            response.headers_mut().remove(name);
        }
        response
    }

    /// The configuration of a response headers policy.
    fn headers_policy(&self, id: &str) -> Option<Properties> {
        let all = self.surroundings.declared.all("AWS::CloudFront::ResponseHeadersPolicy");
        let found = all.into_iter().find(|(_, _, attributes)| attributes.get("Id").and_then(Value::as_str) == Some(id));
        object(&found?.1, "ResponseHeadersPolicyConfig").cloned()
    }
}

/// Puts the policy's headers in, over the origin's own where the policy says so.
fn apply(policy: &Properties, response: &mut Response<Bytes>) {
    let mut put = |name: &str, value: String, overrides: bool| {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else { return };
        if overrides || !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, value);
        }
    };
    let security = object(policy, "SecurityHeadersConfig");
    let part = |name: &str| security.and_then(|security| object(security, name));
    let overrides = |part: &Properties| flag(part, "Override").unwrap_or(false);
    for (name, header, field) in [
        ("ContentSecurityPolicy", "content-security-policy", "ContentSecurityPolicy"),
        ("FrameOptions", "x-frame-options", "FrameOption"),
        ("ReferrerPolicy", "referrer-policy", "ReferrerPolicy"),
    ] {
        if let Some((part, value)) = part(name).and_then(|part| Some((part, text(part, field)?))) {
            put(header, value.to_owned(), overrides(part));
        }
    }
    if let Some(part) = part("ContentTypeOptions") {
        put("x-content-type-options", "nosniff".to_owned(), overrides(part));
    }
    if let Some(part) = part("StrictTransportSecurity") {
        let age = part.get("AccessControlMaxAgeSec").and_then(crate::services::property::as_number).unwrap_or(0);
        let subdomains = if flag(part, "IncludeSubdomains") == Some(true) { "; includeSubDomains" } else { "" };
        let preload = if flag(part, "Preload") == Some(true) { "; preload" } else { "" };
        put("strict-transport-security", format!("max-age={age}{subdomains}{preload}"), overrides(part));
    }
    let custom = object(policy, "CustomHeadersConfig").into_iter().flat_map(|custom| objects(custom, "Items"));
    for item in custom {
        let (Some(name), Some(value)) = (text(item, "Header"), text(item, "Value")) else { continue };
        put(name, value.to_owned(), overrides(item));
    }
    let removed = object(policy, "RemoveHeadersConfig").into_iter().flat_map(|removed| objects(removed, "Items"));
    for name in removed.filter_map(|item| text(item, "Header")) {
        response.headers_mut().remove(name);
    }
}

fn plain(status: u16, message: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(message.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// As S3 says it.
fn denied(status: u16, code: &str) -> Response<Bytes> {
    let message = if status == 403 { "Access Denied" } else { "The specified bucket does not exist" };
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    crate::services::wire::with_content_type(status, "application/xml", body)
}
