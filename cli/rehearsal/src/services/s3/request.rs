//! A call of S3: bucket, key and what is asked of them.

use super::failure::Failure;
use crate::services::wire::Request;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use jiff::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub(super) struct S3Request {
    pub(super) region: String,
    pub(super) method: Method,
    /// Empty for calls of the whole service.
    pub(super) bucket: String,
    /// Empty for calls of a bucket.
    pub(super) key: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl S3Request {
    pub(super) fn of(region: &str, request: &Request) -> Self {
        let path = decode(request.uri().path().trim_start_matches('/'));
        let query = request.uri().query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let path = match bucket_of_host(request.headers()) {
            Some(bucket) => format!("{bucket}/{path}"),
            None => path,
        };
        let (bucket, key) = path.split_once('/').unwrap_or((path.as_str(), ""));
        Self {
            region: region.to_owned(),
            method: request.method().clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            query,
            headers: request.headers().clone(),
            body: request.body().clone(),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(super) fn headers_with_prefix(&self, prefix: &'static str) -> impl Iterator<Item = (String, String)> {
        let named = self.headers.iter().filter(move |(name, _)| name.as_str().starts_with(prefix));
        named.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
    }

    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The subresource or the operation that the query names, for example `versioning`.
    pub(super) fn subresource(&self) -> Option<&str> {
        let plain = ["list-type", "versionId", "uploadId", "partNumber", "x-id", "prefix", "delimiter", "marker"];
        let plain = |name: &str| {
            plain.contains(&name)
                || name.starts_with("X-Amz-")
                || name.starts_with("response-")
                || name.contains("max-")
                || name.contains("-marker")
                || matches!(name, "continuation-token" | "encoding-type" | "fetch-owner" | "start-after")
                || matches!(name, "AWSAccessKeyId" | "Expires" | "Signature")
        };
        self.query.keys().map(String::as_str).find(|name| !plain(name))
    }

    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// A presigned address is good until its expiry.
    pub(super) fn check_expiry(&self, now: Timestamp) -> Result<(), Failure> {
        let (Some(date), Some(seconds)) = (self.asked("X-Amz-Date"), self.asked("X-Amz-Expires")) else {
            return Ok(());
        };
        let signed = Timestamp::strptime("%Y%m%dT%H%M%S%z", date.replace('Z', "+0000"));
        let expired = match (signed, seconds.parse::<i64>()) {
            (Ok(signed), Ok(seconds)) => signed.as_second() + seconds < now.as_second(),
            _ => true,
        };
        if expired { Err(Failure::new(403, "AccessDenied", "Request has expired")) } else { Ok(()) }
    }
}

/// Of `<bucket>.s3.<region>.amazonaws.com` and `<bucket>[.s3].localhost`; an address is never a bucket's.
fn bucket_of_host(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let host = host.split(':').next()?;
    let bucket = match host.split_once(".s3.") {
        Some((bucket, _)) => bucket,
        None => host.strip_suffix(".localhost")?,
    };
    (!bucket.is_empty() && bucket != "s3").then(|| bucket.to_owned())
}

/// Percent-decodes a path, where a plus is a plus.
fn decode(path: &str) -> String {
    let literal = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(literal.as_bytes()).next().map(|(path, _)| path.into_owned()).unwrap_or_default()
}
