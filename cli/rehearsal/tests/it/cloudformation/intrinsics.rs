//! Each intrinsic function, by what an output says.

use crate::support::Cloud;
use serde_json::{Value, json};

async fn evaluate(expression: &Value) -> Result<String, String> {
    let cloud = Cloud::start().await;
    let template = json!({
        "Parameters": {
            "Name": {"Type": "String", "Default": "como"},
            "Count": {"Type": "Number", "Default": 3},
            "Zones": {"Type": "CommaDelimitedList", "Default": "x, y"},
        },
        "Mappings": {"Sizes": {"ap-southeast-1": {"tasks": 8}, "ap-southeast-2": {"tasks": 2}}},
        "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "Tags": [{"Key": "k", "Value": "v"}]}}},
        "Outputs": {"Result": {"Value": expression}},
    });
    let created = cloud.create("functions", &template, &[]).await;
    if created.status != 200 {
        return Err(created.one("Message"));
    }
    let stack = cloud.settled(&created.one("StackId")).await;
    if stack.one("StackStatus") == "CREATE_COMPLETE" {
        Ok(stack.one("OutputValue"))
    } else {
        Err(cloud.events("functions").await.join("\n"))
    }
}

async fn check(expression: Value, expected: &str) {
    assert_eq!(evaluate(&expression).await.as_deref(), Ok(expected), "{expression}");
}

async fn check_refused(expression: Value, expected: &str) {
    let refusal = evaluate(&expression).await.expect_err("must be refused");
    assert!(refusal.contains(expected), "{expression}: {refusal}");
}

#[tokio::test]
async fn each_function_gives_its_value() {
    check(json!("plain"), "plain").await;
    check(json!({"Ref": "Name"}), "como").await;
    check(json!({"Ref": "Count"}), "3").await;
    check(json!({"Ref": "Vpc"}), "physical-Vpc").await;
    check(json!({"Ref": "AWS::AccountId"}), "123456789012").await;
    check(json!({"Ref": "AWS::Partition"}), "aws").await;
    check(json!({"Ref": "AWS::URLSuffix"}), "amazonaws.com").await;
    check(json!({"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}), "sg-1").await;
    check(json!({"Fn::GetAtt": "Vpc.DefaultSecurityGroup"}), "sg-1").await;
    // A type also gives back what it was made with.
    check(json!({"Fn::GetAtt": ["Vpc", "CidrBlock"]}), "10.0.0.0/16").await;
    check(
        json!({"Fn::Sub": "${Name}/${Vpc}/${Vpc.DefaultSecurityGroup}/${!Literal}/${AWS::Region}"}),
        "como/physical-Vpc/sg-1/${Literal}/ap-southeast-1",
    )
    .await;
    check(json!({"Fn::Sub": ["${own}-${Name}", {"own": {"Fn::Select": ["1", {"Ref": "Zones"}]}}]}), "y-como").await;
    check(json!({"Fn::Join": ["-", ["a", {"Ref": "Name"}, 5, {"Ref": "AWS::NoValue"}]]}), "a-como-5").await;
    check(json!({"Fn::Join": [",", {"Fn::GetAZs": ""}]}), "ap-southeast-1a,ap-southeast-1b,ap-southeast-1c").await;
    check(json!({"Fn::Select": [2, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}), "ap-southeast-1c").await;
    check(json!({"Fn::Select": [1, {"Fn::Split": ["|", "a|b|c"]}]}), "b").await;
    check(json!({"Fn::If": ["Yes", "then", "else"]}), "then").await;
    check(json!({"Fn::If": ["No", {"Fn::Select": [9, ["unused"]]}, "else"]}), "else").await;
    check(json!({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "tasks"]}), "8").await;
    check(json!({"Fn::Base64": {"Fn::Sub": "${Name}"}}), "Y29tbw==").await;
    check(json!({"Fn::Join": [" ", {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}), "10.0.0.0/24 10.0.1.0/24").await;
    check(json!({"Fn::Select": [0, {"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "2"]}]}), "10.0.0.0/24").await;
}

#[tokio::test]
async fn wrong_calls_are_refused_in_cloudformations_words() {
    check_refused(json!({"Fn::Nothing": "x"}), "Encountered unsupported function: Fn::Nothing").await;
    check_refused(json!({"Fn::If": ["Maybe", "a", "b"]}), "unresolved condition dependency Maybe in Fn::If").await;
    check_refused(
        json!({"Fn::GetAtt": ["Vpc", "Nope"]}),
        "resource Vpc does not support attribute type Nope in Fn::GetAtt",
    )
    .await;
    check_refused(json!({"Fn::GetAtt": ["Gone", "Arn"]}), "instance of Fn::GetAtt references undefined resource Gone")
        .await;
    check_refused(
        json!({"Ref": "Gone"}),
        "Unresolved resource dependencies [Gone] in the Outputs block of the template",
    )
    .await;
    check_refused(
        json!({"Fn::Sub": "${Gone}"}),
        "Unresolved resource dependencies [Gone] in the Outputs block of the template",
    )
    .await;
    check_refused(json!({"Fn::Select": [7, ["a"]]}), "Fn::Select cannot select nonexistent value at index 7").await;
    check_refused(json!({"Fn::FindInMap": ["Sizes", "mars", "tasks"]}), "Unable to get mapping for Sizes::mars::tasks")
        .await;
    check_refused(json!({"Fn::Join": ["-", "text"]}), "every Fn::Join object requires two parameters").await;
    check_refused(json!({"Ref": "Zones"}), "must evaluate to a String").await;
}
