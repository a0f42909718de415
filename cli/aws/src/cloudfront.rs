//! CloudFront.

use crate::connect::AwsCloud;
use crate::failure::Call;
use crate::signed::{Service, Signed};
use crate::xml;
use async_trait::async_trait;
use como_engine::error::CloudError;
use como_engine::port::Distributions;
use reqwest::Method;

/// CloudFront's control plane is there and nowhere else.
const REGION: &str = "us-east-1";

#[async_trait]
impl Distributions for AwsCloud {
    async fn invalidate(&self, distribution: &str, reference: &str) -> Result<(), CloudError> {
        let body = format!(
            "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>1</Quantity>\
             <Items><Path>/*</Path></Items></Paths><CallerReference>{}</CallerReference></InvalidationBatch>",
            xml::escape(reference)
        );
        let request = Signed {
            call: Call { operation: "CreateInvalidation", region: REGION },
            service: Service::CloudFront,
            method: Method::POST,
            path: format!("/2020-05-31/distribution/{distribution}/invalidation"),
            headers: vec![("content-type", "application/xml".to_owned())],
            body: body.into_bytes(),
        };
        self.signed(request).await.map(drop)
    }
}
