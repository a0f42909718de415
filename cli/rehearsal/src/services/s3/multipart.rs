//! Uploads in parts.

use super::bucket::Bucket;
use super::chunked::{self, Checksums};
use super::condition::check_write;
use super::failure::Failure;
use super::object::{form_tags, headers, put_header, version_id, written};
use super::request::S3Request;
use super::service::{S3, answer, empty};
use super::shelf::Version;
use super::xml::{self, element};
use crate::services::sqs::{md5_bytes, md5_hex};
use crate::services::wire::Response;
use fs_err as fs;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All parts but the last have at least this many bytes.
const SMALLEST_PART: usize = 5 * 1024 * 1024;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    bucket: String,
    key: String,
    started: Timestamp,
    headers: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    parts: BTreeMap<u32, Part>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Part {
    etag: String,
    size: usize,
    file: String,
    modified: Timestamp,
}

pub(super) fn start(s3: &S3, request: &S3Request) -> Result<Response, Failure> {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let mut kept = headers(request, &Checksums::new());
    kept.entry("content-type".to_owned()).or_insert_with(|| "binary/octet-stream".to_owned());
    let upload = Upload {
        bucket: request.bucket.clone(),
        key: request.key.clone(),
        started: Timestamp::now(),
        headers: kept,
        tags: form_tags(request),
        parts: BTreeMap::new(),
    };
    s3.uploads.change(|uploads| {
        uploads.insert(id.clone(), upload);
        Ok::<_, Failure>(())
    })?;
    let place = element("Bucket", &request.bucket) + &element("Key", &request.key);
    Ok(answer("InitiateMultipartUploadResult", &(place + &element("UploadId", id))))
}

pub(super) fn put_part(s3: &S3, request: &S3Request, id: &str) -> Result<Response, Failure> {
    if request.header("x-amz-copy-source").is_some() {
        return Err(Failure::not_offered("UploadPartCopy"));
    }
    let number = request.asked("partNumber").and_then(|number| number.parse().ok());
    let number = number.filter(|number| (1..=10_000).contains(number)).ok_or_else(|| {
        Failure::new(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    })?;
    find(s3, request, id)?;
    let (content, checksums) = chunked::content(request)?;
    let file = format!("{id}.{number}.{}", uuid::Uuid::new_v4().simple());
    fs::create_dir_all(&s3.parts)?;
    fs::write(s3.parts.join(&file), &content)?;
    let part = Part { etag: md5_hex(&content), size: content.len(), file, modified: Timestamp::now() };
    let etag = part.etag.clone();
    let before = s3.uploads.change(|uploads| {
        let upload = uploads.get_mut(id).ok_or_else(no_upload)?;
        Ok::<_, Failure>(upload.parts.insert(number, part))
    })?;
    if let Some(before) = before {
        let _ = fs::remove_file(s3.parts.join(before.file));
    }
    let mut response = empty(200);
    put_header(&mut response, "etag", &format!("\"{etag}\""));
    for (name, value) in &checksums {
        put_header(&mut response, name, value);
    }
    Ok(response)
}

pub(super) fn complete(s3: &S3, request: &S3Request, bucket: &Bucket, id: &str) -> Result<Response, Failure> {
    let upload = find(s3, request, id)?;
    let text = request.text().into_owned();
    let mut content = Vec::new();
    let mut digests = Vec::new();
    let listed = xml::elements(&text, "Part");
    if listed.is_empty() {
        return Err(Failure::malformed());
    }
    let mut last = 0;
    for (index, entry) in listed.iter().enumerate() {
        let number: u32 =
            xml::text(entry, "PartNumber").and_then(|number| number.parse().ok()).ok_or_else(Failure::malformed)?;
        if number <= last {
            return Err(Failure::new(400, "InvalidPartOrder", "The list of parts was not in ascending order."));
        }
        last = number;
        let etag = xml::text(entry, "ETag").unwrap_or_default();
        let part = upload.parts.get(&number).filter(|part| part.etag == etag.trim_matches('"'));
        let part = part.ok_or_else(|| {
            let message = "One or more of the specified parts could not be found. The part may not have been uploaded, \
                           or the specified entity tag may not match the part's entity tag.";
            Failure::new(400, "InvalidPart", message)
        })?;
        if part.size < SMALLEST_PART && index + 1 < listed.len() {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(Failure::new(400, "EntityTooSmall", message));
        }
        let bytes = fs::read(s3.parts.join(&part.file))?;
        digests.extend(md5_bytes(&bytes));
        content.extend(bytes);
    }
    let version = Version {
        id: version_id(bucket),
        etag: format!("{}-{}", md5_hex(&digests), listed.len()),
        size: content.len(),
        modified: Timestamp::now(),
        headers: upload.headers.clone(),
        tags: upload.tags.clone(),
        file: None,
    };
    {
        let mut shelf = s3.shelf();
        check_write(request, shelf.current(&request.bucket, &request.key))?;
        shelf.put(&request.bucket, &request.key, version.clone(), Some(&content))?;
    }
    forget(s3, id)?;
    let place = element("Bucket", &request.bucket) + &element("Key", &request.key);
    let etag = element("ETag", format!("\"{}\"", version.etag));
    Ok(written(&version, answer("CompleteMultipartUploadResult", &(place + &etag))))
}

pub(super) fn abort(s3: &S3, request: &S3Request, id: &str) -> Result<Response, Failure> {
    find(s3, request, id)?;
    forget(s3, id)?;
    Ok(empty(204))
}

pub(super) fn list_parts(s3: &S3, request: &S3Request, id: &str) -> Result<Response, Failure> {
    let upload = find(s3, request, id)?;
    let mut content = element("Bucket", &request.bucket) + &element("Key", &request.key) + &element("UploadId", id);
    content.push_str(&element("IsTruncated", "false"));
    for (number, part) in &upload.parts {
        content.push_str(&format!(
            "<Part>{}{}{}{}</Part>",
            element("PartNumber", number.to_string()),
            element("ETag", format!("\"{}\"", part.etag)),
            element("Size", part.size.to_string()),
            element("LastModified", super::list::time(part.modified)),
        ));
    }
    Ok(answer("ListPartsResult", &content))
}

pub(super) fn list_uploads(s3: &S3, request: &S3Request) -> Response {
    let mut content = element("Bucket", &request.bucket) + &element("IsTruncated", "false");
    s3.uploads.read(|uploads| {
        for (id, upload) in uploads.iter().filter(|(_, upload)| upload.bucket == request.bucket) {
            content.push_str(&format!(
                "<Upload>{}{}{}</Upload>",
                element("Key", &upload.key),
                element("UploadId", id),
                element("Initiated", super::list::time(upload.started)),
            ));
        }
    });
    answer("ListMultipartUploadsResult", &content)
}

fn find(s3: &S3, request: &S3Request, id: &str) -> Result<Upload, Failure> {
    let upload = s3.uploads.read(|uploads| uploads.get(id).cloned());
    upload.filter(|upload| upload.bucket == request.bucket && upload.key == request.key).ok_or_else(no_upload)
}

fn forget(s3: &S3, id: &str) -> Result<(), Failure> {
    let upload = s3.uploads.change(|uploads| Ok::<_, Failure>(uploads.remove(id)))?;
    for part in upload.into_iter().flat_map(|upload| upload.parts.into_values()) {
        // Nobody names it any more.
        let _ = fs::remove_file(s3.parts.join(part.file));
    }
    Ok(())
}

fn no_upload() -> Failure {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    Failure::new(404, "NoSuchUpload", message)
}
