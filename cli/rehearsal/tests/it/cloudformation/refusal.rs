//! What CreateStack refuses before a stack exists.

use crate::support::Cloud;
use serde_json::{Value, json};

async fn check(template: Value, expected: &str) {
    check_with(template, &[], "ValidationError", expected).await;
}

async fn check_with(template: Value, fields: &[(&str, &str)], code: &str, expected: &str) {
    let cloud = Cloud::start().await;
    let answer = cloud.create("refused", &template, fields).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!((answer.one("Code").as_str(), answer.one("Message").as_str()), (code, expected));
    assert_eq!(cloud.call("DescribeStacks", &[("StackName", "refused")]).await.status, 400);
}

fn with(resources: Value) -> Value {
    json!({ "Resources": resources })
}

#[tokio::test]
async fn a_template_has_to_make_sense() {
    check(json!({}), "Template format error: At least one Resources member must be defined.").await;
    check(
        json!({"Resources": {"A": {"Type": "AWS::SNS::Topic"}}, "Resorces": {}}),
        "Invalid template property or properties [Resorces]",
    )
    .await;
    check(with(json!({"A": {"Typ": "x"}})), "Invalid template resource property 'Typ'").await;
    check(
        with(json!({"A": {"Properties": {}}})),
        "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
    )
    .await;
    check(
        with(json!({"A-b": {"Type": "AWS::SNS::Topic"}})),
        "Template format error: Resource name A-b is non alphanumeric.",
    )
    .await;
    check(
        with(json!({"A": {"Type": "AWS::No::Thing"}, "B": {"Type": "AWS::EC2::Nothing"}})),
        "Template format error: Unrecognized resource types: [AWS::EC2::Nothing, AWS::No::Thing]",
    )
    .await;
    check(
        with(json!({"A": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Forget"}})),
        "Template format error: Unrecognized DeletionPolicy for resource A",
    )
    .await;
}

#[tokio::test]
async fn mappings_have_to_have_what_is_looked_up() {
    let name = json!({"Fn::FindInMap": ["Names", {"Ref": "AWS::Region"}, "name"]});
    check(
        json!({
            "Mappings": {"Names": {"mars": {"name": "x"}}},
            "Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}}},
        }),
        "Template error: Unable to get mapping for Names::ap-southeast-1::name",
    )
    .await;
}

#[tokio::test]
async fn references_have_to_lead_somewhere() {
    check(
        with(json!({"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Nobody"}}, "DependsOn": "Ghost"}})),
        "Template format error: Unresolved resource dependencies [Ghost, Nobody] in the Resources block of the template",
    )
    .await;
    check(
        with(
            json!({"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["Nobody", "Arn"]}}}}),
        ),
        "Template error: instance of Fn::GetAtt references undefined resource Nobody",
    )
    .await;
    check(
        with(json!({
            "A": {"Type": "AWS::SQS::Queue"},
            "B": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["A", "Size"]}}},
        })),
        "Template error: resource A does not support attribute type Size in Fn::GetAtt",
    )
    .await;
    check(
        with(json!({"A": {"Type": "AWS::SNS::Topic", "Condition": "Undeclared"}})),
        "Template format error: Unresolved condition dependency Undeclared in the Resources block of the template",
    )
    .await;
    check(
        json!({
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "A"}, "x"]}},
            "Resources": {"A": {"Type": "AWS::SNS::Topic"}},
        }),
        "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template",
    )
    .await;
    // It is declared, but will not exist.
    check(
        json!({
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": {
                "A": {"Type": "AWS::SNS::Topic", "Condition": "Never"},
                "B": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "A"}}},
            },
        }),
        "Template format error: Unresolved resource dependencies [A] in the Resources block of the template",
    )
    .await;
}

#[tokio::test]
async fn circles_are_named() {
    check(
        with(json!({
            "A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::Sub": "${B}"}}},
            "B": {"Type": "AWS::SNS::Topic", "DependsOn": "C"},
            "C": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "A"}}},
            "Bystander": {"Type": "AWS::SNS::Topic", "DependsOn": "A"},
        })),
        "Circular dependency between resources: [A, B, C]",
    )
    .await;
}

#[tokio::test]
async fn parameters_have_to_fit() {
    let template =
        |declaration: Value| json!({"Parameters": {"P": declaration}, "Resources": {"A": {"Type": "AWS::SNS::Topic"}}});
    let given = |value: &'static str| {
        [("Parameters.member.1.ParameterKey", "P"), ("Parameters.member.1.ParameterValue", value)]
    };
    let validation = "ValidationError";
    check(template(json!({"Type": "String"})), "Parameters: [P] must have values").await;
    check_with(
        template(json!({"Type": "String", "Default": "x"})),
        &[("Parameters.member.1.ParameterKey", "Q"), ("Parameters.member.1.ParameterValue", "x")],
        validation,
        "Parameters: [Q] do not exist in the template",
    )
    .await;
    for (declaration, value, expected) in [
        (
            json!({"Type": "String", "AllowedValues": ["a", "b"]}),
            "c",
            "Parameter 'P' must be one of AllowedValues (a, b)",
        ),
        (json!({"Type": "String", "AllowedPattern": "[a-z]+"}), "a1", "Parameter P must match pattern [a-z]+"),
        (
            json!({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "letters only"}),
            "1",
            "Parameter P failed to satisfy constraint: letters only",
        ),
        (json!({"Type": "String", "MinLength": 3}), "ab", "Parameter 'P' must contain at least 3 characters"),
        (json!({"Type": "String", "MaxLength": "3"}), "abcd", "Parameter 'P' must contain at most 3 characters"),
        (json!({"Type": "Number"}), "ten", "Parameter 'P' must be a number"),
        (json!({"Type": "Number", "MinValue": 2}), "1", "Parameter 'P' must be a number not less than 2"),
        (json!({"Type": "Number", "MaxValue": 2}), "3", "Parameter 'P' must be a number not greater than 2"),
        (json!({"Type": "Text"}), "x", "Template format error: Unrecognized parameter type: Text"),
    ] {
        check_with(template(declaration), &given(value), validation, expected).await;
    }
}

#[tokio::test]
async fn access_rights_have_to_be_acknowledged() {
    let role = |name: Option<&str>| {
        let mut properties = json!({"AssumeRolePolicyDocument": {"Statement": []}});
        if let Some(name) = name {
            properties["RoleName"] = json!(name);
        }
        with(json!({"A": {"Type": "AWS::IAM::Role", "Properties": properties}}))
    };
    let code = "InsufficientCapabilitiesException";
    check_with(role(None), &[], code, "Requires capabilities : [CAPABILITY_IAM]").await;
    check_with(
        role(Some("x")),
        &[("Capabilities.member.1", "CAPABILITY_IAM")],
        code,
        "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    )
    .await;
    let cloud = Cloud::start().await;
    let given = [("Capabilities.member.1", "CAPABILITY_NAMED_IAM")];
    let stack = cloud.create_and_wait("roles", &role(Some("x")), &given).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn names_and_sizes_have_limits() {
    let cloud = Cloud::start().await;
    let template = with(json!({"A": {"Type": "AWS::SNS::Topic"}}));
    let bad_name = cloud.create("1-bad_name", &template, &[]).await;
    assert!(bad_name.one("Message").contains("[a-zA-Z][-a-zA-Z0-9]*"));
    let large = json!({"Description": "x".repeat(51_200), "Resources": template["Resources"]});
    let refused = cloud.create("large", &large, &[]).await;
    assert!(refused.one("Message").contains("Member must have length less than or equal to 51200"));
    let refused = cloud.create("fields", &template, &[("ResourceTypes.member.1", "AWS::SNS::Topic")]).await;
    assert_eq!(refused.one("Message"), "ResourceTypes of CreateStack is not there yet in the rehearsal cloud");
    let both = cloud.create("fields", &template, &[("TemplateURL", "http://127.0.0.1/bucket/key")]).await;
    assert_eq!(both.one("Message"), "You cannot specify both TemplateBody and TemplateURL.");
}
