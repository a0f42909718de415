//! What `facts::check` finds.

use como_resources::facts;
use serde_json::json;

fn check(resource_type: &str, properties: &serde_json::Value, expected: &[&str]) {
    let findings: Vec<String> =
        facts::check(resource_type, properties).iter().map(|finding| format!("{:?} {finding}", finding.kind)).collect();
    assert_eq!(findings, expected, "{resource_type} {properties}");
}

#[test]
fn good_properties_pass() {
    check("AWS::SQS::Queue", &json!({}), &[]);
    check("AWS::SQS::Queue", &json!(null), &[]);
    check("AWS::SQS::Queue", &json!({ "RedrivePolicy": { "maxReceiveCount": 3 } }), &[]);
    check("AWS::SQS::Queue", &json!({ "RedrivePolicy": "{}" }), &[]);
    check("AWS::EC2::Subnet", &json!({ "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" }), &[]);
    check("AWS::IAM::Role", &json!({ "AssumeRolePolicyDocument": { "Statement": [] } }), &[]);
}

#[test]
fn all_mistakes_are_found_in_one_go() {
    check(
        "AWS::EC2::Subnet",
        &json!({ "CidrBlok": "10.0.0.0/24", "MapPublicIpOnLaunch": [], "Tags": [{ "Key": "Name" }] }),
        &[
            "MissingRequired #: required key [VpcId] not found",
            "UnknownProperty #: extraneous key [CidrBlok] is not permitted",
            "WrongType #/MapPublicIpOnLaunch: expected type: Boolean, found: JSONArray",
            "MissingRequired #/Tags/0: required key [Value] not found",
            "WrongAlternatives #: one of [CidrBlock, Ipv4IpamPoolId, Ipv6IpamPoolId, Ipv6CidrBlock] is required",
        ],
    );
    check("AWS::EC2::Instanze", &json!({}), &["UnknownType #: resource type AWS::EC2::Instanze is not known"]);
    check("AWS::SQS::Queue", &json!([]), &["WrongType #: expected type: JSONObject, found: JSONArray"]);
}

#[test]
fn values_are_held_to_enums_and_ranges() {
    check(
        "AWS::ECS::Service",
        &json!({ "LaunchType": "FARGAET" }),
        &["NotInEnum #/LaunchType: FARGAET is not a valid enum value"],
    );
    check(
        "AWS::Logs::LogGroup",
        &json!({ "RetentionInDays": 8 }),
        &["NotInEnum #/RetentionInDays: 8 is not a valid enum value"],
    );
    check("AWS::EC2::EIP", &json!({ "Domain": "VPC" }), &[]);
    check(
        "AWS::SQS::Queue",
        &json!({ "DelaySeconds": 901, "Tags": [{ "Key": "", "Value": "x" }] }),
        &[
            "OutOfRange #/DelaySeconds: 901 is not less or equal to 900",
            "OutOfRange #/Tags/0/Key: expected minLength: 1, actual: 0",
        ],
    );
    check(
        "AWS::DAX::SubnetGroup",
        &json!({ "SubnetIds": "subnet-1" }),
        &["WrongType #/SubnetIds: expected type: JSONArray, found: String"],
    );
}

#[test]
fn numbers_and_booleans_may_be_texts_and_the_reverse() {
    check(
        "AWS::SQS::Queue",
        &json!({ "DelaySeconds": "30", "FifoQueue": "True", "QueueName": 7, "VisibilityTimeout": 30.0 }),
        &[],
    );
    check(
        "AWS::SQS::Queue",
        &json!({ "DelaySeconds": "soon", "FifoQueue": "yes", "VisibilityTimeout": 0.5 }),
        &[
            "WrongType #/DelaySeconds: expected type: Integer, found: String",
            "WrongType #/FifoQueue: expected type: Boolean, found: String",
            "WrongType #/VisibilityTimeout: expected type: Integer, found: Number",
        ],
    );
    check("AWS::Logs::LogGroup", &json!({ "RetentionInDays": "14" }), &[]);
}

#[test]
fn functions_pass_as_any_type() {
    check(
        "AWS::SQS::Queue",
        &json!({
            "DelaySeconds": { "Ref": "Delay" },
            "Tags": { "Fn::FindInMap": ["A", "B", "C"] },
            "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] } },
        }),
        &[],
    );
}

#[test]
fn both_outcomes_of_a_condition_are_judged() {
    let delay = |one, other| json!({ "DelaySeconds": { "Fn::If": ["IsProd", one, other] } });
    check("AWS::SQS::Queue", &delay(json!(10), json!({ "Ref": "AWS::NoValue" })), &[]);
    check(
        "AWS::SQS::Queue",
        &delay(json!(10), json!(1000)),
        &["OutOfRange #/DelaySeconds: 1000 is not less or equal to 900"],
    );
}

#[test]
fn what_a_condition_may_take_away_is_given_the_benefit_of_the_doubt() {
    let none = json!({ "Ref": "AWS::NoValue" });
    let perhaps = json!({ "Fn::If": ["IsProd", "x", none] });
    check("AWS::EC2::RouteTable", &json!({ "VpcId": perhaps }), &[]);
    check("AWS::EC2::RouteTable", &json!({ "VpcId": none }), &["MissingRequired #: required key [VpcId] not found"]);
    let address = |name: &str| json!({ "IpProtocol": "tcp", "CidrIp": "10.0.0.0/8", "CidrIpv6": name });
    check(
        "AWS::EC2::SecurityGroupIngress",
        &address("::/0"),
        &["WrongAlternatives #: only one of [CidrIp, CidrIpv6, SourcePrefixListId, SourceSecurityGroupId, \
         SourceSecurityGroupName] is permitted"],
    );
    let either = json!({ "IpProtocol": "tcp", "CidrIp": perhaps, "CidrIpv6": perhaps });
    check("AWS::EC2::SecurityGroupIngress", &either, &[]);
}

#[test]
fn properties_that_need_or_exclude_others_are_named() {
    check(
        "AWS::EC2::Subnet",
        &json!({ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a", "AvailabilityZoneId": "b" }),
        &["Conflict #: properties [AvailabilityZone] and [AvailabilityZoneId] exclude each other"],
    );
    check(
        "AWS::EC2::VPC",
        &json!({ "Ipv4IpamPoolId": "pool" }),
        &["MissingCompanion #: property [Ipv4IpamPoolId] needs property [Ipv4NetmaskLength]"],
    );
}

#[test]
fn what_only_the_service_sets_is_refused() {
    check("AWS::SQS::Queue", &json!({ "Arn": "arn" }), &["ReadOnly #/Arn: read-only key [Arn] is not permitted"]);
    check(
        "AWS::EC2::VPC",
        &json!({ "CidrBlock": "10.0.0.0/16", "VpcEncryptionControl": { "State": "x" } }),
        &["ReadOnly #/VpcEncryptionControl/State: read-only key [State] is not permitted"],
    );
}
