//! Reading objects.

use super::condition::check_read;
use super::failure::Failure;
use super::object::put_header;
use super::request::S3Request;
use super::service::empty;
use super::shelf::{Shelf, Version};
use crate::services::wire::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;

/// `GetObject` and `HeadObject`.
pub(super) fn get(shelf: &Shelf, request: &S3Request) -> Result<Response, Failure> {
    let version = find(shelf, request)?;
    check_read(request, version)?;
    let mut response = empty(200);
    for (name, value) in &version.headers {
        let is_checksum = name.starts_with("x-amz-checksum-");
        if !is_checksum || request.header("x-amz-checksum-mode") == Some("ENABLED") {
            put_header(&mut response, name, value);
        }
    }
    for (name, value) in &request.query {
        if let Some(name) = name.strip_prefix("response-") {
            put_header(&mut response, name, value);
        }
    }
    put_header(&mut response, "etag", &format!("\"{}\"", version.etag));
    put_header(&mut response, "last-modified", &http_date(version.modified));
    put_header(&mut response, "accept-ranges", "bytes");
    put_header(&mut response, "x-amz-server-side-encryption", "AES256");
    if version.id != "null" {
        put_header(&mut response, "x-amz-version-id", &version.id);
    }
    if !version.tags.is_empty() {
        put_header(&mut response, "x-amz-tagging-count", &version.tags.len().to_string());
    }
    let range = request.header("range").map(|range| resolve(range, version.size)).transpose()?.flatten();
    let (start, end) = range.unwrap_or((0, version.size));
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        put_header(&mut response, "content-range", &format!("bytes {start}-{}/{}", end - 1, version.size));
        // A checksum of the whole says nothing of a part.
        let names: Vec<_> =
            response.headers().keys().filter(|name| name.as_str().starts_with("x-amz-checksum-")).cloned().collect();
        for name in names {
            response.headers_mut().remove(name);
        }
    }
    put_header(&mut response, "content-length", &(end - start).to_string());
    if request.method != Method::HEAD {
        let content: Bytes = shelf.read(&request.bucket, version)?;
        *response.body_mut() = content.slice(start.min(content.len())..end.min(content.len()));
    }
    Ok(response)
}

fn find<'a>(shelf: &'a Shelf, request: &S3Request) -> Result<&'a Version, Failure> {
    let object = shelf.object(&request.bucket, &request.key).ok_or_else(Failure::no_key)?;
    if let Some(id) = request.asked("versionId") {
        let version = object.versions.iter().find(|version| version.id == id);
        let version =
            version.ok_or_else(|| Failure::new(404, "NoSuchVersion", "The specified version does not exist."))?;
        if version.file.is_none() {
            let message = "The specified method is not allowed against this resource.";
            return Err(Failure::new(405, "MethodNotAllowed", message).with("x-amz-delete-marker", "true"));
        }
        return Ok(version);
    }
    object.current().ok_or_else(|| Failure::no_key().with("x-amz-delete-marker", "true"))
}

/// Start and end (not included) of a range; none for a header that is not understood, which is passed over.
fn resolve(header: &str, size: usize) -> Result<Option<(usize, usize)>, Failure> {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let range = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Ok(first), Err(_)) if last.is_empty() => (first, size),
        (Err(_), Ok(length)) if first.is_empty() => (size.saturating_sub(length), size),
        _ => return Ok(None),
    };
    if size <= range.0 {
        return Err(Failure::new(416, "InvalidRange", "The requested range is not satisfiable")
            .with("content-range", format!("bytes */{size}")));
    }
    Ok(Some(range))
}

fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn ranges_are_cut_to_the_object() {
        let check = |header: &str, expected: Option<(usize, usize)>| {
            assert_eq!(resolve(header, 10).unwrap(), expected, "{header}");
        };
        check("bytes=0-3", Some((0, 4)));
        check("bytes=5-100", Some((5, 10)));
        check("bytes=7-", Some((7, 10)));
        check("bytes=-4", Some((6, 10)));
        check("lines=1-2", None);
        assert!(resolve("bytes=10-", 10).is_err());
    }
}
