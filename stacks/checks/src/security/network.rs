//! The VPC and who reaches what in it.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, number, shown, text};
use serde_json::Value as Json;

const VPC: &[&str] = &["AWS::EC2::VPC"];
const INGRESS: &[&str] = &["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"];
const RULES_OF_GROUPS: &[&str] =
    &["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["EC2.6", "AwsSolutions-VPC7"],
        title: "a VPC logs its traffic",
        severity: Severity::Medium,
        remedy: "add a flow log",
        types: VPC,
        judge: |vpc| {
            Subject::expect(vpc.is_mentioned_by("AWS::EC2::FlowLog", "ResourceId"), "", "no flow log refers to it")
        },
    },
    Rule {
        ids: &["EC2.55"],
        title: "tasks reach ECR's API without the internet",
        severity: Severity::Medium,
        remedy: "add an interface endpoint for `ecr.api`",
        types: VPC,
        judge: |vpc| endpoint_for_tasks(vpc, ".ecr.api"),
    },
    Rule {
        ids: &["EC2.56"],
        title: "tasks fetch images without the internet",
        severity: Severity::Medium,
        remedy: "add an interface endpoint for `ecr.dkr`",
        types: VPC,
        judge: |vpc| endpoint_for_tasks(vpc, ".ecr.dkr"),
    },
    Rule {
        ids: &["EC2.57"],
        title: "tasks read their settings without the internet",
        severity: Severity::Medium,
        remedy: "add an interface endpoint for `ssm`",
        types: VPC,
        judge: |vpc| endpoint_for_tasks(vpc, ".ssm"),
    },
    Rule {
        ids: &["EC2.10"],
        title: "a VPC reaches EC2's API without the internet",
        severity: Severity::Medium,
        remedy: "add an interface endpoint for `ec2`, or say why nothing calls that API",
        types: VPC,
        judge: |vpc| endpoint(vpc, ".ec2"),
    },
    Rule {
        ids: &["EC2.58"],
        title: "a VPC reaches Incident Manager's contacts without the internet",
        severity: Severity::Medium,
        remedy: "add an interface endpoint for `ssm-contacts`, or say why nothing calls that API",
        types: VPC,
        judge: |vpc| endpoint(vpc, ".ssm-contacts"),
    },
    Rule {
        ids: &["EC2.60"],
        title: "a VPC reaches Incident Manager without the internet",
        severity: Severity::Medium,
        remedy: "add an interface endpoint for `ssm-incidents`, or say why nothing calls that API",
        types: VPC,
        judge: |vpc| endpoint(vpc, ".ssm-incidents"),
    },
    Rule {
        ids: &["endpoint-policy"],
        title: "an endpoint says whom it lets through to what",
        severity: Severity::Medium,
        remedy: "set `PolicyDocument`",
        types: &["AWS::EC2::VPCEndpoint"],
        judge: |endpoint| endpoint.expect_given("PolicyDocument"),
    },
    Rule {
        ids: &["EC2.15", "CKV_AWS_130"],
        title: "a subnet gives no public addresses by itself",
        severity: Severity::Medium,
        remedy: "leave `MapPublicIpOnLaunch` out",
        types: &["AWS::EC2::Subnet"],
        judge: |subnet| Subject::expect(!subnet.is_true("MapPublicIpOnLaunch"), "MapPublicIpOnLaunch", "it is true"),
    },
    Rule {
        ids: &["EC2.18", "EC2.19", "AwsSolutions-EC23", "CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260"],
        title: "no security group lets in the whole world",
        severity: Severity::High,
        remedy: "name the networks or groups",
        types: INGRESS,
        judge: |group| {
            let open = rules(group, true).into_iter().filter(|(_, rule)| is_everywhere(rule));
            open.map(|(place, _)| Objection::new(place, "everybody is let in")).collect()
        },
    },
    Rule {
        ids: &["EC2.2"],
        title: "the VPC's default security group is not used",
        severity: Severity::High,
        remedy: "make a security group",
        types: &[],
        judge: |user| {
            let members = user.resource.properties.as_object().into_iter().flatten();
            let default = members.filter(|(_, value)| names_default_group(value));
            default.map(|(name, _)| Objection::new(name, "it names the default security group")).collect()
        },
    },
    Rule {
        ids: &["CKV_AWS_23", "AwsSolutions-EC27"],
        title: "a security group and each of its rules say what they are for",
        severity: Severity::Low,
        remedy: "set `Description`",
        types: RULES_OF_GROUPS,
        judge: undescribed,
    },
    Rule {
        ids: &["egress-ports"],
        title: "nothing may leave by every protocol and port to the whole world",
        severity: Severity::Medium,
        remedy: "name the port",
        types: &["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress"],
        judge: |group| {
            let is_separate = group.resource.resource_type == "AWS::EC2::SecurityGroupEgress";
            // Without any rule EC2 adds one that lets everything out.
            let silent = !is_separate && group.list("SecurityGroupEgress").is_empty();
            let silent = Subject::expect(!silent, "SecurityGroupEgress", "without rules everything may leave");
            let open = rules(group, false).into_iter().filter(|(_, rule)| is_everywhere(rule) && is_every_port(rule));
            silent.into_iter().chain(open.map(|(place, _)| Objection::new(place, "everything may leave"))).collect()
        },
    },
    Rule {
        ids: &["EC2.21", "AwsSolutions-VPC3"],
        title: "traffic is ruled by security groups, not by network lists",
        severity: Severity::Medium,
        remedy: "write the rule into a security group",
        types: &["AWS::EC2::NetworkAcl", "AWS::EC2::NetworkAclEntry"],
        judge: |_| vec![Objection::new("", "it is a network access list")],
    },
    Rule {
        ids: &["EC2.172"],
        title: "a VPC blocks the internet",
        severity: Severity::Medium,
        remedy: "block public access, or say what needs the internet",
        types: &["AWS::EC2::InternetGateway"],
        judge: |gateway| {
            let blocked = gateway.all("AWS::EC2::VPCBlockPublicAccessOptions").next().is_some();
            Subject::expect(blocked, "", "there is a way to the internet")
        },
    },
];

/// The rules of a group, or the one that a separate resource is.
fn rules<'a>(group: &Subject<'a>, inbound: bool) -> Vec<(String, &'a Json)> {
    let kind = if inbound { "SecurityGroupIngress" } else { "SecurityGroupEgress" };
    if group.resource.resource_type == format!("AWS::EC2::{kind}") {
        return vec![(String::new(), &group.resource.properties)];
    }
    let inline = group.list(kind).iter().enumerate();
    inline.map(|(index, rule)| (format!("{kind}/{index}"), rule)).collect()
}

/// Whether a value takes the group that a VPC is born with.
fn names_default_group(value: &Json) -> bool {
    match value {
        Json::Object(members) => members.iter().any(|(name, value)| {
            let attribute =
                if name == "Fn::GetAtt" { value.get(1).or(Some(value)).and_then(Json::as_str) } else { None };
            attribute.is_some_and(|attribute| attribute.ends_with("DefaultSecurityGroup")) || names_default_group(value)
        }),
        Json::Array(values) => values.iter().any(names_default_group),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn is_everywhere(rule: &Json) -> bool {
    let is_all = |name: &str| text(rule, name).is_some_and(|network| network.ends_with("/0"));
    is_all("CidrIp") || is_all("CidrIpv6")
}

fn is_every_port(rule: &Json) -> bool {
    let protocol = rule.get("IpProtocol").map(shown).unwrap_or_default();
    let port = |name: &str| rule.get(name).and_then(number);
    protocol == "-1"
        || port("FromPort").is_none_or(|from| from <= 1.0) && port("ToPort").is_none_or(|to| 65_535.0 <= to)
}

/// Where no service runs, as in a stand-in that only prepares itself, nothing fetches an image.
fn endpoint_for_tasks(vpc: &Subject<'_>, service: &str) -> Vec<Objection> {
    if vpc.all("AWS::ECS::Service").next().is_none() { Vec::new() } else { endpoint(vpc, service) }
}

fn endpoint(vpc: &Subject<'_>, service: &str) -> Vec<Objection> {
    let ok = vpc.all("AWS::EC2::VPCEndpoint").any(|endpoint| {
        let name = endpoint.get("ServiceName").map(ToString::to_string).unwrap_or_default();
        // The quotation mark tells `ssm` and `ssmmessages` apart.
        name.contains(&format!("{service}\"")) && endpoint.mentions("VpcId", vpc)
    });
    Subject::expect(ok, "", &format!("no endpoint for `{}` is in it", service.trim_start_matches('.')))
}

fn undescribed(group: &Subject<'_>) -> Vec<Objection> {
    let all = [rules(group, true), rules(group, false)].concat();
    let silent = all.into_iter().filter(|(_, rule)| text(rule, "Description").unwrap_or_default().is_empty());
    let of_rules = silent.map(|(place, _)| Objection::new(place, "`Description` is missing"));
    let is_group = group.resource.resource_type == "AWS::EC2::SecurityGroup";
    let is_silent = is_group && group.get("GroupDescription").map(shown).unwrap_or_default().is_empty();
    Subject::expect(!is_silent, "GroupDescription", "`GroupDescription` is missing")
        .into_iter()
        .chain(of_rules)
        .collect()
}
