//! What belongs to the account rather than to one service.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::Subject;

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["CloudWatch.15"],
        title: "an alarm tells somebody",
        severity: Severity::High,
        remedy: "set `AlarmActions`, or let a composite alarm name it",
        types: &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
        judge: tells_somebody,
    },
    Rule {
        ids: &["CloudWatch.17"],
        title: "an alarm's actions are on",
        severity: Severity::High,
        remedy: "leave `ActionsEnabled` out",
        types: &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
        judge: |alarm| {
            let off = alarm.get("ActionsEnabled").is_some() && !alarm.is_true("ActionsEnabled");
            Subject::expect(!off, "ActionsEnabled", "they are off")
        },
    },
    Rule {
        ids: &["mail-dkim"],
        title: "mail is signed",
        severity: Severity::Medium,
        remedy: "leave DKIM signing on, with 2,048 bits",
        types: &["AWS::SES::EmailIdentity"],
        judge: |identity| {
            let signing = identity.get("DkimAttributes.SigningEnabled");
            let off = signing.is_some() && !identity.is_true("DkimAttributes.SigningEnabled");
            let weak = identity.text("DkimSigningAttributes.NextSigningKeyLength") == Some("RSA_1024_BIT");
            Subject::expect(!off && !weak, "DkimAttributes", "mail goes out unsigned or weakly signed")
        },
    },
    Rule {
        ids: &["mail-tls", "SES.3"],
        title: "mail is handed over by TLS",
        severity: Severity::Medium,
        remedy: "set `DeliveryOptions.TlsPolicy` to `REQUIRE`",
        types: &["AWS::SES::ConfigurationSet"],
        judge: |set| set.expect_one_of("DeliveryOptions.TlsPolicy", &["REQUIRE"]),
    },
];

/// An alarm acts by itself, as part of a composite one, or through what reads its state: a health check, a deployment, a rule.
fn tells_somebody(alarm: &Subject<'_>) -> Vec<Objection> {
    if !alarm.list("AlarmActions").is_empty() {
        return Vec::new();
    }
    let readers = [
        ("AWS::CloudWatch::CompositeAlarm", "AlarmRule"),
        ("AWS::Route53::HealthCheck", "HealthCheckConfig"),
        ("AWS::ECS::Service", "DeploymentConfiguration"),
        ("AWS::Events::Rule", "EventPattern"),
    ];
    let name = alarm.text("AlarmName").unwrap_or_default();
    let is_read = readers.iter().any(|(kind, path)| {
        alarm.all(kind).any(|reader| {
            let value = reader.get(path).map(ToString::to_string).unwrap_or_default();
            reader.mentions(path, alarm) || names(&value, name)
        })
    });
    if is_read { Vec::new() } else { alarm.expect_given("AlarmActions") }
}

/// Whether a text has the name by itself, not as part of a longer one.
fn names(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let (before, after) = (text.get(..at), text.get(at + name.len()..));
            !before.is_some_and(|before| before.ends_with(is_part))
                && !after.is_some_and(|after| after.starts_with(is_part))
        })
}
