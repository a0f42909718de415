//! The VPC and who reaches what in it.

use crate::support::{Case, breaks, here, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    [vpcs(), groups(), ways_in_and_out()].into_iter().flatten().collect()
}

/// A VPC with an interface endpoint and whatever else.
fn vpc(endpoint: &str, others: Json) -> Assembly {
    let mut resources = json!({
        "Vpc AWS::EC2::VPC": {},
        "Endpoint AWS::EC2::VPCEndpoint": {
            "VpcId": { "Ref": "Vpc" },
            "ServiceName": { "Fn::Sub": format!("com.amazonaws.${{AWS::Region}}.{endpoint}") },
        },
    });
    resources.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    here(resources)
}

/// Another service's name begins or ends alike; without tasks nothing needs the endpoint.
fn of_tasks(id: &'static str, endpoint: &str, similar: &str) -> Case {
    let tasks = || json!({ "Tasks AWS::ECS::Service": {} });
    breaks(id, vpc(similar, tasks()), &["Vpc"]).but_not(vpc(endpoint, tasks())).but_not(vpc(similar, json!({})))
}

fn of_every_vpc(id: &'static str, endpoint: &str, similar: &str) -> Case {
    breaks(id, vpc(similar, json!({})), &["Vpc"]).but_not(vpc(endpoint, json!({})))
}

fn vpcs() -> Vec<Case> {
    let endpoint = |properties: Json| one("AWS::EC2::VPCEndpoint", properties);
    let subnet = |public: bool| one("AWS::EC2::Subnet", json!({ "MapPublicIpOnLaunch": public }));
    vec![
        breaks("EC2.6 AwsSolutions-VPC7", one("AWS::EC2::VPC", json!({})), &["VPC"]).but_not(here(json!({
            "Vpc AWS::EC2::VPC": {},
            "Log AWS::EC2::FlowLog": { "ResourceId": { "Ref": "Vpc" } },
        }))),
        of_tasks("EC2.55", "ecr.api", "ecr.dkr"),
        of_tasks("EC2.56", "ecr.dkr", "ecr.api"),
        of_tasks("EC2.57", "ssm", "ssmmessages"),
        of_every_vpc("EC2.10", "ec2", "ec2messages"),
        of_every_vpc("EC2.58", "ssm-contacts", "ssm"),
        of_every_vpc("EC2.60", "ssm-incidents", "ssm"),
        // An endpoint of another VPC is none of this one's.
        breaks(
            "EC2.10",
            here(json!({
                "Vpc AWS::EC2::VPC": {},
                "Endpoint AWS::EC2::VPCEndpoint": { "VpcId": "other", "ServiceName": "com.amazonaws.ap-southeast-1.ec2" },
            })),
            &["Vpc"],
        ),
        breaks("endpoint-policy", endpoint(json!({})), &["VPCEndpoint PolicyDocument"])
            .but_not(endpoint(json!({ "PolicyDocument": {} }))),
        breaks("EC2.15 CKV_AWS_130", subnet(true), &["Subnet MapPublicIpOnLaunch"]).but_not(subnet(false)),
    ]
}

fn guard(properties: Json) -> Assembly {
    one("AWS::EC2::SecurityGroup", properties)
}

fn groups() -> Vec<Case> {
    let ingress = |network: &str, port: u16| {
        guard(json!({ "SecurityGroupIngress": [
            { "CidrIp": "10.0.0.0/8", "FromPort": port, "ToPort": port },
            { "CidrIp": network, "FromPort": port, "ToPort": port },
        ] }))
    };
    let open: &[&str] = &["SecurityGroup SecurityGroupIngress/1"];
    let world = "AwsSolutions-EC23 EC2.18";
    let separate = |kind: &str, properties: Json| one(kind, properties);
    let of_default = json!({ "Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"] });
    let described = |group: &str, rule: &str| {
        guard(json!({ "GroupDescription": group, "SecurityGroupIngress": [{ "Description": rule }] }))
    };
    vec![
        breaks("EC2.18 EC2.19 CKV_AWS_24", ingress("0.0.0.0/0", 22), open).but_not(ingress("10.20.0.0/16", 22)),
        breaks("EC2.18 EC2.19 CKV_AWS_25", ingress("0.0.0.0/0", 3389), open),
        breaks("EC2.18 CKV_AWS_260", ingress("0.0.0.0/0", 80), open),
        breaks(world, ingress("0.0.0.0/0", 443), open),
        breaks(
            world,
            separate("AWS::EC2::SecurityGroupIngress", json!({ "CidrIpv6": "::/0" })),
            &["SecurityGroupIngress"],
        )
        .but_not(separate("AWS::EC2::SecurityGroupIngress", json!({ "SourceSecurityGroupId": "sg" }))),
        breaks(
            "EC2.2",
            guard(json!({ "SecurityGroupIngress": [{ "SourceSecurityGroupId": of_default }] })),
            &["SecurityGroup SecurityGroupIngress"],
        )
        .but_not(guard(json!({ "SecurityGroupIngress": [{ "SourceSecurityGroupId": { "Ref": "Door" } }] }))),
        // What opens the default group, and what is put into it.
        breaks(
            "EC2.2",
            separate("AWS::EC2::SecurityGroupIngress", json!({ "GroupId": of_default })),
            &["SecurityGroupIngress GroupId"],
        ),
        breaks(
            "EC2.2",
            one(
                "AWS::ECS::Service",
                json!({ "NetworkConfiguration": { "AwsvpcConfiguration": { "SecurityGroups": [of_default] } } }),
            ),
            &["Service NetworkConfiguration"],
        ),
        breaks("CKV_AWS_23", described("Tasks", ""), &["SecurityGroup SecurityGroupIngress/0"])
            .but_not(described("Tasks", "From the load balancer")),
        breaks("AwsSolutions-EC27", described("", "From the load balancer"), &["SecurityGroup GroupDescription"]),
        breaks("CKV_AWS_23", separate("AWS::EC2::SecurityGroupEgress", json!({})), &["SecurityGroupEgress"]),
    ]
}

fn ways_in_and_out() -> Vec<Case> {
    let egress = |rule: Json| guard(json!({ "SecurityGroupEgress": [rule] }));
    let first: &[&str] = &["SecurityGroup SecurityGroupEgress/0"];
    let separate = |rule: Json| one("AWS::EC2::SecurityGroupEgress", rule);
    vec![
        breaks("egress-ports", egress(json!({ "CidrIp": "0.0.0.0/0", "IpProtocol": "-1" })), first)
            .but_not(egress(json!({ "CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443 })))
            .but_not(egress(json!({ "CidrIp": "10.0.0.0/8", "IpProtocol": "-1" }))),
        breaks(
            "egress-ports",
            egress(json!({ "CidrIpv6": "::/0", "IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535 })),
            first,
        ),
        breaks("egress-ports", guard(json!({})), &["SecurityGroup SecurityGroupEgress"]),
        breaks("egress-ports", separate(json!({ "CidrIp": "0.0.0.0/0", "IpProtocol": -1 })), &["SecurityGroupEgress"])
            .but_not(separate(json!({ "DestinationSecurityGroupId": "sg", "IpProtocol": "-1" }))),
        breaks("EC2.21 AwsSolutions-VPC3", one("AWS::EC2::NetworkAcl", json!({})), &["NetworkAcl"]),
        breaks("EC2.21 AwsSolutions-VPC3", one("AWS::EC2::NetworkAclEntry", json!({})), &["NetworkAclEntry"]),
        breaks("EC2.172", one("AWS::EC2::InternetGateway", json!({})), &["InternetGateway"]).but_not(here(json!({
            "Way AWS::EC2::InternetGateway": {},
            "Block AWS::EC2::VPCBlockPublicAccessOptions": { "InternetGatewayBlockMode": "block-bidirectional" },
        }))),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
