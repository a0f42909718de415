//! Physical names.

use crate::support::{Case, breaks, here, here_and_there, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    owners().into_iter().chain(forms()).collect()
}

fn both(kind: &str, region: &str, name: Json) -> Assembly {
    let named = |key: &str| json!({ format!("{key} {kind}"): name });
    here_and_there(named("First"), region, named("Second"))
}

fn owners() -> Vec<Case> {
    let queue = json!({ "QueueName": "effects" });
    let records = |first: Json, second: Json| {
        here(json!({ "First AWS::Route53::RecordSet": first, "Second AWS::Route53::RecordSet": second }))
    };
    let record =
        |set: &str| json!({ "HostedZoneId": "zone", "Name": "api.como.example", "Type": "A", "SetIdentifier": set });
    let plain = |kind: &str| json!({ "HostedZoneId": "zone", "Name": "api.como.example", "Type": kind });
    let control = json!({ "OriginAccessControlConfig": { "Name": "como-prod" } });
    let rule = |listener: &str| json!({ "ListenerArn": { "Ref": listener }, "Priority": 10 });
    let rules = |second: &str| {
        here(json!({
            "Inside AWS::ElasticLoadBalancingV2::Listener": {},
            "Outside AWS::ElasticLoadBalancingV2::Listener": {},
            "First AWS::ElasticLoadBalancingV2::ListenerRule": rule("Inside"),
            "Second AWS::ElasticLoadBalancingV2::ListenerRule": rule(second),
        }))
    };
    let account = "AWS::ApiGateway::Account";
    vec![
        breaks("name-taken", both("AWS::SQS::Queue", "ap-southeast-1", queue.clone()), &["there/Second QueueName"])
            .but_not(both("AWS::SQS::Queue", "us-east-1", queue))
            .but_not(both("AWS::SQS::Queue", "ap-southeast-1", json!({}))),
        // Roles are the account's, whatever the region.
        breaks(
            "name-taken",
            both("AWS::IAM::Role", "us-east-1", json!({ "RoleName": "deploy" })),
            &["there/Second RoleName"],
        ),
        breaks(
            "name-taken",
            both("AWS::CloudFront::OriginAccessControl", "us-east-1", control),
            &["there/Second OriginAccessControlConfig/Name"],
        ),
        breaks("name-taken", records(record("one"), record("one")), &["Second SetIdentifier"])
            .but_not(records(record("one"), record("two"))),
        breaks("name-taken", records(plain("A"), plain("A")), &["Second Name"])
            .but_not(records(plain("A"), plain("AAAA"))),
        breaks("name-taken", rules("Inside"), &["Second Priority"]).but_not(rules("Outside")),
        breaks("singleton", both(account, "ap-southeast-1", json!({})), &["there/Second"])
            .but_not(both(account, "ap-southeast-2", json!({})))
            .but_not(one(account, json!({}))),
    ]
}

fn forms() -> Vec<Case> {
    let bucket = |name: &str| one("AWS::S3::Bucket", json!({ "BucketName": name }));
    let alias = |name: &str| one("AWS::KMS::Alias", json!({ "AliasName": name }));
    let group = |name: &str| one("AWS::ElasticLoadBalancingV2::TargetGroup", json!({ "Name": name }));
    let balancer = |name: &str| one("AWS::ElasticLoadBalancingV2::LoadBalancer", json!({ "Name": name }));
    let role = |name: &str| one("AWS::IAM::Role", json!({ "RoleName": name }));
    let queue = |name: &str, fifo: bool| one("AWS::SQS::Queue", json!({ "QueueName": name, "FifoQueue": fifo }));
    let parameter = |name: &str| one("AWS::SSM::Parameter", json!({ "Name": name }));
    let domain = |name: &str| one("AWS::Cognito::UserPoolDomain", json!({ "Domain": name }));
    let log = |name: &str| {
        here(json!({
            "Log AWS::Logs::LogGroup": { "LogGroupName": name },
            "Writes AWS::WAFv2::LoggingConfiguration": { "LogDestinationConfigs": [{ "Fn::GetAtt": ["Log", "Arn"] }] },
        }))
    };
    let wrong = |assembly: Assembly, found: &'static [&'static str]| breaks("name-form E3031", assembly, found);
    let of_bucket: &[&str] = &["Bucket BucketName"];
    vec![
        wrong(bucket("Como"), of_bucket).but_not(bucket("como-prod.logs")),
        wrong(bucket("co"), of_bucket).but_not(bucket("com")),
        wrong(bucket("como-"), of_bucket),
        wrong(bucket("como..prod"), of_bucket),
        wrong(alias("como"), &["Alias AliasName"]).but_not(alias("alias/como")),
        wrong(alias("alias/aws/como"), &["Alias AliasName"]),
        wrong(group("como-prod-redemptions-and-bookings"), &["TargetGroup Name"]).but_not(group("como-prod")),
        wrong(balancer("internal-como"), &["LoadBalancer Name"]).but_not(balancer("como-internal")),
        wrong(role("como prod"), &["Role RoleName"]).but_not(role("como+prod@sg")),
        wrong(queue("effects", true), &["Queue QueueName"]).but_not(queue("effects.fifo", true)),
        wrong(queue("effects.fifo", false), &["Queue QueueName"]).but_not(queue("effects", false)),
        wrong(parameter("/aws/como"), &["Parameter Name"]).but_not(parameter("/como/aws")),
        wrong(domain("como-cognito"), &["UserPoolDomain Domain"]).but_not(domain("cognito.como.example")),
        wrong(log("como-waf"), &["Writes LogDestinationConfigs"]).but_not(log("aws-waf-logs-como")),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
