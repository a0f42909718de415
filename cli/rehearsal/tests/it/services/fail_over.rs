//! Names that lead where somebody is well, and the public door behind them.

use super::cloud::{Cloud, REGION, refused};
use super::watching::{fail_over_zone, route53};
use como_rehearsal::hosting::Hosted;
use como_rehearsal::provision::Provisioned;
use http::Method;
use serde_json::{Value, json};

const SYDNEY: &str = "ap-southeast-2";
const RECORD: &str = "AWS::Route53::RecordSet";
const CHECK: &str = "AWS::Route53::HealthCheck";

async fn zone(cloud: &Cloud) -> String {
    cloud.create("AWS::Route53::HostedZone", "Zone", json!({ "Name": "example.com" })).await.physical_id
}

/// What a name server answers, in its words.
async fn answer(cloud: &Cloud, zone: &str, name: &str) -> Vec<String> {
    let question = format!("testdnsanswer?hostedzoneid={zone}&recordname={name}&recordtype=A");
    let (status, text) = route53(cloud, Method::GET, &question, "").await;
    assert_eq!(status, 200, "{text}");
    let pieces = text.split("<RecordDataEntry>").skip(1);
    pieces.map(|piece| piece.split('<').next().unwrap_or_default().to_owned()).collect()
}

/// A record of this name with one address, and what else it has.
async fn record(cloud: &Cloud, zone: &str, name: &str, address: &str, rest: Value) {
    let mut properties = json!({
        "HostedZoneId": zone, "Name": format!("{name}.example.com"), "Type": "A", "TTL": 60, "ResourceRecords": [address],
    });
    for (key, value) in rest.as_object().unwrap() {
        properties[key] = value.clone();
    }
    cloud.create(RECORD, &format!("{name}{address}"), properties).await;
}

/// An alias that evaluates its target's health.
async fn alias(cloud: &Cloud, zone: &str, name: &str, target: &str, rest: Value) {
    let mut properties = json!({
        "HostedZoneId": zone, "Name": format!("{name}.example.com"), "Type": "A",
        "AliasTarget": { "DNSName": target, "HostedZoneId": zone, "EvaluateTargetHealth": true },
    });
    for (key, value) in rest.as_object().unwrap() {
        properties[key] = value.clone();
    }
    cloud.create(RECORD, &format!("{name}{target}"), properties).await;
}

/// A check that follows an alarm of the same name.
async fn check(cloud: &Cloud, name: &str) -> String {
    let alarm = json!({
        "AlarmName": name, "Namespace": "como", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
    });
    cloud.create("AWS::CloudWatch::Alarm", name, alarm).await;
    let config = json!({ "Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": { "Name": name, "Region": REGION } });
    cloud.create(CHECK, &format!("Check{name}"), json!({ "HealthCheckConfig": config })).await.physical_id
}

async fn set(cloud: &Cloud, alarm: &str, state: &str) {
    let input = json!({ "AlarmName": alarm, "StateValue": state, "StateReason": "a drill" });
    cloud.ok("monitoring", "SetAlarmState", input).await;
}

#[tokio::test]
async fn weighted_records_share_the_answers_and_the_healthy_take_over() {
    let cloud = Cloud::new().await;
    let zone = zone(&cloud).await;
    let follows = check(&cloud, "heavy").await;
    let weighted = |name: &str, weight: u64| json!({ "SetIdentifier": name, "Weight": weight });
    let mut heavy = weighted("heavy", 3);
    heavy["HealthCheckId"] = json!(follows);
    record(&cloud, &zone, "api", "192.0.2.1", heavy).await;
    record(&cloud, &zone, "api", "192.0.2.2", weighted("light", 1)).await;
    record(&cloud, &zone, "api", "192.0.2.3", weighted("spare", 0)).await;
    let mut counts = [0; 3];
    for _ in 0..40 {
        let answered = answer(&cloud, &zone, "api.example.com").await;
        let index = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].iter().position(|one| *one == answered[0]).unwrap();
        counts[index] += 1;
    }
    assert_eq!(counts, [30, 10, 0]);
    set(&cloud, "heavy", "ALARM").await;
    for _ in 0..4 {
        assert_eq!(answer(&cloud, &zone, "api.example.com").await, ["192.0.2.2"]);
    }
    cloud.services.stop().await;
}

#[tokio::test]
async fn latency_multivalue_and_simple_records_answer_by_their_policy() {
    let cloud = Cloud::new().await;
    let zone = zone(&cloud).await;
    let follows = check(&cloud, "near").await;
    let near = json!({ "SetIdentifier": "near", "Region": REGION, "HealthCheckId": follows });
    record(&cloud, &zone, "near", "192.0.2.1", near).await;
    record(&cloud, &zone, "near", "192.0.2.2", json!({ "SetIdentifier": "far", "Region": SYDNEY })).await;
    let many = |name: &str| json!({ "SetIdentifier": name, "MultiValueAnswer": true });
    let mut first = many("a");
    first["HealthCheckId"] = json!(follows);
    record(&cloud, &zone, "many", "192.0.2.1", first).await;
    record(&cloud, &zone, "many", "192.0.2.2", many("b")).await;
    record(&cloud, &zone, "one", "192.0.2.9", json!({})).await;
    for (state, near, many) in [
        ("OK", "192.0.2.1", &["192.0.2.1", "192.0.2.2"][..]),
        ("ALARM", "192.0.2.2", &["192.0.2.2"]),
        ("OK", "192.0.2.1", &["192.0.2.1", "192.0.2.2"]),
    ] {
        set(&cloud, "near", state).await;
        assert_eq!(answer(&cloud, &zone, "near.example.com").await, [near], "{state}");
        assert_eq!(answer(&cloud, &zone, "many.example.com").await, many, "{state}");
        assert_eq!(answer(&cloud, &zone, "one.example.com").await, ["192.0.2.9"]);
    }
    assert_eq!(answer(&cloud, &zone, "nobody.example.com").await, Vec::<String>::new());
    let wrong = json!({
        "HostedZoneId": zone, "Name": "geo.example.com", "Type": "A", "TTL": 60, "ResourceRecords": ["192.0.2.1"],
        "SetIdentifier": "sg", "GeoLocation": { "CountryCode": "SG" },
    });
    let message = refused(cloud.try_create(RECORD, "Geo", wrong).await);
    assert!(message.contains("does not offer GeoLocation"), "{message}");
    cloud.services.stop().await;
}

#[tokio::test]
async fn aliases_are_as_healthy_as_what_they_lead_to() {
    let cloud = Cloud::new().await;
    let zone = zone(&cloud).await;
    let follows = check(&cloud, "singapore").await;
    // Two levels: the failover pair leads to names of which one is a pair itself.
    let first = json!({ "SetIdentifier": "1", "Weight": 1, "HealthCheckId": follows });
    record(&cloud, &zone, "sg", "192.0.2.1", first).await;
    record(&cloud, &zone, "syd", "192.0.2.2", json!({})).await;
    alias(&cloud, &zone, "api", "sg.example.com", json!({ "SetIdentifier": "p", "Failover": "PRIMARY" })).await;
    alias(&cloud, &zone, "api", "syd.example.com", json!({ "SetIdentifier": "s", "Failover": "SECONDARY" })).await;
    alias(&cloud, &zone, "www", "api.example.com", json!({})).await;
    for (state, expected) in [("OK", "192.0.2.1"), ("ALARM", "192.0.2.2"), ("OK", "192.0.2.1")] {
        set(&cloud, "singapore", state).await;
        assert_eq!(answer(&cloud, &zone, "api.example.com").await, [expected], "{state}");
        assert_eq!(answer(&cloud, &zone, "www.example.com").await, [expected], "{state}");
    }
    cloud.services.stop().await;
}

/// Of a check, as `GetHealthCheckStatus` words it.
async fn is_well(cloud: &Cloud, check: &str) -> bool {
    let (status, text) = route53(cloud, Method::GET, &format!("healthcheck/{check}/status"), "").await;
    assert_eq!(status, 200, "{text}");
    text.contains("<Status>Success: ")
}

#[tokio::test]
async fn checks_are_calculated_inverted_and_changed() {
    let cloud = Cloud::new().await;
    let (one, two) = (check(&cloud, "one").await, check(&cloud, "two").await);
    let made = |name: &str, config: Value| (name.to_owned(), json!({ "HealthCheckConfig": config }));
    let children = json!([one, two]);
    let (name, config) =
        made("Both", json!({ "Type": "CALCULATED", "ChildHealthChecks": children, "HealthThreshold": 2 }));
    let both = cloud.create(CHECK, &name, config).await.physical_id;
    let (name, config) = made(
        "Neither",
        json!({ "Type": "CALCULATED", "ChildHealthChecks": children, "HealthThreshold": 1, "Inverted": true }),
    );
    let neither = cloud.create(CHECK, &name, config).await.physical_id;
    for (first, second, all, none) in [
        ("OK", "OK", true, false),
        ("ALARM", "OK", false, false),
        ("ALARM", "ALARM", false, true),
        ("OK", "OK", true, false),
    ] {
        set(&cloud, "one", first).await;
        set(&cloud, "two", second).await;
        assert_eq!((is_well(&cloud, &both).await, is_well(&cloud, &neither).await), (all, none), "{first} {second}");
    }
    // Turned round by hand, as an operator does who moves traffic away.
    let body = |version: u64| {
        format!(
            "<UpdateHealthCheckRequest><HealthCheckVersion>{version}</HealthCheckVersion><Inverted>true</Inverted>\
             </UpdateHealthCheckRequest>"
        )
    };
    let (status, text) = route53(&cloud, Method::POST, &format!("healthcheck/{one}"), &body(1)).await;
    assert!(status == 200 && text.contains("<HealthCheckVersion>2</HealthCheckVersion>"), "{text}");
    assert!(!is_well(&cloud, &one).await && !is_well(&cloud, &both).await);
    let (status, text) = route53(&cloud, Method::POST, &format!("healthcheck/{one}"), &body(1)).await;
    assert!(status == 409 && text.contains("HealthCheckVersionMismatch"), "{text}");
    let tcp = json!({ "HealthCheckConfig": { "Type": "TCP", "IPAddress": "192.0.2.1", "Port": 25 } });
    let message = refused(cloud.try_create(CHECK, "Tcp", tcp).await);
    assert!(message.contains("does not offer health checks of type TCP"), "{message}");
    cloud.services.stop().await;
}

/// An API whose every answer has the status, behind a custom domain; the domain and the API's identifier.
async fn api(cloud: &Cloud, region: &str, status: &str) -> (Provisioned, String) {
    let integration = json!({ "type": "mock", "responses": { "default": { "statusCode": status } } });
    let body = json!({
        "openapi": "3.0.1", "info": { "title": "api", "version": "1" },
        "paths": { "/x": { "get": { "x-amazon-apigateway-integration": integration } } },
    });
    let api = cloud.create_in(region, "AWS::ApiGateway::RestApi", "Api", json!({ "Body": body })).await.physical_id;
    let deployment = json!({ "RestApiId": api });
    let deployment = cloud.create_in(region, "AWS::ApiGateway::Deployment", "Deployment", deployment).await.physical_id;
    let stage = json!({ "RestApiId": api, "DeploymentId": deployment, "StageName": "prod" });
    cloud.create_in(region, "AWS::ApiGateway::Stage", "Stage", stage).await;
    // One name in both regions, as COMO has it.
    let domain = json!({ "DomainName": "api.example.com" });
    let domain = cloud.create_in(region, "AWS::ApiGateway::DomainName", "Domain", domain).await;
    let mapping = json!({ "DomainName": domain.physical_id, "RestApiId": api, "Stage": "prod", "BasePath": "v1" });
    cloud.create_in(region, "AWS::ApiGateway::BasePathMapping", "Mapping", mapping).await;
    (domain, api)
}

fn regional_name(domain: &Provisioned) -> &str {
    domain.attributes["RegionalDomainName"].as_str().unwrap()
}

/// The public door of a region.
async fn door(cloud: &Cloud, region: &str) -> String {
    let endpoints = cloud.services.status().await.endpoints;
    endpoints.into_iter().find(|endpoint| endpoint.region == region).unwrap().url
}

#[tokio::test]
async fn the_public_door_follows_the_records() {
    let cloud = Cloud::new().await;
    let (singapore, _) = api(&cloud, REGION, "201").await;
    let (sydney, _) = api(&cloud, SYDNEY, "202").await;
    fail_over_zone(&cloud, [regional_name(&singapore), regional_name(&sydney)]).await;
    let door = door(&cloud, REGION).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (state, expected) in [("OK", 201), ("ALARM", 202), ("OK", 201)] {
        set(&cloud, "api", state).await;
        let answer = client.get(format!("{door}/v1/x")).header("host", "api.example.com").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "while the alarm is {state}");
    }
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_dead_region_is_left_and_come_back_to() {
    let mut cloud = Cloud::new().await;
    let (singapore, id) = api(&cloud, REGION, "201").await;
    let (sydney, _) = api(&cloud, SYDNEY, "202").await;
    let config = json!({
        "Type": "HTTPS", "FullyQualifiedDomainName": format!("{id}.execute-api.{REGION}.amazonaws.com"),
        "ResourcePath": "/prod/x", "RequestInterval": 10, "FailureThreshold": 1,
    });
    let check = cloud.create(CHECK, "Check", json!({ "HealthCheckConfig": config })).await.physical_id;
    let zone = zone(&cloud).await;
    for (role, domain) in [("PRIMARY", &singapore), ("SECONDARY", &sydney)] {
        let mut rest = json!({ "SetIdentifier": role, "Failover": role });
        if role == "PRIMARY" {
            rest["HealthCheckId"] = json!(check);
        }
        alias(&cloud, &zone, "api", regional_name(domain), rest).await;
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (fault, expected, status) in
        [(None, &singapore, 201), (Some("kill-region"), &sydney, 202), (Some("revive-region"), &singapore, 201)]
    {
        if let Some(fault) = fault {
            cloud.fault(json!({ "do": fault, "region": REGION, "plane": "data" }));
        }
        // The target's own health turns at once, the check's when it has been asked often enough.
        while is_well(&cloud, &check).await != (status == 201) {
            tokio::task::yield_now().await;
        }
        assert_eq!(answer(&cloud, &zone, "api.example.com").await, [regional_name(expected)], "{fault:?}");
        let door = door(&cloud, SYDNEY).await;
        let answer = client.get(format!("{door}/v1/x")).header("host", "api.example.com").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{fault:?}");
        if fault == Some("kill-region") {
            // What the checkers think outlives the supervisor.
            cloud = cloud.restart().await;
            assert!(!is_well(&cloud, &check).await);
        }
    }
    let (_, text) = route53(&cloud, Method::GET, &format!("healthcheck/{check}/lastfailurereason"), "").await;
    assert!(text.contains("<Status>"), "{text}");
    cloud.services.stop().await;
}
