//! Calls of AWS services whose SDK would cost more to build than the few calls are worth: Secrets Manager, SES and SQS.
//!
//! The same credentials and endpoint as the SDK's own calls, and the signature of the SDK's own library.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use como_domain::identity::Cause;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use thiserror::Error;

/// An answer beyond this is not one that we asked for: ten messages of a queue have at most 1 MiB.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

#[derive(Clone)]
pub struct SignedClient {
    http: Client,
    credentials: Option<SharedCredentialsProvider>,
    region: String,
    endpoint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    SecretsManager,
    Ses,
    Sqs,
}

impl Service {
    /// In signatures.
    const fn name(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager",
            Self::Ses => "ses",
            Self::Sqs => "sqs",
        }
    }

    fn host(self, region: &str) -> String {
        let host = match self {
            Self::SecretsManager => "secretsmanager",
            Self::Ses => "email",
            Self::Sqs => "sqs",
        };
        format!("https://{host}.{region}.amazonaws.com")
    }
}

/// One POST of a JSON document.
pub(crate) struct SignedCall<'a> {
    pub(crate) service: Service,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'static str, String)],
    pub(crate) body: &'a Value,
    pub(crate) timeout: Duration,
}

/// Texts of the service are left out: they may name an address or a key.
#[derive(Debug, Error)]
pub enum SignedError {
    #[error("the call could not be made")]
    NotSent(#[source] Cause),
    #[error("throttled with `{code}`")]
    Throttled { code: String },
    #[error("refused with status {status} and `{code}`")]
    Refused { status: u16, code: String },
    #[error("failed with status {status} and `{code}`")]
    Failed { status: u16, code: String },
    #[error("there was no answer to work with")]
    NoAnswer(#[source] Cause),
}

impl SignedClient {
    #[must_use]
    pub fn new(http: Client, config: &SdkConfig) -> Self {
        Self {
            http,
            credentials: config.credentials_provider(),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            endpoint: config.endpoint_url().map(|url| url.trim_end_matches('/').to_owned()),
        }
    }

    pub(crate) async fn post(&self, call: SignedCall<'_>) -> Result<Value, SignedError> {
        let root = self.endpoint.clone().unwrap_or_else(|| call.service.host(&self.region));
        let url = format!("{root}{}", call.path);
        let body = call.body.to_string();
        let signature = self.sign(&call, &url, body.as_bytes()).await.map_err(SignedError::NotSent)?;
        let mut request = self.http.post(&url).timeout(call.timeout);
        for (name, value) in call.headers {
            request = request.header(*name, value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let mut response = request.body(body).send().await.map_err(transport)?;
        let status = response.status();
        let stated = response.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let stated = stated.map(str::to_owned);
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if MAX_BODY_BYTES < text.len() + chunk.len() {
                return Err(SignedError::NoAnswer("a larger answer than was asked for".into()));
            }
            text.extend_from_slice(&chunk);
        }
        if status.is_success() && text.is_empty() {
            // What has nothing to say says nothing.
            return Ok(Value::Null);
        }
        if status.is_success() {
            return serde_json::from_slice(&text).map_err(|error| SignedError::NoAnswer(error.into()));
        }
        Err(refused(status, code(stated, &text)))
    }

    async fn sign(&self, call: &SignedCall<'_>, url: &str, body: &[u8]) -> Result<Vec<(String, String)>, Cause> {
        let provider = self.credentials.as_ref().ok_or("there are no credentials")?;
        let identity = provider.provide_credentials().await?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(call.service.name())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = call.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let signable = SignableRequest::new("POST", url, headers, SignableBody::Bytes(body))?;
        let (instructions, _signature) = sign(signable, &parameters)?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

fn transport(error: reqwest::Error) -> SignedError {
    let is_unsent = error.is_connect() || error.is_builder();
    let cause = error.without_url().into();
    if is_unsent { SignedError::NotSent(cause) } else { SignedError::NoAnswer(cause) }
}

fn refused(status: StatusCode, code: String) -> SignedError {
    let is_throttled =
        status == StatusCode::TOO_MANY_REQUESTS || code.contains("Throttl") || code.contains("TooManyRequests");
    match status.as_u16() {
        _ if is_throttled => SignedError::Throttled { code },
        status if status < 500 => SignedError::Refused { status, code },
        status => SignedError::Failed { status, code },
    }
}

/// From the header, or from the document, where it may stand behind a namespace or before an address.
fn code(stated: Option<String>, body: &[u8]) -> String {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let in_body = document["__type"].as_str().or_else(|| document["code"].as_str()).map(str::to_owned);
    let whole = stated.or(in_body).unwrap_or_else(|| "unknown".to_owned());
    let name = whole.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().to_owned()
}
