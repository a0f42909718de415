//! Templates and policies that a call gives by address, and how large they may be.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>

use super::operations::CloudFormation;
use super::wire::{Form, QueryError};
use crate::provision::{Lookup, ProvisionError};
use http::Uri;

/// A text that may stand in the call or in a bucket. Sizes are in bytes.
struct Document {
    body: &'static str,
    url: &'static str,
    most_in_call: usize,
    most_in_bucket: usize,
}

const DOCUMENTS: [Document; 3] = [
    Document { body: "TemplateBody", url: "TemplateURL", most_in_call: 51_200, most_in_bucket: 1_000_000 },
    Document { body: "StackPolicyBody", url: "StackPolicyURL", most_in_call: 16_384, most_in_bucket: 16_384 },
    Document {
        body: "StackPolicyDuringUpdateBody",
        url: "StackPolicyDuringUpdateURL",
        most_in_call: 16_384,
        most_in_bucket: 16_384,
    },
];

impl CloudFormation {
    /// Checks the texts of a call, and puts in those that it gives by address.
    pub(super) async fn fetch_documents(&self, region: &str, form: &mut Form) -> Result<(), QueryError> {
        for document in &DOCUMENTS {
            if let Some(body) = form.get(document.body)
                && document.most_in_call < body.len()
            {
                return Err(too_long(document));
            }
            let Some(url) = form.get(document.url).map(str::to_owned) else { continue };
            if form.get(document.body).is_some() {
                return Err(QueryError::validation(format!(
                    "You cannot specify both {} and {}.",
                    document.body, document.url
                )));
            }
            let place = place(&url);
            let (bucket, key) =
                place.ok_or_else(|| QueryError::validation(format!("{} must be a supported URL.", document.url)))?;
            let lookup = Lookup::Object { bucket, key, version: version(&url) };
            let found = self.provisioner.look_up(region, &lookup).await;
            let text = found.map_err(|error| QueryError::validation(s3_error(&error)))?.value;
            if document.most_in_bucket < text.len() {
                let most = document.most_in_bucket;
                let what = if document.body == "TemplateBody" { "Template" } else { "Stack policy" };
                return Err(QueryError::validation(format!("{what} may not exceed {most} bytes in size.")));
            }
            form.put(document.body, text);
        }
        Ok(())
    }
}

fn too_long(document: &Document) -> QueryError {
    let mut member = document.body.to_owned();
    if let Some(first) = member.get_mut(0..1) {
        first.make_ascii_lowercase();
    }
    QueryError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less than \
         or equal to {}",
        document.most_in_call
    ))
}

/// Bucket and key of an object's address, with the bucket in the path or before the host.
fn place(url: &str) -> Option<(String, String)> {
    let uri: Uri = url.parse().ok()?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return None;
    }
    let host = uri.host()?;
    let path = decoded(uri.path().strip_prefix('/')?);
    let before_host = [".s3.", ".s3-"].iter().find_map(|part| Some(host.split_once(part)?.0));
    let before_host = before_host.or_else(|| host.strip_suffix(".localhost"));
    let (bucket, key) = match before_host {
        Some(bucket) => (bucket, path.as_str()),
        None => path.split_once('/')?,
    };
    (!bucket.is_empty() && !key.is_empty()).then(|| (bucket.to_owned(), key.to_owned()))
}

fn version(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == "versionId").map(|(_, version)| version.into_owned())
}

fn s3_error(error: &ProvisionError) -> String {
    let what = match error {
        ProvisionError::Refused { message } | ProvisionError::QuotaExceeded { message } => message.clone(),
        ProvisionError::AlreadyExists { .. } => error.to_string(),
    };
    format!(
        "S3 error: {what}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
    )
}

/// A path's percent signs; a plus is a plus there.
fn decoded(path: &str) -> String {
    let protected = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(protected.as_bytes()).next().map(|(key, _)| key.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::place;

    fn check(url: &str, expected: Option<(&str, &str)>) {
        let found = place(url);
        assert_eq!(found.as_ref().map(|(bucket, key)| (bucket.as_str(), key.as_str())), expected, "{url}");
    }

    #[test]
    fn addresses_are_read_in_both_styles() {
        check("http://127.0.0.1:4566/templates/a/b.json", Some(("templates", "a/b.json")));
        check("https://s3.ap-southeast-1.amazonaws.com/templates/a%20b.json", Some(("templates", "a b.json")));
        check("https://templates.s3.ap-southeast-1.amazonaws.com/a.json?versionId=1", Some(("templates", "a.json")));
        check("https://templates.s3-us-west-2.amazonaws.com/a.json", Some(("templates", "a.json")));
        check("http://templates.localhost:4566/a.json", Some(("templates", "a.json")));
        for wrong in ["ftp://host/bucket/key", "http://127.0.0.1:4566/bucket", "bucket/key", "http://127.0.0.1/"] {
            check(wrong, None);
        }
    }
}
