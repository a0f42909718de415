//! Lists of buckets, objects and versions.

use super::request::S3Request;
use super::service::{S3, answer};
use super::shelf::{Shelf, Version};
use super::xml::element;
use crate::services::wire::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use std::collections::BTreeSet;

const PAGE: usize = 1000;

pub(super) fn buckets(s3: &S3) -> Response {
    let owner = format!("<Owner>{}</Owner>", element("ID", &s3.account));
    let buckets = s3.buckets.read(|buckets| {
        let entries = buckets.iter().map(|(name, bucket)| {
            let region = element("BucketRegion", &bucket.region);
            format!(
                "<Bucket>{}{}{region}</Bucket>",
                element("Name", name),
                element("CreationDate", time(bucket.created))
            )
        });
        entries.collect::<String>()
    });
    answer("ListAllMyBucketsResult", &format!("{owner}<Buckets>{buckets}</Buckets>"))
}

/// `ListObjects` and `ListObjectsV2`.
pub(super) fn objects(shelf: &Shelf, request: &S3Request) -> Response {
    let second = request.asked("list-type") == Some("2");
    let query = Query::of(request);
    let after = if second {
        let token = request.asked("continuation-token").and_then(|token| STANDARD.decode(token).ok());
        let token = token.and_then(|token| String::from_utf8(token).ok());
        token.or_else(|| request.asked("start-after").map(str::to_owned))
    } else {
        request.asked("marker").map(str::to_owned)
    };
    let mut page = Page::new(&query, after.unwrap_or_default());
    for object in shelf.objects(&request.bucket) {
        let Some(version) = object.current() else { continue };
        if page.take(&object.key) {
            page.content.push_str(&format!(
                "<Contents>{}{}</Contents>",
                element("Key", query.encode(&object.key)),
                description(version)
            ));
        }
    }
    let mut content = query.head(&request.bucket);
    content.push_str(&element("IsTruncated", page.is_truncated.to_string()));
    if second {
        content.push_str(&element("KeyCount", page.count.to_string()));
        if let Some(token) = request.asked("continuation-token") {
            content.push_str(&element("ContinuationToken", token));
        }
        if page.is_truncated {
            content.push_str(&element("NextContinuationToken", STANDARD.encode(&page.last)));
        }
    } else {
        content.push_str(&element("Marker", request.asked("marker").unwrap_or_default()));
        if page.is_truncated {
            content.push_str(&element("NextMarker", query.encode(&page.last)));
        }
    }
    content.push_str(&page.finish());
    answer("ListBucketResult", &content)
}

pub(super) fn versions(shelf: &Shelf, request: &S3Request) -> Response {
    let query = Query::of(request);
    let mut page = Page::new(&query, request.asked("key-marker").unwrap_or_default().to_owned());
    for object in shelf.objects(&request.bucket) {
        if !page.take(&object.key) {
            continue;
        }
        for (age, version) in object.versions.iter().rev().enumerate() {
            let kind = if version.file.is_some() { "Version" } else { "DeleteMarker" };
            let described = if version.file.is_some() {
                description(version)
            } else {
                element("LastModified", time(version.modified))
            };
            page.content.push_str(&format!(
                "<{kind}>{}{}{}{described}</{kind}>",
                element("Key", query.encode(&object.key)),
                element("VersionId", &version.id),
                element("IsLatest", (age == 0).to_string()),
            ));
        }
    }
    let mut content = query.head(&request.bucket);
    content.push_str(&element("IsTruncated", page.is_truncated.to_string()));
    if page.is_truncated {
        content.push_str(&element("NextKeyMarker", query.encode(&page.last)));
    }
    content.push_str(&page.finish());
    answer("ListVersionsResult", &content)
}

/// What a caller wants to see.
struct Query {
    prefix: String,
    delimiter: Option<String>,
    most: usize,
    is_encoded: bool,
}

impl Query {
    fn of(request: &S3Request) -> Self {
        let most = request.asked("max-keys").and_then(|most| most.parse().ok()).unwrap_or(PAGE);
        Self {
            prefix: request.asked("prefix").unwrap_or_default().to_owned(),
            delimiter: request.asked("delimiter").filter(|delimiter| !delimiter.is_empty()).map(str::to_owned),
            most: most.min(PAGE),
            is_encoded: request.asked("encoding-type") == Some("url"),
        }
    }

    /// Keys may hold letters that XML cannot.
    fn encode(&self, key: &str) -> String {
        if !self.is_encoded {
            return key.to_owned();
        }
        form_urlencoded::byte_serialize(key.as_bytes()).collect::<String>().replace("%2F", "/")
    }

    fn head(&self, bucket: &str) -> String {
        let mut head = element("Name", bucket) + &element("Prefix", self.encode(&self.prefix));
        if let Some(delimiter) = &self.delimiter {
            head.push_str(&element("Delimiter", self.encode(delimiter)));
        }
        head.push_str(&element("MaxKeys", self.most.to_string()));
        if self.is_encoded {
            head.push_str(&element("EncodingType", "url"));
        }
        head
    }

    /// The part of a key up to the delimiter, if it has one after the prefix.
    fn common(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter.as_ref()?;
        let rest = key.strip_prefix(&self.prefix)?;
        let (first, _) = rest.split_once(delimiter.as_str())?;
        Some(format!("{}{first}{delimiter}", self.prefix))
    }
}

/// Up to so many keys and common prefixes after a place.
struct Page<'a> {
    query: &'a Query,
    after: String,
    content: String,
    prefixes: BTreeSet<String>,
    count: usize,
    is_truncated: bool,
    last: String,
}

impl<'a> Page<'a> {
    fn new(query: &'a Query, after: String) -> Self {
        Self {
            query,
            after,
            content: String::new(),
            prefixes: BTreeSet::new(),
            count: 0,
            is_truncated: false,
            last: String::new(),
        }
    }

    /// Whether this key is shown for itself. Keys come in order.
    fn take(&mut self, key: &str) -> bool {
        let common = self.query.common(key);
        let shown = common.as_deref().unwrap_or(key);
        // After a common prefix, all that it stands for has been shown.
        let is_seen = key <= self.after.as_str() || shown <= self.after.as_str();
        if !key.starts_with(&self.query.prefix) || is_seen || self.prefixes.contains(shown) {
            return false;
        }
        if self.query.most <= self.count {
            self.is_truncated = 0 < self.query.most;
            return false;
        }
        self.count += 1;
        self.last = shown.to_owned();
        let is_common = common.is_some();
        self.prefixes.extend(common);
        !is_common
    }

    fn finish(self) -> String {
        let prefixes = self
            .prefixes
            .iter()
            .map(|prefix| format!("<CommonPrefixes>{}</CommonPrefixes>", element("Prefix", self.query.encode(prefix))));
        self.content.clone() + &prefixes.collect::<String>()
    }
}

fn description(version: &Version) -> String {
    let class = version.headers.get("x-amz-storage-class").map_or("STANDARD", String::as_str);
    element("LastModified", time(version.modified))
        + &element("ETag", format!("\"{}\"", version.etag))
        + &element("Size", version.size.to_string())
        + &element("StorageClass", class)
}

pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
