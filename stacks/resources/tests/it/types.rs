//! Values of the generated types become the properties that CloudFormation accepts.

use como_core::resource::ResourceType;
use como_core::value::{Pseudo, Value};
use como_resources::facts;
use como_resources::{dynamodb, ecs, elasticloadbalancingv2, iam, sqs, wafv2};
use dynamodb::global_table;
use serde_json::json;
use wafv2::web_acl;

fn check<R: ResourceType>(resource: &R, expected: serde_json::Value) {
    let properties = serde_json::to_value(resource).unwrap();
    assert_eq!(facts::check(R::TYPE, &properties), Vec::new());
    assert_eq!(properties, expected);
}

#[test]
fn names_are_those_of_cloud_formation() {
    let redrive = sqs::queue::RedrivePolicy {
        dead_letter_target_arn: Some(Value::pseudo(Pseudo::StackId)),
        max_receive_count: Some(5.into()),
    };
    check(
        &sqs::Queue {
            visibility_timeout: Some(30.into()),
            redrive_policy: Some(redrive),
            tags: Some(vec![sqs::queue::Tag::new("owner", "como")]),
            ..sqs::Queue::new()
        },
        json!({
            "RedrivePolicy": { "deadLetterTargetArn": { "Ref": "AWS::StackId" }, "maxReceiveCount": 5 },
            "Tags": [{ "Key": "owner", "Value": "como" }],
            "VisibilityTimeout": 30,
        }),
    );
}

#[test]
fn enums_and_nested_definitions_are_typed() {
    let key = global_table::KeySchemaItem::new("pk", global_table::KeyType::Hash);
    check(
        &dynamodb::GlobalTable {
            attribute_definitions: Some(vec![global_table::AttributeDefinition::new(
                "pk",
                global_table::AttributeType::S,
            )]),
            key_schema: Some(vec![key]),
            ..dynamodb::GlobalTable::new(vec![global_table::ReplicaSpecification::new(Value::pseudo(Pseudo::Region))])
        },
        json!({
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "Replicas": [{ "Region": { "Ref": "AWS::Region" } }],
        }),
    );
}

#[test]
fn lists_may_be_written_out_or_worked_out() {
    let zones = Value::availability_zones();
    let balancer = elasticloadbalancingv2::LoadBalancer {
        subnets: Some(["subnet-1", "subnet-2"].into()),
        security_groups: Some(zones),
        ..elasticloadbalancingv2::LoadBalancer::new()
    };
    check(&balancer, json!({ "SecurityGroups": { "Fn::GetAZs": "" }, "Subnets": ["subnet-1", "subnet-2"] }));
    let task = ecs::TaskDefinition {
        requires_compatibilities: Some(vec![ecs::task_definition::RequiresCompatibility::Fargate.into()].into()),
        ..ecs::TaskDefinition::new()
    };
    check(&task, json!({ "RequiresCompatibilities": ["FARGATE"] }));
}

#[test]
fn documents_carry_references() {
    let account = Value::pseudo(Pseudo::AccountId);
    let document = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": account } }] });
    check(
        &iam::Role::new(document),
        json!({ "AssumeRolePolicyDocument": {
            "Statement": [{ "Effect": "Allow", "Principal": { "AWS": { "Ref": "AWS::AccountId" } } }]
        } }),
    );
}

#[test]
fn statements_hold_statements() {
    let inner = web_acl::Statement {
        geo_match_statement: Some(web_acl::GeoMatchStatement {
            country_codes: Some(["SG"].into()),
            ..web_acl::GeoMatchStatement::new()
        }),
        ..web_acl::Statement::new()
    };
    let not = web_acl::Statement {
        not_statement: Some(Box::new(web_acl::NotStatement::new(inner))),
        ..web_acl::Statement::new()
    };
    assert_eq!(
        serde_json::to_value(&not).unwrap(),
        json!({ "NotStatement": { "Statement": { "GeoMatchStatement": { "CountryCodes": ["SG"] } } } }),
    );
}
