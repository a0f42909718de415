//! `AWS::CertificateManager::Certificate`.

use super::state::{Certificate, Certificates, Proof};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::declared::describe;
use crate::services::identifiers::owner;
use crate::services::property::{objects, text, texts};
use jiff::Timestamp;
use std::time::Duration;

/// Between two looks at the records, on the wall.
const PAUSE: Duration = Duration::from_millis(50);

impl Certificates {
    pub(crate) fn owns(resource_type: &str) -> bool {
        resource_type == "AWS::CertificateManager::Certificate"
    }

    /// CloudFormation itself makes the records of the names whose hosted zone the template gives. They outlive the
    /// certificate, as on AWS.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-certificatemanager-certificate-domainvalidationoption.html>
    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let provisioned = describe(request)?;
        let properties = &request.properties;
        let mut names = vec![text(properties, "DomainName").unwrap_or_default().to_lowercase()];
        names.extend(texts(properties, "SubjectAlternativeNames").iter().map(|name| name.to_lowercase()));
        names.dedup();
        let by_dns = text(properties, "ValidationMethod") == Some("DNS");
        for option in objects(properties, "DomainValidationOptions").filter(|_| by_dns) {
            let (Some(name), Some(zone)) = (text(option, "DomainName"), text(option, "HostedZoneId")) else { continue };
            let Proof { name, value } = self.proof(name);
            self.route53.put_value(zone, &name, "CNAME", &value).map_err(refused)?;
        }
        self.store.change(|all| {
            let owner = owner(request);
            let certificate = Certificate { owner, names, by_dns, created: Timestamp::now(), issued: None };
            all.entry(provisioned.physical_id.clone()).or_insert(certificate);
            Ok::<_, ProvisionError>(())
        })?;
        Ok(provisioned)
    }

    /// Waits for somebody to make the records that are missing.
    pub(crate) async fn stabilise(&self, arn: &str) -> Result<(), ProvisionError> {
        while !self.is_issued(arn)? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.store.change(|all| {
            all.remove(&request.physical_id);
            Ok(())
        })
    }
}

fn refused(error: crate::services::wire::ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
