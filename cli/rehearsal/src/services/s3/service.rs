//! S3 over the wire.

use super::bucket::{self, Bucket};
use super::failure::Failure;
use super::multipart::{self, Upload};
use super::request::S3Request;
use super::shelf::Shelf;
use super::{list, object, read, resource, xml};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::store::{Store, StoreError};
use crate::services::wire::{Request, Response, with_content_type};
use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct S3 {
    pub(super) account: String,
    /// Of all regions, since a bucket's name is taken everywhere.
    pub(super) buckets: Store<BTreeMap<String, Bucket>>,
    /// Unfinished multipart uploads, by their id.
    pub(super) uploads: Store<BTreeMap<String, Upload>>,
    /// Where their parts are.
    pub(super) parts: PathBuf,
    /// The one lock that makes conditional writes conditional.
    shelf: Mutex<Shelf>,
}

impl S3 {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        let dir = dir.join("s3");
        Ok(Self {
            account: account.to_owned(),
            buckets: Store::open(dir.join("buckets.json"))?,
            uploads: Store::open(dir.join("uploads.json"))?,
            parts: dir.join("parts"),
            shelf: Mutex::new(Shelf::open(dir.join("objects"))?),
        })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let request = S3Request::of(region, request);
        let answer = request.check_expiry(Timestamp::now()).and_then(|()| self.run(&request));
        answer.unwrap_or_else(|failure| {
            let is_bare = request.method == Method::HEAD || failure.status == 304;
            let mut response = failure.into_response(&format!("/{}/{}", request.bucket, request.key));
            if is_bare {
                *response.body_mut() = Bytes::new();
            }
            response
        })
    }

    /// An object for the services beside this one; `version` may be none.
    pub(crate) fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Bytes, String> {
        let shelf = self.shelf();
        let found = match version {
            None => shelf.current(bucket, key),
            Some(id) => {
                let object = shelf.object(bucket, key);
                object.and_then(|object| object.versions.iter().find(|version| version.id == id))
            }
        };
        let answer = found.ok_or_else(Failure::no_key).and_then(|version| shelf.read(bucket, version));
        answer.map_err(|failure| failure.message().to_owned())
    }

    /// Where a bucket is, and whom it lets in.
    pub(crate) fn region_and_policy(&self, bucket: &str) -> Option<(String, Value)> {
        let bucket = self.buckets.read(|buckets| buckets.get(bucket).cloned())?;
        let policy = bucket.settings.get("policy").and_then(|policy| serde_json::from_str(policy).ok());
        Some((bucket.region, policy.unwrap_or_default()))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        resource::claim(self, request, claim)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    pub(super) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bucket(&self, name: &str) -> Result<Bucket, Failure> {
        self.buckets.read(|buckets| buckets.get(name).cloned()).ok_or_else(Failure::no_bucket)
    }

    fn run(&self, request: &S3Request) -> Result<Response, Failure> {
        if request.bucket.is_empty() {
            return match request.method {
                Method::GET => Ok(list::buckets(self)),
                _ => Err(Failure::not_offered(&format!("{} /", request.method))),
            };
        }
        let subresource = request.subresource();
        // What is not there is named also where the bucket is not there.
        if !is_offered(request.method.as_str(), !request.key.is_empty(), subresource) {
            return Err(not_offered(request, subresource));
        }
        if request.key.is_empty() {
            if request.method == Method::PUT && subresource.is_none() {
                return bucket::create(self, request);
            }
            let known = self.bucket(&request.bucket)?;
            // Clients ask any region where a bucket is.
            if subresource != Some("location") {
                in_its_region(&known, request)?;
            }
            return self.run_on_bucket(request, &known, subresource);
        }
        let known = self.bucket(&request.bucket)?;
        in_its_region(&known, request)?;
        self.run_on_object(request, &known, subresource)
    }

    fn run_on_bucket(
        &self,
        request: &S3Request,
        known: &Bucket,
        subresource: Option<&str>,
    ) -> Result<Response, Failure> {
        match (request.method.as_str(), subresource) {
            ("HEAD", None) => Ok(bucket::head(known)),
            ("GET", None) => Ok(list::objects(&self.shelf(), request)),
            ("GET", Some("versions")) => Ok(list::versions(&self.shelf(), request)),
            ("GET", Some("uploads")) => Ok(multipart::list_uploads(self, request)),
            ("GET", Some("location")) => Ok(bucket::location(known)),
            ("POST", Some("delete")) => object::delete_many(self, request, known),
            ("DELETE", None) => bucket::delete(self, &request.bucket).map(|()| empty(204)),
            (method, Some(name)) => bucket::setting(self, request, known, method, name),
            (_, None) => Err(not_offered(request, None)),
        }
    }

    fn run_on_object(
        &self,
        request: &S3Request,
        known: &Bucket,
        subresource: Option<&str>,
    ) -> Result<Response, Failure> {
        let upload = request.asked("uploadId");
        match (request.method.as_str(), subresource, upload) {
            ("GET" | "HEAD", None, None) => read::get(&self.shelf(), request),
            ("GET", None, Some(id)) => multipart::list_parts(self, request, id),
            ("PUT", None, Some(id)) => multipart::put_part(self, request, id),
            ("POST", None, id) => multipart::complete(self, request, known, id.unwrap_or_default()),
            ("DELETE", None, Some(id)) => multipart::abort(self, request, id),
            ("POST", Some("uploads"), None) => multipart::start(self, request),
            ("PUT", None, None) => object::put(self, request, known),
            ("DELETE", None, None) => object::delete(&mut self.shelf(), request, known),
            (method, Some("tagging"), None) => object::tagging(&mut self.shelf(), request, method),
            _ => Err(not_offered(request, subresource)),
        }
    }
}

fn is_offered(method: &str, of_object: bool, subresource: Option<&str>) -> bool {
    match (of_object, subresource) {
        (false, None) => matches!(method, "DELETE" | "GET" | "HEAD" | "PUT"),
        (false, Some("delete")) => method == "POST",
        (false, Some("location" | "uploads" | "versions")) => method == "GET",
        (false, Some("versioning")) => matches!(method, "GET" | "PUT"),
        (false, Some(name)) => bucket::is_setting(name) && matches!(method, "DELETE" | "GET" | "PUT"),
        (true, None) => matches!(method, "DELETE" | "GET" | "HEAD" | "POST" | "PUT"),
        (true, Some("tagging")) => matches!(method, "DELETE" | "GET" | "PUT"),
        (true, Some(name)) => name == "uploads" && method == "POST",
    }
}

fn not_offered(request: &S3Request, subresource: Option<&str>) -> Failure {
    let whose = if request.key.is_empty() { "a bucket" } else { "an object" };
    let what = subresource.map_or_else(|| format!("of {whose}"), |name| format!("of {whose}'s {name}"));
    Failure::not_offered(&format!("{} {what}", request.method))
}

/// A bucket answers in its own region only.
fn in_its_region(bucket: &Bucket, request: &S3Request) -> Result<(), Failure> {
    if bucket.region == request.region {
        return Ok(());
    }
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
                   all future requests to this endpoint.";
    Err(Failure::new(301, "PermanentRedirect", message).with("x-amz-bucket-region", bucket.region.clone()))
}

pub(super) fn empty(status: u16) -> Response {
    let mut response = with_content_type(status, "application/xml", "");
    response.headers_mut().remove(http::header::CONTENT_TYPE);
    response
}

pub(super) fn answer(root: &str, content: &str) -> Response {
    with_content_type(200, "application/xml", xml::document(root, content))
}
