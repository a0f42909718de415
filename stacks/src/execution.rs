//! The role by which CloudFormation changes services on behalf of somebody who may do little else: the functions, and a
//! workflow after its approval.
//!
//! CloudFormation keeps to the role that a stack was last changed by. So the role may do whatever a service's stack needs, not
//! only what a release changes; otherwise `como deploy`, which names no role, would fail after the first release.

use crate::access::Access;
use crate::naming;
use como_config::Environment;
use como_constructs::iam::{Condition, Permissions, Role, RoleProps, Statement, TrustedService};
use como_contract::service::Definition;
use como_contract::setting::deployed_digest;
use como_core::resource::Options;
use como_core::stack::Scope;
use como_core::value::Value;

/// They change nothing, or what they make has no name beforehand.
const WITHOUT_RESOURCE: [&str; 17] = [
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "cloudwatch:DescribeAlarms",
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
];
const SERVICE: [&str; 7] = [
    "ecs:CreateService",
    "ecs:DeleteService",
    "ecs:DescribeServices",
    "ecs:ListTagsForResource",
    "ecs:TagResource",
    "ecs:UntagResource",
    "ecs:UpdateService",
];
const TASK_DEFINITION: [&str; 3] = ["ecs:ListTagsForResource", "ecs:TagResource", "ecs:UntagResource"];
const TARGET_GROUP: [&str; 6] = [
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
    "elasticloadbalancing:RemoveTags",
];
const LISTENER_RULE: [&str; 6] = [
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateRule",
    "elasticloadbalancing:DeleteRule",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:RemoveTags",
    "elasticloadbalancing:SetRulePriorities",
];
const SCALING: [&str; 6] = [
    "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeleteScheduledAction",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:PutScheduledAction",
    "application-autoscaling:RegisterScalableTarget",
];
const ALARM: [&str; 5] = [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
];
const PARAMETER: [&str; 6] = [
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:GetParameters",
    "ssm:ListTagsForResource",
    "ssm:PutParameter",
    "ssm:RemoveTagsFromResource",
];

pub(crate) fn execution_role(
    scope: &mut Scope<'_>,
    environment: &Environment,
    deployed: &[&'static Definition],
    access: &Access,
) -> Role {
    let all = naming::name(environment, "");
    let each = |arn: &dyn Fn(&str) -> Value<String>| -> Vec<Value<String>> {
        deployed.iter().map(|service| arn(service.name)).collect()
    };
    let mut permissions = Permissions::none();
    permissions.add(Statement::allow(WITHOUT_RESOURCE, ["*".into()]).with_wildcard_because(
        "these actions look, or know no resource: a task definition has no number before it is made",
    ));
    permissions.add(Statement::allow(SERVICE, each(&|name| arn("ecs", &format!("service/{all}/{name}")))));
    let ours = |actions: &[&'static str], arn, why| Statement::allow(actions, [arn]).with_wildcard_because(why);
    permissions.add(ours(
        &TASK_DEFINITION,
        arn("ecs", &format!("task-definition/{all}-*:*")),
        "the environment's task definitions, each revision of which gets the next number",
    ));
    permissions.add(ours(
        &TARGET_GROUP,
        arn("elasticloadbalancing", &format!("targetgroup/{all}-*/*")),
        "the environment's target groups; each gets an id of its own behind its name",
    ));
    permissions.add(ours(
        &LISTENER_RULE,
        arn("elasticloadbalancing", &format!("listener*/app/{all}/*")),
        "the listener of the environment's load balancer and its rules, whose names are ids",
    ));
    let of_services = Condition {
        operator: "StringEquals",
        key: "application-autoscaling:service-namespace",
        values: vec!["ecs".into()],
    };
    permissions.add(Statement {
        conditions: vec![of_services],
        ..ours(
            &SCALING,
            arn("application-autoscaling", "scalable-target/*"),
            "how services scale; the names of scalable targets are ids",
        )
    });
    permissions
        .add(Statement::allow(ALARM, each(&|name| arn("cloudwatch", &format!("alarm:{all}-{name}-deployment")))));
    let digest = |service: &&'static Definition| {
        arn("ssm", &format!("parameter{}", deployed_digest(environment.name().as_str(), *service)))
    };
    permissions.add(Statement::allow(PARAMETER, deployed.iter().map(digest).collect::<Vec<_>>()));
    for access in deployed.iter().filter_map(|service| access.of(service)) {
        access.roles.grant_pass(&mut permissions);
    }
    Role::new(
        scope,
        "ExecutionRole",
        RoleProps {
            description: "CloudFormation changes services by it",
            trusted: TrustedService::CloudFormation,
            permissions,
            managed_policies: Vec::new(),
            options: Options::default(),
        },
    )
}

/// In the stack's own region and account.
fn arn(service: &str, resource: &str) -> Value<String> {
    Value::substitute(&format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"), [])
}
