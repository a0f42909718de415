//! S3.

use crate::connect::AwsCloud;
use crate::failure::Call;
use crate::signed::{Service, Signed};
use async_trait::async_trait;
use como_engine::error::CloudError;
use como_engine::port::Buckets;
use como_engine::step::Object;
use reqwest::Method;

/// Where an object keeps the fingerprint that it was put with.
const FINGERPRINT: &str = "x-amz-meta-como-fingerprint";

#[async_trait]
impl Buckets for AwsCloud {
    async fn fingerprint(&self, region: &str, bucket: &str, key: &str) -> Result<Option<String>, CloudError> {
        let request = Signed {
            call: Call { operation: "HeadObject", region },
            service: Service::S3,
            method: Method::HEAD,
            path: format!("/{bucket}/{key}"),
            headers: Vec::new(),
            body: Vec::new(),
        };
        match self.signed(request).await {
            Ok(reply) => Ok(reply.headers.get(FINGERPRINT).and_then(|value| value.to_str().ok()).map(str::to_owned)),
            Err(CloudError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_object(&self, region: &str, bucket: &str, object: &Object) -> Result<(), CloudError> {
        let request = Signed {
            call: Call { operation: "PutObject", region },
            service: Service::S3,
            method: Method::PUT,
            path: format!("/{bucket}/{}", object.key),
            headers: vec![
                ("cache-control", object.cache_control.clone()),
                ("content-type", object.content_type.clone()),
                (FINGERPRINT, object.fingerprint.clone()),
            ],
            body: object.content.to_vec(),
        };
        self.signed(request).await.map(drop)
    }
}
