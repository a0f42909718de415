//! Writing objects, and taking them away.

use super::bucket::{Bucket, Versioning};
use super::chunked::{self, Checksums};
use super::condition::check_write;
use super::failure::Failure;
use super::request::S3Request;
use super::service::{S3, answer, empty};
use super::shelf::{Shelf, Version};
use super::xml;
use crate::services::sqs::md5_hex;
use crate::services::wire::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Headers that are kept with an object, beside `x-amz-meta-…`.
const KEPT: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-storage-class",
];

pub(super) fn put(s3: &S3, request: &S3Request, bucket: &Bucket) -> Result<Response, Failure> {
    if let Some(source) = request.header("x-amz-copy-source") {
        return copy(s3, request, bucket, source);
    }
    let (content, checksums) = chunked::content(request)?;
    let mut version = Version {
        id: version_id(bucket),
        etag: md5_hex(&content),
        size: content.len(),
        modified: Timestamp::now(),
        headers: headers(request, &checksums),
        tags: form_tags(request),
        file: None,
    };
    version.headers.entry("content-type".to_owned()).or_insert_with(|| "binary/octet-stream".to_owned());
    let mut shelf = s3.shelf();
    check_write(request, shelf.current(&request.bucket, &request.key))?;
    shelf.put(&request.bucket, &request.key, version.clone(), Some(&content))?;
    Ok(written(&version, empty(200)))
}

fn copy(s3: &S3, request: &S3Request, bucket: &Bucket, source: &str) -> Result<Response, Failure> {
    let (path, wanted) = source.split_once("?versionId=").map_or((source, None), |(path, id)| (path, Some(id)));
    let uri: http::Uri = format!("/{}", path.trim_start_matches('/')).parse().map_err(|_| Failure::no_key())?;
    let mut plain = http::Request::new(Bytes::new());
    *plain.uri_mut() = uri;
    let from = S3Request::of(&request.region, &plain);
    s3.bucket(&from.bucket)?;
    let mut shelf = s3.shelf();
    let found = match wanted {
        None => shelf.current(&from.bucket, &from.key),
        Some(id) => {
            let object = shelf.object(&from.bucket, &from.key);
            object.and_then(|object| object.versions.iter().find(|version| version.id == id))
        }
    };
    let mut version = found.cloned().ok_or_else(Failure::no_key)?;
    let content = shelf.read(&from.bucket, &version)?;
    if request.header("x-amz-metadata-directive") == Some("REPLACE") {
        version.headers = headers(request, &Checksums::new());
    }
    version.id = version_id(bucket);
    version.modified = Timestamp::now();
    check_write(request, shelf.current(&request.bucket, &request.key))?;
    shelf.put(&request.bucket, &request.key, version.clone(), Some(&content))?;
    let etag = xml::element("ETag", format!("\"{}\"", version.etag));
    let modified = xml::element("LastModified", super::list::time(version.modified));
    Ok(written(&version, answer("CopyObjectResult", &format!("{modified}{etag}"))))
}

/// Without a version and with versioning, a delete marker hides the object.
pub(super) fn delete(shelf: &mut Shelf, request: &S3Request, bucket: &Bucket) -> Result<Response, Failure> {
    check_write(request, shelf.current(&request.bucket, &request.key))?;
    let removed = remove(shelf, &request.bucket, &request.key, request.asked("versionId"), bucket)?;
    let mut response = empty(204);
    if let Some((id, is_marker)) = removed {
        put_header(&mut response, "x-amz-version-id", &id);
        if is_marker {
            put_header(&mut response, "x-amz-delete-marker", "true");
        }
    }
    Ok(response)
}

pub(super) fn delete_many(s3: &S3, request: &S3Request, bucket: &Bucket) -> Result<Response, Failure> {
    let text = request.text().into_owned();
    let quiet = xml::text(&text, "Quiet").is_some_and(|quiet| quiet == "true");
    let mut shelf = s3.shelf();
    let mut content = String::new();
    for entry in xml::elements(&text, "Object") {
        let key = xml::text(&entry, "Key").ok_or_else(Failure::malformed)?;
        let version = xml::text(&entry, "VersionId");
        let removed = remove(&mut shelf, &request.bucket, &key, version.as_deref(), bucket)?;
        if quiet {
            continue;
        }
        let mut deleted = xml::element("Key", key);
        match (version, removed) {
            (Some(version), _) => deleted.push_str(&xml::element("VersionId", version)),
            (None, Some((marker, _))) => {
                deleted.push_str(&xml::element("DeleteMarker", "true"));
                deleted.push_str(&xml::element("DeleteMarkerVersionId", marker));
            }
            (None, None) => {}
        }
        content.push_str(&format!("<Deleted>{deleted}</Deleted>"));
    }
    Ok(answer("DeleteResult", &content))
}

pub(super) fn tagging(shelf: &mut Shelf, request: &S3Request, method: &str) -> Result<Response, Failure> {
    let mut version = shelf.current(&request.bucket, &request.key).cloned().ok_or_else(Failure::no_key)?;
    match method {
        "GET" => {
            let tags: String = version
                .tags
                .iter()
                .map(|(key, value)| format!("<Tag>{}{}</Tag>", xml::element("Key", key), xml::element("Value", value)))
                .collect();
            return Ok(answer("Tagging", &format!("<TagSet>{tags}</TagSet>")));
        }
        "PUT" => {
            let text = request.text().into_owned();
            let tags = xml::elements(&text, "Tag").into_iter();
            let tags = tags.filter_map(|tag| Some((xml::text(&tag, "Key")?, xml::text(&tag, "Value")?)));
            version.tags = tags.collect();
        }
        "DELETE" => version.tags.clear(),
        other => return Err(Failure::not_offered(&format!("{other} of an object's tagging"))),
    }
    shelf.amend(&request.bucket, &request.key, version)?;
    Ok(empty(if method == "DELETE" { 204 } else { 200 }))
}

/// The version that went or came, and whether it is a delete marker.
fn remove(
    shelf: &mut Shelf,
    name: &str,
    key: &str,
    version: Option<&str>,
    bucket: &Bucket,
) -> Result<Option<(String, bool)>, Failure> {
    if let Some(id) = version {
        let object = shelf.object(name, key);
        let known = object.and_then(|object| object.versions.iter().find(|version| version.id == id));
        let is_marker = known.is_some_and(|version| version.file.is_none());
        shelf.remove(name, key, id)?;
        return Ok(Some((id.to_owned(), is_marker)));
    }
    if bucket.versioning == Versioning::Never {
        shelf.remove(name, key, "null")?;
        return Ok(None);
    }
    let marker = Version {
        id: version_id(bucket),
        etag: String::new(),
        size: 0,
        modified: Timestamp::now(),
        headers: BTreeMap::new(),
        tags: BTreeMap::new(),
        file: None,
    };
    shelf.put(name, key, marker.clone(), None)?;
    Ok(Some((marker.id, true)))
}

pub(super) fn version_id(bucket: &Bucket) -> String {
    match bucket.versioning {
        Versioning::Enabled => uuid::Uuid::new_v4().simple().to_string(),
        Versioning::Never | Versioning::Suspended => "null".to_owned(),
    }
}

/// What is kept of a write's headers.
pub(super) fn headers(request: &S3Request, checksums: &Checksums) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = request.headers_with_prefix("x-amz-meta-").collect();
    for name in KEPT {
        if let Some(value) = request.header(name) {
            kept.insert((*name).to_owned(), value.to_owned());
        }
    }
    // Not the object's, but the transfer's.
    if let Some(encoding) = kept.remove("content-encoding") {
        let rest: Vec<&str> = encoding.split(',').map(str::trim).filter(|name| *name != "aws-chunked").collect();
        if !rest.is_empty() {
            kept.insert("content-encoding".to_owned(), rest.join(","));
        }
    }
    kept.extend(checksums.clone());
    kept
}

pub(super) fn form_tags(request: &S3Request) -> BTreeMap<String, String> {
    let tags = request.header("x-amz-tagging").unwrap_or_default();
    form_urlencoded::parse(tags.as_bytes()).into_owned().collect()
}

/// Adds what tells a writer about its version.
pub(super) fn written(version: &Version, mut response: Response) -> Response {
    put_header(&mut response, "etag", &format!("\"{}\"", version.etag));
    put_header(&mut response, "x-amz-server-side-encryption", "AES256");
    if version.id != "null" {
        put_header(&mut response, "x-amz-version-id", &version.id);
    }
    for (name, value) in version.headers.iter().filter(|(name, _)| name.starts_with("x-amz-checksum-")) {
        put_header(&mut response, name, value);
    }
    response
}

pub(super) fn put_header(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}
