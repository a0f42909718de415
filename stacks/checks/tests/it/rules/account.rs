//! Alarms and mail.

use crate::support::{Case, breaks, here, judge, one};
use serde_json::json;

const ALARM: &str = "AWS::CloudWatch::Alarm";
const MAIL: &str = "AWS::SES::EmailIdentity";

pub(super) fn cases() -> Vec<Case> {
    vec![
        breaks("CloudWatch.15", one(ALARM, json!({ "AlarmName": "slow" })), &["Alarm AlarmActions"])
            .but_not(one(ALARM, json!({ "AlarmActions": ["arn:aws:sns:ap-southeast-1:111122223333:people"] })))
            .but_not(here(json!({
                "Slow AWS::CloudWatch::Alarm": { "AlarmName": "slow" },
                "Any AWS::CloudWatch::CompositeAlarm": {
                    "AlarmRule": { "Fn::Sub": "ALARM(\"slow\") OR ALARM(\"${AWS::StackName}\")" },
                    "AlarmActions": ["arn:aws:sns:ap-southeast-1:111122223333:people"],
                },
            })))
            .but_not(here(json!({
                "Slow AWS::CloudWatch::Alarm": { "AlarmName": "slow" },
                "Door AWS::ECS::Service": { "DeploymentConfiguration": { "Alarms": { "AlarmNames": ["slow"] } } },
            })))
            .but_not(here(json!({
                "Slow AWS::CloudWatch::Alarm": {},
                "Check AWS::Route53::HealthCheck": {
                    "HealthCheckConfig": { "AlarmIdentifier": { "Name": { "Ref": "Slow" } } },
                },
            }))),
        // A longer name holds the shorter one.
        breaks(
            "CloudWatch.15",
            here(json!({
                "Slow AWS::CloudWatch::Alarm": { "AlarmName": "slow" },
                "Any AWS::CloudWatch::CompositeAlarm": {
                    "AlarmRule": "ALARM(\"slow-partner\")",
                    "AlarmActions": ["arn:aws:sns:ap-southeast-1:111122223333:people"],
                },
            })),
            &["Slow AlarmActions"],
        ),
        breaks("CloudWatch.17", one(ALARM, json!({ "ActionsEnabled": false })), &["Alarm ActionsEnabled"])
            .but_not(one(ALARM, json!({ "ActionsEnabled": "true" })))
            .but_not(one(ALARM, json!({}))),
        breaks(
            "mail-dkim",
            one(MAIL, json!({ "DkimAttributes": { "SigningEnabled": false } })),
            &["EmailIdentity DkimAttributes"],
        )
        .but_not(one(MAIL, json!({ "DkimSigningAttributes": { "NextSigningKeyLength": "RSA_2048_BIT" } }))),
        breaks(
            "mail-dkim",
            one(MAIL, json!({ "DkimSigningAttributes": { "NextSigningKeyLength": "RSA_1024_BIT" } })),
            &["EmailIdentity DkimAttributes"],
        ),
        breaks(
            "mail-tls SES.3",
            one("AWS::SES::ConfigurationSet", json!({ "DeliveryOptions": { "TlsPolicy": "OPTIONAL" } })),
            &["ConfigurationSet DeliveryOptions/TlsPolicy"],
        )
        .but_not(one("AWS::SES::ConfigurationSet", json!({ "DeliveryOptions": { "TlsPolicy": "REQUIRE" } }))),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
