//! Who may use which certificate: one that is issued, of the right region.

use super::state::Certificates;
use crate::provision::{CreateRequest, ProvisionError};
use crate::services::property::{Properties, object, objects, text};

/// CloudFront's certificates and those of Cognito's domains come from here, wherever they are used.
const GLOBAL: &str = "us-east-1";

impl Certificates {
    /// Refuses a resource whose certificate its service would not take, in the words of the service.
    pub(crate) fn check(&self, request: &CreateRequest) -> Result<(), ProvisionError> {
        let properties = &request.properties;
        let refuse = |message: String| Err(ProvisionError::Refused { message });
        match request.resource_type.as_str() {
            "AWS::ElasticLoadBalancingV2::Listener" => {
                if text(properties, "Protocol") != Some("HTTPS") {
                    return Ok(());
                }
                let mut certificates =
                    objects(properties, "Certificates").filter_map(|one| text(one, "CertificateArn"));
                let Some(arn) = certificates.next() else {
                    return refuse("A certificate must be specified for HTTPS listeners".to_owned());
                };
                match self.is_fit(arn, &request.region)? {
                    true => Ok(()),
                    false => refuse(format!("Certificate '{arn}' not found")),
                }
            }
            "AWS::ApiGateway::DomainName" => {
                let Some(arn) = text(properties, "RegionalCertificateArn") else { return Ok(()) };
                match self.is_fit(arn, &request.region)? {
                    true => Ok(()),
                    false => refuse("The provided certificate does not exist.".to_owned()),
                }
            }
            "AWS::CloudFront::Distribution" => {
                let viewer = object(properties, "DistributionConfig").and_then(|one| object(one, "ViewerCertificate"));
                let Some(arn) = viewer.and_then(|one| text(one, "AcmCertificateArn")) else { return Ok(()) };
                let message = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't \
                               include a valid certificate chain.";
                if self.is_fit(arn, GLOBAL)? { Ok(()) } else { refuse(message.to_owned()) }
            }
            "AWS::Cognito::UserPoolDomain" => {
                let Some(arn) = custom_domain(properties) else { return Ok(()) };
                let message = "Invalid request provided: Domain certificate is not valid: it must be in us-east-1.";
                if self.is_fit(arn, GLOBAL)? { Ok(()) } else { refuse(message.to_owned()) }
            }
            _ => Ok(()),
        }
    }

    fn is_fit(&self, arn: &str, region: &str) -> Result<bool, ProvisionError> {
        Ok(arn.split(':').nth(3) == Some(region) && self.is_issued(arn)?)
    }
}

fn custom_domain(properties: &Properties) -> Option<&str> {
    text(object(properties, "CustomDomainConfig")?, "CertificateArn")
}
