//! Least privilege, read from the templates.

use crate::support::{assembly, resources};
use como_core::assembly::Assembly;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Statements of every policy on an identity: role, action, resource.
fn identity_statements(assembly: &Assembly) -> Vec<(String, String, Json)> {
    let mut found = Vec::new();
    for (stack, id, role) in resources(assembly, "AWS::IAM::Role") {
        let policies = role.properties.get("Policies").and_then(Json::as_array).cloned().unwrap_or_default();
        for policy in policies {
            for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
                assert_eq!(statement["Effect"], "Allow");
                for action in statement["Action"].as_array().unwrap() {
                    for resource in statement["Resource"].as_array().unwrap() {
                        let action = action.as_str().unwrap().to_owned();
                        found.push((format!("{} {id}", stack.name), action, resource.clone()));
                    }
                }
            }
        }
    }
    found
}

/// Actions that look at what there is, or make what has no name beforehand.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const WITHOUT_RESOURCE: [&str; 21] = [
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "cloudformation:DescribeStacks",
    "cloudwatch:DescribeAlarms",
    "ecr:GetAuthorizationToken",
    "ecs:DeregisterTaskDefinition",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeTaskDefinition",
    "ecs:ListServiceDeployments",
    "ecs:RegisterTaskDefinition",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "ssm:DescribeParameters",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];
/// Roles with their actions, on as many resources as each: the resources are production's under other names.
pub(crate) fn summary(assembly: &Assembly) -> String {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (role, action, _) in identity_statements(assembly) {
        *counts.entry((role, action)).or_default() += 1;
    }
    counts.iter().map(|((role, action), count)| format!("{role}: {action} on {count}\n")).collect()
}

#[test]
fn no_role_has_a_wildcard_action() {
    for (role, action, _) in identity_statements(&assembly()) {
        assert!(!action.contains('*'), "{role}: {action}");
    }
}

#[test]
fn only_actions_that_know_no_resource_are_for_every_resource() {
    for (role, action, resource) in identity_statements(&assembly()) {
        let allowed = WITHOUT_RESOURCE.contains(&action.as_str());
        assert!(resource != "*" || allowed, "{role}: {action}");
    }
}

#[test]
fn what_each_role_may_do_is_as_reviewed() {
    let lines: Vec<String> = identity_statements(&assembly())
        .into_iter()
        .map(|(role, action, resource)| format!("{role}: {action} on {resource}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Whoever may hand a role on could do what that role may. Only services are given roles, each named, and CloudFormation only
/// the one for services.
#[test]
fn roles_are_handed_to_named_services_alone() {
    let assembly = assembly();
    let mut passed = Vec::new();
    for (stack, _, role) in resources(&assembly, "AWS::IAM::Role") {
        let policies = role.properties.get("Policies").and_then(Json::as_array).cloned().unwrap_or_default();
        let statements = policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
        for statement in statements.filter(|statement| statement["Action"][0] == "iam:PassRole") {
            let to = statement["Condition"]["StringEquals"]["iam:PassedToService"].as_str().unwrap();
            for resource in statement["Resource"].as_array().unwrap() {
                assert!(!resource.to_string().contains('*'), "{resource}");
                passed.push((stack.name.clone(), to.to_owned(), resource.to_string()));
            }
        }
    }
    let to = |service: &str| passed.iter().filter(|(_, to, _)| to == service).collect::<Vec<_>>();
    assert_eq!(to("ecs-tasks.amazonaws.com").len(), 8, "{passed:?}");
    let to_cloudformation = to("cloudformation.amazonaws.com");
    assert_eq!(to_cloudformation.len(), 3, "two functions and a workflow: {passed:?}");
    assert!(to_cloudformation.iter().all(|(_, _, role)| role.contains("ExecutionRole")), "{passed:?}");
    assert_eq!(passed.len(), 11, "{passed:?}");
}

#[test]
fn keys_and_endpoints_let_in_their_own_account_or_one_service() {
    let assembly = assembly();
    for (_, id, key) in resources(&assembly, "AWS::KMS::Key") {
        for statement in key.properties["KeyPolicy"]["Statement"].as_array().unwrap() {
            let own = statement["Principal"]["AWS"]["Fn::Sub"] == "arn:${AWS::Partition}:iam::${AWS::AccountId}:root";
            let service = statement["Principal"].get("Service").is_some() && statement.get("Condition").is_some();
            assert!(own || service, "{id}: {statement}");
        }
    }
    for (_, id, endpoint) in resources(&assembly, "AWS::EC2::VPCEndpoint") {
        for statement in endpoint.properties["PolicyDocument"]["Statement"].as_array().unwrap() {
            let bounded = statement.get("Condition").is_some() || statement["Resource"][0] != "*";
            assert!(bounded, "{id}: {statement}");
        }
    }
}

#[test]
fn nothing_lets_the_internet_in() {
    let assembly = assembly();
    let groups = resources(&assembly, "AWS::EC2::SecurityGroup");
    let ingress = groups.flat_map(|(_, _, group)| {
        group.properties.get("SecurityGroupIngress").and_then(Json::as_array).cloned().unwrap_or_default()
    });
    let separate = resources(&assembly, "AWS::EC2::SecurityGroupIngress").map(|(_, _, rule)| rule.properties.clone());
    for rule in ingress.chain(separate) {
        assert_ne!(rule.get("CidrIp").and_then(Json::as_str), Some("0.0.0.0/0"));
    }
    for (_, _, load_balancer) in resources(&assembly, "AWS::ElasticLoadBalancingV2::LoadBalancer") {
        assert_eq!(load_balancer.properties["Scheme"], "internal");
    }
    for (_, _, service) in resources(&assembly, "AWS::ECS::Service") {
        let network = &service.properties["NetworkConfiguration"]["AwsvpcConfiguration"];
        assert_eq!(network["AssignPublicIp"], "DISABLED");
    }
}
