//! Certificates, mail domains, and who may use them.

use super::cloud::{Cloud, REGION, refused};
use como_rehearsal::hosting::Hosted as _;
use como_rehearsal::provision::Provisioned;
use serde_json::{Value, json};
use std::time::Duration;

const CERTIFICATE: &str = "AWS::CertificateManager::Certificate";

async fn zone(cloud: &Cloud) -> String {
    cloud.create("AWS::Route53::HostedZone", "Zone", json!({ "Name": "example.com" })).await.physical_id
}

async fn described(cloud: &Cloud, certificate: &Provisioned) -> Value {
    let input = json!({ "CertificateArn": certificate.physical_id });
    cloud.ok("acm", "DescribeCertificate", input).await["Certificate"].clone()
}

async fn is_stable(cloud: &Cloud, certificate: &Provisioned) -> bool {
    let stable = cloud.stabilise(CERTIFICATE, certificate);
    tokio::time::timeout(Duration::from_millis(200), stable).await.is_ok()
}

fn by_dns(name: &str, options: Value) -> Value {
    json!({ "DomainName": name, "ValidationMethod": "DNS", "DomainValidationOptions": options })
}

#[tokio::test]
async fn a_certificate_is_issued_once_its_names_are_proven() {
    let cloud = Cloud::new().await;
    let zone = zone(&cloud).await;
    let options = json!([{ "DomainName": "api.example.com", "HostedZoneId": zone }]);
    let certificate = cloud.create(CERTIFICATE, "Own", by_dns("api.example.com", options)).await;
    assert!(is_stable(&cloud, &certificate).await);
    let shown = described(&cloud, &certificate).await;
    assert_eq!((&shown["Status"], &shown["DomainName"]), (&json!("ISSUED"), &json!("api.example.com")));

    // Nobody makes this record, until somebody does.
    let other = cloud.create(CERTIFICATE, "Other", by_dns("*.example.com", json!([]))).await;
    assert!(!is_stable(&cloud, &other).await);
    let shown = described(&cloud, &other).await;
    assert_eq!(shown["Status"], json!("PENDING_VALIDATION"));
    let wanted = &shown["DomainValidationOptions"][0]["ResourceRecord"];
    let record = json!({
        "HostedZoneId": zone, "Name": wanted["Name"], "Type": wanted["Type"], "TTL": 300,
        "ResourceRecords": [wanted["Value"]],
    });
    cloud.create("AWS::Route53::RecordSet", "Proof", record).await;
    assert!(is_stable(&cloud, &other).await);
    assert_eq!(described(&cloud, &other).await["Status"], json!("ISSUED"));

    // A name that no zone here holds is somebody else's to prove.
    let foreign = cloud.create(CERTIFICATE, "Foreign", by_dns("api.elsewhere.com", json!([]))).await;
    assert!(is_stable(&cloud, &foreign).await);
    let listed = cloud.ok("acm", "ListCertificates", json!({ "CertificateStatuses": ["ISSUED"] })).await;
    assert_eq!(listed["CertificateSummaryList"].as_array().unwrap().len(), 3);

    // Its record outlives it, and holds the zone, as on AWS; what clears up after a rehearsal takes both.
    cloud.delete(CERTIFICATE, &certificate.physical_id, json!({})).await.unwrap();
    let message = refused(cloud.delete("AWS::Route53::HostedZone", &zone, json!({})).await);
    assert!(message.contains("contains non-required resource record sets"), "{message}");
    cloud.delete_kept("AWS::Route53::HostedZone", &zone).await.unwrap();
    cloud.services.stop().await;
}

#[tokio::test]
async fn only_a_certificate_of_the_right_region_is_taken() {
    let cloud = Cloud::new().await;
    let here = cloud.create(CERTIFICATE, "Here", by_dns("api.elsewhere.com", json!([]))).await.physical_id;
    let there = cloud.create_in("us-east-1", CERTIFICATE, "There", by_dns("www.elsewhere.com", json!([]))).await;
    let there = there.physical_id;
    let balancer = cloud.create("AWS::ElasticLoadBalancingV2::LoadBalancer", "Balancer", json!({})).await.physical_id;
    let listener = |certificates: Value| {
        json!({
            "LoadBalancerArn": balancer, "Port": 443, "Protocol": "HTTPS", "Certificates": certificates,
            "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }],
        })
    };
    let domain = |arn: &str| json!({ "DomainName": "api.elsewhere.com", "RegionalCertificateArn": arn });
    let (listeners, domains) = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ApiGateway::DomainName");
    for (resource_type, properties, reason) in [
        (listeners, listener(json!([])), "A certificate must be specified for HTTPS listeners".to_owned()),
        (listeners, listener(json!([{ "CertificateArn": there }])), format!("Certificate '{there}' not found")),
        (domains, domain(&there), "The provided certificate does not exist.".to_owned()),
    ] {
        assert_eq!(refused(cloud.try_create(resource_type, "Wrong", properties).await), reason);
    }
    cloud.create(listeners, "Right", listener(json!([{ "CertificateArn": here }]))).await;
    cloud.create(domains, "Domain", domain(&here)).await;
    let edge = json!({ "DistributionConfig": {
        "Enabled": true, "DefaultCacheBehavior": { "TargetOriginId": "o" },
        "Origins": [{ "Id": "o", "DomainName": "b.s3.ap-southeast-1.amazonaws.com" }],
        "ViewerCertificate": { "AcmCertificateArn": here },
    } });
    let message = refused(cloud.try_create("AWS::CloudFront::Distribution", "Edge", edge).await);
    assert!(message.contains("isn't in us-east-1 region"), "{message}");
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_mail_domain_sends_once_its_keys_are_published() {
    let cloud = Cloud::new().await;
    let zone = zone(&cloud).await;
    let identity = cloud.create("AWS::SES::EmailIdentity", "Identity", json!({ "EmailIdentity": "example.com" })).await;
    let status = async || {
        let request = http::Request::get("/v2/email/identities/example.com").body(bytes::Bytes::new()).unwrap();
        let answer = cloud.services.handle(REGION, "ses", request).await;
        let answer: Value = serde_json::from_slice(answer.body()).unwrap();
        answer["DkimAttributes"]["Status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "PENDING");
    for index in 1..=3 {
        let attribute = |part: &str| identity.attributes[&format!("DkimDNSToken{part}{index}")].clone();
        let record = json!({
            "HostedZoneId": zone, "Name": attribute("Name"), "Type": "CNAME", "TTL": 300,
            "ResourceRecords": [attribute("Value")],
        });
        cloud.create("AWS::Route53::RecordSet", &format!("Dkim{index}"), record).await;
    }
    assert_eq!(status().await, "SUCCESS");
    cloud.services.stop().await;
}

async fn ec2(cloud: &Cloud, fields: &str) -> String {
    let body = format!("Version=2016-11-15&{fields}");
    let request = http::Request::post("/").body(body.into()).unwrap();
    let answer = cloud.services.handle(REGION, "ec2", request).await;
    String::from_utf8(answer.body().to_vec()).unwrap()
}

#[tokio::test]
async fn a_default_security_group_can_be_emptied() {
    let cloud = Cloud::new().await;
    let vpc = cloud.create("AWS::EC2::VPC", "Vpc", json!({ "CidrBlock": "10.0.0.0/16" })).await;
    let group = vpc.attributes["DefaultSecurityGroup"].as_str().unwrap().to_owned();
    let ask = format!(
        "Action=DescribeSecurityGroups&Filter.1.Name=vpc-id&Filter.1.Value.1={}&Filter.2.Name=group-name&Filter.2.Value.1=default",
        vpc.physical_id
    );
    let full = ec2(&cloud, &ask).await;
    assert!(
        full.contains(&format!("<groupId>{group}</groupId>")) && full.contains("<cidrIp>0.0.0.0/0</cidrIp>"),
        "{full}"
    );
    let inward = format!(
        "Action=RevokeSecurityGroupIngress&GroupId={group}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId={group}"
    );
    assert!(ec2(&cloud, &inward).await.contains("<return>true</return>"));
    let outward = format!(
        "Action=RevokeSecurityGroupEgress&GroupId={group}&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0"
    );
    assert!(ec2(&cloud, &outward).await.contains("<return>true</return>"));
    assert!(ec2(&cloud, &outward).await.contains("<Code>InvalidPermission.NotFound</Code>"));
    let cloud = cloud.restart().await;
    let empty = ec2(&cloud, &ask).await;
    assert!(empty.contains("<ipPermissions></ipPermissions><ipPermissionsEgress></ipPermissionsEgress>"), "{empty}");
    let rules = ec2(&cloud, &format!("Action=DescribeSecurityGroupRules&GroupId.1={group}")).await;
    assert!(rules.contains("<securityGroupRuleSet></securityGroupRuleSet>"), "{rules}");
    assert!(ec2(&cloud, "Action=RunInstances").await.contains("the rehearsal cloud does not offer EC2 RunInstances"));
    cloud.services.stop().await;
}
