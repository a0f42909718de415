//! What CloudFormation cannot do: done for a stack where it is not done yet, mostly once the stack is up.

use crate::rows::Row;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// Something to be done for a stack. Every step may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub stack: String,
    pub task: Task,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Rows are put into a table where they do not exist yet; those that exist stay as they are.
    Rows { table: String, rows: Vec<Row> },
    /// Before anything else: objects are put into the bucket that a parameter of the stack names, since its resources need
    /// them there.
    Objects { parameter: String, objects: Vec<Object> },
    /// Objects are put into buckets, then a distribution forgets what it has cached.
    Site(Site),
    /// The security group that an output of the stack names loses all its rules.
    EmptyGroup { output: String },
}

impl Task {
    /// The stacks whose outputs it reads.
    pub(crate) fn needs(&self) -> Vec<String> {
        match self {
            Self::Site(site) => {
                site.buckets.iter().chain([&site.distribution]).map(|place| place.stack.clone()).collect()
            }
            Self::Rows { .. } | Self::Objects { .. } | Self::EmptyGroup { .. } => Vec::new(),
        }
    }

    /// What it is about, for a plan.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Rows { table, .. } => format!("put rows into {table}"),
            Self::Objects { parameter, objects } => {
                let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
                format!("put {} into the bucket {parameter}", keys.join(", "))
            }
            Self::Site(site) => format!("publish {} files of the site", site.objects.len()),
            Self::EmptyGroup { output } => format!("empty the security group {output}"),
        }
    }
}

/// The files of a site, the same in every bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub buckets: Vec<Place>,
    pub distribution: Place,
    /// In the order in which they are put: what others refer to comes first.
    pub objects: Vec<Object>,
}

/// Where the marker of the last publication is, beside the files.
const MARKER: &str = ".como/published";

impl Site {
    /// An object whose fingerprint is that of all the others: it is put last, so where it is, everything is.
    pub(crate) fn marker(&self) -> Object {
        let mut content = String::new();
        for object in &self.objects {
            // Writing to a string does not fail.
            let _infallible = writeln!(content, "{} {}", object.fingerprint, object.key);
        }
        Object::new(MARKER, "text/plain; charset=utf-8", "no-store", content.into_bytes())
    }
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub region: String,
    pub stack: String,
    pub output: String,
}

/// A file of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    pub content_type: String,
    pub cache_control: String,
    pub content: Arc<[u8]>,
    /// Of the content and of how it is served, SHA-256 in hexadecimal. It is kept with the object, since an ETag is no hash
    /// of the content where KMS encrypts it, and never speaks of headers.
    pub fingerprint: String,
}

impl Object {
    #[must_use]
    pub fn new(key: &str, content_type: &str, cache_control: &str, content: impl Into<Arc<[u8]>>) -> Self {
        let content = content.into();
        let mut hash = Sha256::new();
        for part in [content_type.as_bytes(), b"\n", cache_control.as_bytes(), b"\n", &content] {
            hash.update(part);
        }
        Self {
            key: key.to_owned(),
            content_type: content_type.to_owned(),
            cache_control: cache_control.to_owned(),
            fingerprint: hexadecimal(&hash.finalize()),
            content,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_speaks_of_content_and_headers() {
        let of = |kind: &str, cache: &str, content: &str| {
            Object::new("a", kind, cache, content.as_bytes().to_vec()).fingerprint
        };
        let first = of("text/html", "no-cache", "hello");
        assert_eq!(first.len(), 64);
        assert_eq!(first, of("text/html", "no-cache", "hello"));
        for other in
            [of("text/css", "no-cache", "hello"), of("text/html", "private", "hello"), of("text/html", "no-cache", "")]
        {
            assert_ne!(first, other);
        }
    }
}
