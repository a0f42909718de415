//! Values that templates take from the parameter store and from secrets.

use crate::support::{Cloud, REGION};
use serde_json::{Value, json};

fn topic(name: &str) -> Value {
    json!({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}})
}

async fn cloud() -> Cloud {
    let cloud = Cloud::start().await;
    cloud.made_up.values.lock().unwrap().extend([
        ("/size".to_owned(), ("large".to_owned(), "String".to_owned())),
        ("/sizes".to_owned(), ("small,large".to_owned(), "StringList".to_owned())),
        ("/key".to_owned(), ("hidden".to_owned(), "SecureString".to_owned())),
        ("partners".to_owned(), (r#"{"user": "ann"}"#.to_owned(), String::new())),
    ]);
    cloud
}

#[tokio::test]
async fn references_reach_the_service_resolved_and_stay_out_of_the_stack() {
    let cloud = cloud().await;
    let name = "{{resolve:ssm:/size}}-{{resolve:secretsmanager:partners:SecretString:user}}";
    let stack = cloud.create_and_wait("good", &topic(name), &[]).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(cloud.made_up.requests.lock().unwrap()["Topic"].properties["TopicName"], "large-ann");
    for (name, reason) in [
        ("{{resolve:ssm:/absent}}", "Parameters: [/absent] cannot be found."),
        (
            "{{resolve:ssm-secure:/key}}",
            "SSM Secure reference is not supported in: [AWS::SNS::Topic/Properties/TopicName]",
        ),
        (
            "{{resolve:secretsmanager:partners:SecretString:absent}}",
            "Could not find a value associated with JSONKey in SecretString",
        ),
    ] {
        let stack = cloud.create_and_wait("bad", &topic(name), &[("OnFailure", "DELETE")]).await;
        let events = cloud.events(&stack.one("StackId")).await;
        assert!(events.iter().any(|event| event.contains(reason)), "{reason} in {events:#?}");
    }
}

#[tokio::test]
async fn parameters_of_ssm_types_are_looked_up() {
    let cloud = cloud().await;
    let template = |kind: &str| {
        json!({
            "Parameters": {"Size": {"Type": kind, "Default": "/size"}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {"Size": {"Value": {"Fn::Join": ["+", {"Fn::Split": [",", {"Fn::Sub": "${Size}"}]}]}}},
        })
    };
    let stack = cloud.create_and_wait("value", &template("AWS::SSM::Parameter::Value<String>"), &[]).await;
    assert_eq!(stack.one("OutputValue"), "large");
    assert_eq!(stack.one("ParameterValue"), "/size");
    assert_eq!(stack.one("ResolvedValue"), "large");
    let stack = cloud.create_and_wait("name", &template("AWS::SSM::Parameter::Name"), &[]).await;
    assert_eq!(stack.one("OutputValue"), "/size");
    let listing = json!({
        "Parameters": {"Sizes": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/sizes"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Sizes": {"Value": {"Fn::Select": [1, {"Ref": "Sizes"}]}}},
    });
    assert_eq!(cloud.create_and_wait("list", &listing, &[]).await.one("OutputValue"), "large");
    for (value, message) in [
        ("/absent", "Unable to fetch parameters [/absent] from parameter store for this account."),
        ("/key", "Parameters [/key] referenced by template have types not supported by CloudFormation."),
    ] {
        let given = [("Parameters.member.1.ParameterKey", "Size"), ("Parameters.member.1.ParameterValue", value)];
        let answer = cloud.create("refused", &template("AWS::SSM::Parameter::Value<String>"), &given).await;
        assert_eq!(answer.one("Message"), message);
    }
}

#[tokio::test]
async fn parameters_that_name_things_need_these_things() {
    let cloud = cloud().await;
    let vpc = json!({"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}});
    cloud.create_and_wait("network", &vpc, &[]).await;
    let template = |kind: &str, value: &str| {
        json!({
            "Parameters": {"Id": {"Type": kind, "Default": value}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        })
    };
    for (index, (kind, value, exists)) in [
        ("AWS::EC2::VPC::Id", "physical-Vpc".to_owned(), true),
        ("AWS::EC2::VPC::Id", "vpc-0".to_owned(), false),
        ("List<AWS::EC2::AvailabilityZone::Name>", format!("{REGION}a,{REGION}b"), true),
        ("AWS::EC2::AvailabilityZone::Name", "elsewhere-1a".to_owned(), false),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = cloud.create(&format!("of-{index}"), &template(kind, &value), &[]).await;
        assert_eq!(answer.status == 200, exists, "{kind} {value}: {}", answer.text);
    }
}
