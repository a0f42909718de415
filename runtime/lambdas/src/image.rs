//! Images: their digests, and the event that tells of a push.

use como_contract::function::IMAGE_REPOSITORY;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// `sha256:` and 64 hexadecimal digits, lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

#[derive(Debug, PartialEq, Eq, Error)]
#[error("a digest is `sha256:` and 64 hexadecimal digits")]
pub struct DigestError;

impl Digest {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        let digits = text.strip_prefix("sha256:").ok_or(DigestError)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match digits.len() == 64 && digits.bytes().all(is_digit) {
            true => Ok(Self(text)),
            false => Err(DigestError),
        }
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

/// "ECR Image Action" of EventBridge, or "ECR Replication Action" where the image is a copy, as far as they matter here.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html>
#[derive(Debug, Deserialize)]
struct ImageEvent {
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    action_type: String,
    result: String,
    repository_name: String,
    image_digest: String,
}

#[derive(Debug, Error)]
pub enum EventError {
    #[error("cannot read the event of a push")]
    Shape(#[source] serde_json::Error),
    #[error("cannot use the digest of the pushed image")]
    Digest(#[source] DigestError),
}

/// The image that was pushed, or copied to this region; `None` where the event tells of something else than that, of another
/// image, or of a failure.
///
/// # Errors
/// When it is no event of ECR, or its digest is none.
pub fn pushed(event: serde_json::Value) -> Result<Option<Digest>, EventError> {
    let event: ImageEvent = serde_json::from_value(event).map_err(EventError::Shape)?;
    let Detail { action_type, result, repository_name, image_digest } = event.detail;
    let action = (event.detail_type.as_str(), action_type.as_str());
    let is_new = matches!(action, ("ECR Image Action", "PUSH") | ("ECR Replication Action", "REPLICATE"));
    let is_ours = is_new && result == "SUCCESS" && repository_name == IMAGE_REPOSITORY;
    match is_ours {
        true => Digest::try_from(image_digest).map(Some).map_err(EventError::Digest),
        false => Ok(None),
    }
}
