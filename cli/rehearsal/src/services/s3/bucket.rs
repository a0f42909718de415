//! Buckets and their settings.
//!
//! Only versioning changes what S3 does here; the other settings are kept and shown, so that a deployer finds what it set.

use super::failure::Failure;
use super::request::S3Request;
use super::service::{S3, answer, empty};
use super::xml;
use crate::services::wire::{Response, with_content_type};
use http::HeaderValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Bucket {
    /// The stack and logical id that it was made for; none for one made over the wire.
    pub(super) owner: Option<String>,
    pub(super) region: String,
    pub(super) created: Timestamp,
    pub(super) versioning: Versioning,
    /// By subresource, as they were put.
    pub(super) settings: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    Never,
    Enabled,
    Suspended,
}

/// Subresource, and the error of one that was not set.
const SETTINGS: &[(&str, &str)] = &[
    ("cors", "NoSuchCORSConfiguration"),
    ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    ("lifecycle", "NoSuchLifecycleConfiguration"),
    ("object-lock", "ObjectLockConfigurationNotFoundError"),
    ("ownershipControls", "OwnershipControlsNotFoundError"),
    ("policy", "NoSuchBucketPolicy"),
    ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
    ("tagging", "NoSuchTagSet"),
];

/// What every bucket has had since January 2023, unless it says otherwise.
const DEFAULT_ENCRYPTION: &str = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
     <ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
     <BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";

impl Bucket {
    pub(super) fn new(region: &str, owner: Option<String>) -> Self {
        Self {
            owner,
            region: region.to_owned(),
            created: Timestamp::now(),
            versioning: Versioning::Never,
            settings: BTreeMap::new(),
        }
    }
}

pub(super) fn create(s3: &S3, request: &S3Request) -> Result<Response, Failure> {
    let wanted = xml::text(&request.text(), "LocationConstraint").unwrap_or_default();
    let here = if request.region == "us-east-1" { "" } else { &request.region };
    if wanted != here {
        let shown = if wanted.is_empty() { "unspecified" } else { &wanted };
        let message = format!(
            "The {shown} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        return Err(Failure::new(400, "IllegalLocationConstraintException", message));
    }
    check_name(&request.bucket)?;
    s3.buckets.change(|buckets| match buckets.get(&request.bucket) {
        Some(known) if known.region == "us-east-1" && request.region == "us-east-1" => Ok(()),
        Some(_) => {
            let message = "Your previous request to create the named bucket succeeded and you already own it.";
            Err(Failure::new(409, "BucketAlreadyOwnedByYou", message))
        }
        None => {
            let mut bucket = Bucket::new(&request.region, None);
            if request.header("x-amz-bucket-object-lock-enabled") == Some("true") {
                bucket.versioning = Versioning::Enabled;
            }
            buckets.insert(request.bucket.clone(), bucket);
            Ok(())
        }
    })?;
    let mut response = empty(200);
    if let Ok(location) = HeaderValue::from_str(&format!("/{}", request.bucket)) {
        response.headers_mut().insert(http::header::LOCATION, location);
    }
    Ok(response)
}

pub(super) fn delete(s3: &S3, name: &str) -> Result<(), Failure> {
    // Under the lock, so that no object comes in between.
    let mut shelf = s3.shelf();
    if !shelf.is_empty(name) {
        return Err(Failure::new(409, "BucketNotEmpty", "The bucket you tried to delete is not empty"));
    }
    s3.buckets.change(|buckets| buckets.remove(name).map(|_| ()).ok_or_else(Failure::no_bucket))?;
    shelf.remove_bucket(name)
}

pub(super) fn head(bucket: &Bucket) -> Response {
    let mut response = empty(200);
    if let Ok(region) = HeaderValue::from_str(&bucket.region) {
        response.headers_mut().insert("x-amz-bucket-region", region);
    }
    response
}

pub(super) fn location(bucket: &Bucket) -> Response {
    let region = if bucket.region == "us-east-1" { "" } else { &bucket.region };
    answer("LocationConstraint", region)
}

pub(super) fn is_setting(name: &str) -> bool {
    SETTINGS.iter().any(|(known, _)| *known == name)
}

pub(super) fn setting(
    s3: &S3,
    request: &S3Request,
    bucket: &Bucket,
    method: &str,
    name: &str,
) -> Result<Response, Failure> {
    if name == "versioning" {
        return versioning(s3, request, bucket, method);
    }
    let Some((_, missing)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
        return Err(Failure::not_offered(&format!("{method} of a bucket's {name}")));
    };
    match method {
        "GET" => match (bucket.settings.get(name), name) {
            (Some(setting), "policy") => Ok(with_content_type(200, "application/json", setting.clone())),
            (Some(setting), _) => Ok(with_content_type(200, "application/xml", setting.clone())),
            (None, "encryption") => Ok(with_content_type(200, "application/xml", DEFAULT_ENCRYPTION)),
            (None, _) => Err(Failure::new(404, missing, format!("The {name} configuration does not exist"))),
        },
        "PUT" => {
            change(s3, &request.bucket, |bucket| {
                bucket.settings.insert(name.to_owned(), request.text().into_owned());
            })?;
            Ok(empty(if name == "policy" { 204 } else { 200 }))
        }
        "DELETE" => {
            change(s3, &request.bucket, |bucket| {
                bucket.settings.remove(name);
            })?;
            Ok(empty(204))
        }
        other => Err(Failure::not_offered(&format!("{other} of a bucket's {name}"))),
    }
}

fn versioning(s3: &S3, request: &S3Request, bucket: &Bucket, method: &str) -> Result<Response, Failure> {
    match method {
        "GET" => {
            let status = match bucket.versioning {
                Versioning::Never => String::new(),
                Versioning::Enabled => xml::element("Status", "Enabled"),
                Versioning::Suspended => xml::element("Status", "Suspended"),
            };
            Ok(answer("VersioningConfiguration", &status))
        }
        "PUT" => {
            let versioning = match xml::text(&request.text(), "Status").as_deref() {
                Some("Enabled") => Versioning::Enabled,
                Some("Suspended") => Versioning::Suspended,
                _ => return Err(Failure::malformed()),
            };
            change(s3, &request.bucket, |bucket| bucket.versioning = versioning)?;
            Ok(empty(200))
        }
        other => Err(Failure::not_offered(&format!("{other} of a bucket's versioning"))),
    }
}

pub(super) fn change(s3: &S3, name: &str, change: impl FnOnce(&mut Bucket)) -> Result<(), Failure> {
    s3.buckets.change(|buckets| buckets.get_mut(name).map(change).ok_or_else(Failure::no_bucket))
}

/// The S3 user guide, "General purpose bucket naming rules".
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    let letters = name
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '.');
    let edges = name.starts_with(['-', '.']) || name.ends_with(['-', '.']) || name.contains("..");
    if letters && !edges && (3..=63).contains(&name.len()) {
        return Ok(());
    }
    Err(Failure::new(400, "InvalidBucketName", "The specified bucket is not valid."))
}
