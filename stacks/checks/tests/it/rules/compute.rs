//! Clusters, tasks, services and load balancers.

use crate::support::{Case, breaks, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

const SERVICE: &str = "AWS::ECS::Service";
const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

pub(super) fn cases() -> Vec<Case> {
    [clusters(), containers(), services(), balancers()].into_iter().flatten().collect()
}

fn task(properties: Json) -> Assembly {
    one("AWS::ECS::TaskDefinition", properties)
}

/// The first container is sound in every case.
fn container(sound: Json, other: Json) -> Assembly {
    task(json!({ "ContainerDefinitions": [sound, other] }))
}

fn clusters() -> Vec<Case> {
    let insights = |value: &str| {
        one("AWS::ECS::Cluster", json!({ "ClusterSettings": [{ "Name": "containerInsights", "Value": value }] }))
    };
    vec![
        breaks("ECS.12 AwsSolutions-ECS4 CKV_AWS_65", insights("disabled"), &["Cluster ClusterSettings"])
            .but_not(insights("enabled"))
            .but_not(insights("enhanced")),
    ]
}

fn containers() -> Vec<Case> {
    let second: &[&str] = &["TaskDefinition ContainerDefinitions/1"];
    let pair = |sound: Json, other: Json| container(sound, other);
    let user = |name: &str| json!({ "User": name });
    let image = |name: &str| json!({ "Image": name });
    let volume =
        |encryption: Json| task(json!({ "Volumes": [{ "Name": "tmp" }, { "EFSVolumeConfiguration": encryption }] }));
    let fixed = format!("como@sha256:{}", "0".repeat(64));
    let by_parameter = json!({ "Image": { "Fn::Sub": "${Repository}@${ImageDigest}" } });
    vec![
        breaks("ECS.17 ECS.1", task(json!({ "NetworkMode": "host" })), &["TaskDefinition NetworkMode"])
            .but_not(task(json!({ "NetworkMode": "awsvpc" }))),
        breaks("ECS.3", task(json!({ "PidMode": "host" })), &["TaskDefinition PidMode"])
            .but_not(task(json!({ "PidMode": "task" })))
            .but_not(task(json!({}))),
        breaks("ECS.4", pair(json!({ "Privileged": false }), json!({ "Privileged": true })), second)
            .but_not(pair(json!({}), json!({ "Privileged": "false" }))),
        breaks("ECS.20", pair(user("65532"), user("0:0")), second).but_not(pair(user("65532:65532"), user("como"))),
        breaks("ECS.20", pair(user("65532"), json!({})), second),
        breaks(
            "ECS.5",
            pair(json!({ "ReadonlyRootFilesystem": true }), json!({ "ReadonlyRootFilesystem": false })),
            second,
        )
        .but_not(pair(json!({ "ReadonlyRootFilesystem": true }), json!({ "ReadonlyRootFilesystem": "true" }))),
        breaks(
            "ECS.8 AwsSolutions-ECS2",
            pair(json!({ "Secrets": [] }), json!({ "Environment": [{ "Name": "LEVEL", "Value": "info" }] })),
            second,
        )
        .but_not(pair(json!({ "Secrets": [] }), json!({ "Command": ["serve"] }))),
        breaks(
            "ECS.9 AwsSolutions-ECS7",
            pair(json!({ "LogConfiguration": { "LogDriver": "awslogs" } }), json!({})),
            second,
        )
        .but_not(pair(
            json!({ "LogConfiguration": { "LogDriver": "awslogs" } }),
            json!({ "LogConfiguration": { "LogDriver": "awsfirelens" } }),
        )),
        breaks("CKV_AWS_97", volume(json!({ "FilesystemId": "fs-1" })), &["TaskDefinition Volumes/1"])
            .but_not(volume(json!({ "FilesystemId": "fs-1", "TransitEncryption": "ENABLED" }))),
        breaks("image-digest", pair(image(&fixed), image("como:latest")), second)
            .but_not(pair(image(&fixed), by_parameter)),
    ]
}

fn services() -> Vec<Case> {
    let public = |kind: &str, value: &str| {
        one(kind, json!({ "NetworkConfiguration": { "AwsvpcConfiguration": { "AssignPublicIp": value } } }))
    };
    let breaker = |rollback: bool| {
        one(SERVICE, json!({ "DeploymentConfiguration": { "DeploymentCircuitBreaker": { "Rollback": rollback } } }))
    };
    vec![
        breaks(
            "ECS.2",
            public(SERVICE, "ENABLED"),
            &["Service NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp"],
        )
        .but_not(public(SERVICE, "DISABLED")),
        breaks(
            "ECS.16",
            public("AWS::ECS::TaskSet", "ENABLED"),
            &["TaskSet NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp"],
        )
        .but_not(public("AWS::ECS::TaskSet", "DISABLED")),
        breaks("ECS.10", one(SERVICE, json!({ "PlatformVersion": "1.3.0" })), &["Service PlatformVersion"])
            .but_not(one(SERVICE, json!({ "PlatformVersion": "LATEST" })))
            .but_not(one(SERVICE, json!({}))),
        breaks(
            "deployment-rollback",
            breaker(false),
            &["Service DeploymentConfiguration/DeploymentCircuitBreaker/Rollback"],
        )
        .but_not(breaker(true)),
    ]
}

fn balancers() -> Vec<Case> {
    let attribute = |key: &str, value: &str| {
        one(BALANCER, json!({ "LoadBalancerAttributes": [{ "Key": "other" }, { "Key": key, "Value": value }] }))
    };
    let network = |key: &str| {
        one(BALANCER, json!({ "Type": "network", "LoadBalancerAttributes": [{ "Key": key, "Value": "false" }] }))
    };
    let attributes: &[&str] = &["LoadBalancer LoadBalancerAttributes"];
    let drop_headers = "routing.http.drop_invalid_header_fields.enabled";
    let desync = "routing.http.desync_mitigation_mode";
    let listener = |properties: Json| one("AWS::ElasticLoadBalancingV2::Listener", properties);
    let policy = |name: &str| listener(json!({ "Protocol": "HTTPS", "SslPolicy": name }));
    vec![
        breaks("ELB.4 CKV_AWS_131", attribute(drop_headers, "false"), attributes)
            .but_not(attribute(drop_headers, "true"))
            .but_not(network(drop_headers)),
        breaks("ELB.5 AwsSolutions-ELB2 CKV_AWS_91", attribute("access_logs.s3.enabled", "false"), attributes)
            .but_not(attribute("access_logs.s3.enabled", "true")),
        breaks("ELB.6 CKV_AWS_150", attribute("deletion_protection.enabled", "false"), attributes)
            .but_not(attribute("deletion_protection.enabled", "true")),
        breaks("ELB.12 CKV_AWS_328", attribute(desync, "monitor"), attributes)
            .but_not(attribute(desync, "defensive"))
            .but_not(attribute(desync, "strictest"))
            .but_not(network(desync)),
        breaks("ELB.13", one(BALANCER, json!({ "Subnets": ["one"] })), &["LoadBalancer Subnets"])
            .but_not(one(BALANCER, json!({ "Subnets": ["one", "two"] })))
            .but_not(one(BALANCER, json!({ "SubnetMappings": [{ "SubnetId": "one" }, { "SubnetId": "two" }] }))),
        breaks("ELB.18 ELB.1 CKV_AWS_2", listener(json!({ "Protocol": "HTTP" })), &["Listener Protocol"])
            .but_not(listener(json!({ "Protocol": "HTTPS" })))
            .but_not(listener(json!({ "Protocol": "TLS" }))),
        breaks("ELB.17 CKV_AWS_103", policy("ELBSecurityPolicy-TLS-1-1-2017-01"), &["Listener SslPolicy"])
            .but_not(policy("ELBSecurityPolicy-TLS13-1-2-2021-06"))
            .but_not(policy("ELBSecurityPolicy-TLS13-1-3-2021-06")),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
