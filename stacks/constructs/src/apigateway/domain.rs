//! Names of our own for an API.

use super::rest_api::{ENDPOINT_ACCESS_MODE, SECURITY_POLICY};
use crate::acm::Certificate;
use crate::apigateway::RestApi;
use crate::route53::AliasTarget;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_resources::apigateway::{self, domain_name};

/// A name under which one region answers. Two regions may have the same name: DNS says which of them is asked.
///
/// It is made apart from the API behind it, so that it can stand ready before there is one.
#[derive(Debug, Clone)]
pub struct CustomDomain {
    handle: Handle<apigateway::DomainName>,
}

#[derive(Debug)]
pub struct CustomDomainProps<'a> {
    pub name: String,
    /// Of this region, with the name in it.
    pub certificate: &'a Certificate,
}

impl CustomDomain {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: CustomDomainProps<'_>) -> Self {
        let handle = scope.add(
            id,
            apigateway::DomainName {
                domain_name: Some(props.name.into()),
                regional_certificate_arn: Some(props.certificate.arn()),
                endpoint_configuration: Some(domain_name::EndpointConfiguration {
                    types: Some(["REGIONAL"].into()),
                    ip_address_type: Some("dualstack".into()),
                }),
                security_policy: Some(SECURITY_POLICY.into()),
                endpoint_access_mode: Some(ENDPOINT_ACCESS_MODE.into()),
                ..apigateway::DomainName::new()
            },
        );
        Self { handle }
    }

    /// All of the name leads to the stage of `api`.
    pub fn lead_to(&self, scope: &mut Scope<'_>, id: &str, api: &RestApi) {
        scope.add(
            id,
            apigateway::BasePathMapping {
                rest_api_id: Some(api.id()),
                stage: Some(api.stage()),
                ..apigateway::BasePathMapping::new(self.handle.reference())
            },
        );
    }

    /// Outputs for the records of the name, which are in another region's stack; their names begin with `prefix`.
    pub fn share(&self, scope: &mut Scope<'_>, prefix: &str) {
        let AliasTarget { dns_name, hosted_zone_id } = self.alias();
        let mut share =
            |what: &str, description: &str, value| scope.share(&format!("{prefix}{what}"), description, value);
        share("RegionalDomain", "Where the API's name leads in this region", &dns_name);
        share("RegionalZoneId", "The zone of that domain, which is AWS's", &hosted_zone_id);
        share("Domain", "The API's name", &self.handle.reference());
    }

    /// For a record that leads the name here.
    #[must_use]
    pub fn alias(&self) -> AliasTarget {
        AliasTarget {
            dns_name: self.handle.get(apigateway::DomainName::REGIONAL_DOMAIN_NAME),
            hosted_zone_id: self.handle.get(apigateway::DomainName::REGIONAL_HOSTED_ZONE_ID),
        }
    }
}
