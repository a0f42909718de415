//! Calls of services whose SDK would cost more to build than the few calls are worth: S3, EC2, CloudFront.
//!
//! The same configuration, credentials and endpoint as the SDK's own calls, the same errors.

use crate::connect::AwsCloud;
use crate::failure::Call;
use crate::xml;
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use como_engine::error::CloudError;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use std::time::{Duration, SystemTime};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A functions' archive takes its time on a slow line.
const TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    S3,
    Ec2,
    CloudFront,
}

impl Service {
    /// In signatures, and the first part of the host's name.
    const fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Ec2 => "ec2",
            Self::CloudFront => "cloudfront",
        }
    }

    fn host(self, region: &str) -> String {
        match self {
            Self::S3 | Self::Ec2 => format!("https://{}.{region}.amazonaws.com", self.name()),
            Self::CloudFront => "https://cloudfront.amazonaws.com".to_owned(),
        }
    }

    fn settings(self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self == Self::S3 {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }
}

/// One call.
pub(crate) struct Signed<'a> {
    pub(crate) call: Call<'a>,
    pub(crate) service: Service,
    pub(crate) method: Method,
    /// From the service's root.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Reply {
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// What makes HTTP calls outside the SDK; `None` where the machine cannot.
pub(crate) fn client(config: &SdkConfig) -> Option<Client> {
    let mut builder = Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT);
    if config.endpoint_url().is_some_and(|url| url.starts_with("http://")) {
        // Another cloud than AWS, near by: nothing to prove to it, and no proxy on the way.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().ok()
}

impl AwsCloud {
    /// Makes a call; an answer other than a success is an error.
    pub(crate) async fn signed(&self, request: Signed<'_>) -> Result<Reply, CloudError> {
        let call = request.call;
        let client = self.http().ok_or_else(|| call.unmade("no HTTP client can be made on this machine"))?;
        let root = match self.config().endpoint_url() {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => request.service.host(call.region),
        };
        let url = format!("{root}{}", request.path);
        let signature = self.sign(&request, &url).await?;
        let mut built = client.request(request.method, &url);
        for (name, value) in request.headers {
            built = built.header(name, value);
        }
        for (name, value) in signature {
            built = built.header(name, value);
        }
        let response = built.body(request.body).send().await.map_err(|error| call.unreachable(error.without_url()))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.map_err(|error| call.unreachable(error.without_url()))?;
        if status.is_success() {
            return Ok(Reply { headers, text });
        }
        Err(refused(call, status, &headers, &text))
    }

    async fn sign(&self, request: &Signed<'_>, url: &str) -> Result<Vec<(String, String)>, CloudError> {
        let call = request.call;
        let provider =
            self.config().credentials_provider().ok_or_else(|| call.credentials("there are no credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(|error| call.credentials(&error.to_string()))?;
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(call.region)
            .name(request.service.name())
            .time(SystemTime::now())
            .settings(request.service.settings())
            .build()
            .map_err(|error| call.unmade(&error.to_string()))?
            .into();
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(request.method.as_str(), url, headers, body);
        let signable = signable.map_err(|error| call.unmade(&error.to_string()))?;
        let signed = sign(signable, &parameters).map_err(|error| call.unmade(&error.to_string()))?;
        let (instructions, _signature) = signed.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

fn refused(call: Call<'_>, status: StatusCode, headers: &HeaderMap, text: &str) -> CloudError {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request_id = header("x-amz-request-id").or_else(|| header("x-amzn-requestid"));
    let request_id = request_id.or_else(|| xml::text(text, "RequestId")).or_else(|| xml::text(text, "RequestID"));
    // The answer to a HEAD has no body, so the status has to do.
    let code = xml::text(text, "Code").or_else(|| (status == StatusCode::NOT_FOUND).then(|| "NotFound".to_owned()));
    call.answered(code, xml::text(text, "Message"), status.as_u16(), request_id)
}
