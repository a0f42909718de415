//! A domain that mails come from.

use crate::iam::{Condition, Permissions, Statement};
use crate::route53::{HostedZone, RecordType, add_record};
use crate::sns::Topic;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::ses::{
    self, configuration_set, configuration_set_event_destination as destination, email_identity,
};

/// A domain whose mails are signed, sent over TLS only, and not sent to whom they bounced from.
///
/// Each region has a sender of its own for the same domain: their signing keys stand in the zone beside each other.
#[derive(Debug, Clone)]
pub struct Sender {
    configuration_set: String,
    domain: String,
}

#[derive(Debug)]
pub struct SenderProps<'a> {
    /// Also the zone's name.
    pub zone: &'a HostedZone,
    pub configuration_set: String,
    /// Hears of every mail that did not arrive or was complained about.
    pub events: &'a Topic,
}

/// What somebody has to look at; that a mail was sent or delivered is counted by SES itself.
const EVENTS: [&str; 5] = ["BOUNCE", "COMPLAINT", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE"];

impl Sender {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: SenderProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let configuration_set = scope.add(
            "ConfigurationSet",
            ses::ConfigurationSet {
                name: Some(props.configuration_set.as_str().into()),
                delivery_options: Some(configuration_set::DeliveryOptions {
                    tls_policy: Some("REQUIRE".into()),
                    ..configuration_set::DeliveryOptions::new()
                }),
                reputation_options: Some(configuration_set::ReputationOptions {
                    reputation_metrics_enabled: Some(true.into()),
                }),
                sending_options: Some(configuration_set::SendingOptions { sending_enabled: Some(true.into()) }),
                suppression_options: Some(configuration_set::SuppressionOptions {
                    suppressed_reasons: Some(["BOUNCE", "COMPLAINT"].into()),
                    ..configuration_set::SuppressionOptions::new()
                }),
                ..ses::ConfigurationSet::new()
            },
        );
        let events = destination::EventDestination {
            enabled: Some(true.into()),
            sns_destination: Some(destination::SnsDestination::new(props.events.arn())),
            ..destination::EventDestination::new(EVENTS)
        };
        scope.add("Events", ses::ConfigurationSetEventDestination::new(configuration_set.reference(), events));
        let domain = props.zone.name().to_owned();
        let identity = scope.add(
            "Identity",
            ses::EmailIdentity {
                configuration_set_attributes: Some(email_identity::ConfigurationSetAttributes {
                    configuration_set_name: Some(configuration_set.reference()),
                }),
                dkim_attributes: Some(email_identity::DkimAttributes { signing_enabled: Some(true.into()) }),
                dkim_signing_attributes: Some(email_identity::DkimSigningAttributes {
                    next_signing_key_length: Some("RSA_2048_BIT".into()),
                    ..email_identity::DkimSigningAttributes::new()
                }),
                // Bounces go to the topic; as mails they would go to a mailbox that nobody has.
                feedback_attributes: Some(email_identity::FeedbackAttributes {
                    email_forwarding_enabled: Some(false.into()),
                }),
                ..ses::EmailIdentity::new(domain.as_str())
            },
        );
        let keys = [
            ("Dkim1", ses::EmailIdentity::DKIM_DNS_TOKEN_NAME1, ses::EmailIdentity::DKIM_DNS_TOKEN_VALUE1),
            ("Dkim2", ses::EmailIdentity::DKIM_DNS_TOKEN_NAME2, ses::EmailIdentity::DKIM_DNS_TOKEN_VALUE2),
            ("Dkim3", ses::EmailIdentity::DKIM_DNS_TOKEN_NAME3, ses::EmailIdentity::DKIM_DNS_TOKEN_VALUE3),
        ];
        for (id, name, value) in keys {
            let (name, value) = (identity.get(name), identity.get(value));
            add_record(&mut scope, id, props.zone, name, RecordType::Cname, vec![value]);
        }
        Self { configuration_set: props.configuration_set, domain }
    }

    #[must_use]
    pub fn configuration_set(&self) -> &str {
        &self.configuration_set
    }

    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Sends from `address` of the domain, in this region, with the configuration set. By their names: a role need not wait for
    /// the domain's records.
    pub fn grant_send(&self, permissions: &mut Permissions, address: &str) {
        let arn = |what: &str, name: &str| {
            let arn = format!("arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:{what}/{name}");
            Value::substitute(&arn, [])
        };
        let resources = [arn("identity", &self.domain), arn("configuration-set", &self.configuration_set)];
        let only = Condition { operator: "StringEquals", key: "ses:FromAddress", values: vec![address.into()] };
        permissions.add(Statement { conditions: vec![only], ..Statement::allow(["ses:SendEmail"], resources) });
    }
}
