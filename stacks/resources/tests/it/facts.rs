//! Questions to the facts.

use como_resources::facts::model::TypeFacts;
use como_resources::facts::{Replacement, all, of, regions};

fn facts(resource_type: &str) -> &'static TypeFacts {
    of(resource_type).expect("the type is imported")
}

#[test]
fn every_type_can_be_read() {
    for name in all() {
        assert_eq!(facts(name).name, name);
    }
    assert_eq!(of("AWS::EC2::Instance"), None);
}

/// A path that leads nowhere would be a rule that never applies.
#[test]
fn every_rule_speaks_of_a_known_property() {
    let mut lost = Vec::new();
    for facts in all().filter_map(of) {
        let rules = [&facts.create_only, &facts.conditional_create_only, &facts.read_only, &facts.primary_identifier];
        for path in rules.into_iter().flatten().filter(|path| facts.locate(path).is_none()) {
            lost.push(format!("{} {path}", facts.name));
        }
    }
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn changes_replace_as_the_schemas_say() {
    let check = |resource_type, path, expected| {
        assert_eq!(facts(resource_type).replacement(path), expected, "{resource_type} {path}");
    };
    check("AWS::EC2::VPC", "CidrBlock", Replacement::Always);
    check("AWS::EC2::VPC", "EnableDnsSupport", Replacement::Never);
    check("AWS::EC2::VPC", "InstanceTenancy", Replacement::Conditional);
    check("AWS::EC2::VPC", "Tags/0/Value", Replacement::Never);
    check("AWS::ECS::TaskDefinition", "ContainerDefinitions.0.Image", Replacement::Always);
    check("AWS::Budgets::Budget", "Budget.BudgetName", Replacement::Always);
    check("AWS::Budgets::Budget", "Budget", Replacement::Conditional);
    check("AWS::Budgets::Budget", "Budget.BudgetLimit.Amount", Replacement::Never);
    check("AWS::DynamoDB::GlobalTable", "TableName", Replacement::Always);
    check("AWS::DynamoDB::GlobalTable", "KeySchema", Replacement::Conditional);
    check("AWS::SQS::Queue", "QueueName", Replacement::Always);
}

#[test]
fn properties_are_found_at_any_depth() {
    let task = facts("AWS::ECS::TaskDefinition");
    assert!(task.property("ContainerDefinitions.0.Image").is_some_and(|property| property.is_required));
    assert!(task.property("ContainerDefinitions/0/Cpu").is_some_and(|property| !property.is_required));
    assert_eq!(task.property("ContainerDefinitions.0.Imgae"), None);
    let service = facts("AWS::ECS::Service");
    let launch_type = service.property("LaunchType").expect("a service has a launch type");
    assert_eq!(launch_type.enum_values(), ["EC2", "FARGATE", "EXTERNAL"]);
    let delay = facts("AWS::SQS::Queue").property("DelaySeconds").and_then(|property| property.range().cloned());
    assert_eq!(delay.map(|range| (range.0, range.1)), Some((Some(0.into()), Some(900.into()))));
    let statement = "Rules.0.Statement.NotStatement.Statement.RateBasedStatement.Limit";
    assert!(facts("AWS::WAFv2::WebACL").property(statement).is_some_and(|property| property.is_required));
}

#[test]
fn attributes_are_what_only_the_service_sets() {
    assert_eq!(facts("AWS::SQS::Queue").attributes().collect::<Vec<_>>(), ["Arn", "QueueUrl"]);
    let vpc: Vec<&str> = facts("AWS::EC2::VPC").attributes().collect();
    assert!(vpc.contains(&"DefaultSecurityGroup") && vpc.contains(&"VpcEncryptionControl.State"), "{vpc:?}");
    assert!(!vpc.contains(&"VpcEncryptionControl.ResourceExclusions"), "an object is no attribute");
    assert_eq!(facts("AWS::SQS::Queue").primary_identifier(), ["QueueUrl"]);
    assert_eq!(facts("AWS::EC2::Subnet").required(), ["VpcId"]);
}

#[test]
fn regions_differ_in_what_they_offer() {
    let check = |resource_type, region, expected| {
        assert_eq!(facts(resource_type).supported_in(region), expected, "{resource_type} in {region}");
    };
    for resource_type in all() {
        for region in ["ap-southeast-1", "ap-southeast-2", "us-east-1"] {
            check(resource_type, region, true);
        }
    }
    check("AWS::DAX::Cluster", "ap-east-1", false);
    check("AWS::EC2::VPC", "ap-east-1", true);
    check("AWS::EC2::VPC", "ap-southwest-9", false);
    assert!(regions().iter().any(|region| region == "ap-southeast-2"));
}
