//! Certificates that renew themselves.

use crate::route53::HostedZone;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::certificatemanager::{self, certificate};

/// A certificate for names of one zone. It is good in its own region; for a distribution that is us-east-1.
///
/// Who owns the zone is proved by a record that stays in it, so AWS renews the certificate without being asked. Making it
/// takes until the zone answers: before its domain is delegated there, for ever.
#[derive(Debug, Clone)]
pub struct Certificate {
    handle: Handle<certificatemanager::Certificate>,
}

#[derive(Debug)]
pub struct CertificateProps<'a> {
    /// Whole names, no wildcards: a certificate that is stolen is good for these only.
    pub name: String,
    pub other_names: Vec<String>,
    pub zone: &'a HostedZone,
}

impl Certificate {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: &CertificateProps<'_>) -> Self {
        let names = std::iter::once(&props.name).chain(&props.other_names);
        let validation = names.map(|name| certificate::DomainValidationOption {
            domain_name: Some(name.as_str().into()),
            hosted_zone_id: Some(props.zone.id()),
            ..certificate::DomainValidationOption::new()
        });
        let other_names: Vec<Value<String>> = props.other_names.iter().map(|name| name.as_str().into()).collect();
        let handle = scope.add(
            id,
            certificatemanager::Certificate {
                validation_method: Some("DNS".into()),
                domain_validation_options: Some(validation.collect()),
                subject_alternative_names: (!other_names.is_empty()).then(|| other_names.into()),
                ..certificatemanager::Certificate::new(props.name.as_str())
            },
        );
        Self { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }
}
