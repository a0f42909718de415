use super::cloud::{Cloud, refused};
use serde_json::json;

#[tokio::test]
async fn identifiers_look_as_aws_makes_them() {
    let cloud = Cloud::new().await;
    let vpc = cloud.create("AWS::EC2::VPC", "Vpc", json!({ "CidrBlock": "10.0.0.0/16" })).await;
    let mut seen = Vec::new();
    let properties = json!({
        "VpcId": vpc.physical_id, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "ap-southeast-1a",
        "RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "LogGroupName": "/como",
        "RoleName": "como-role",
    });
    for resource_type in [
        "AWS::EC2::Subnet",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::EC2::Route",
        "AWS::EC2::EIP",
        "AWS::EC2::NatGateway",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::FlowLog",
        "AWS::Logs::LogGroup",
        "AWS::IAM::Role",
        "AWS::ApiGatewayV2::VpcLink",
        "AWS::ApiGateway::Account",
        "AWS::CertificateManager::Certificate",
    ] {
        let created = cloud.create(resource_type, "Resource", properties.clone()).await;
        let attributes: Vec<String> =
            created.attributes.iter().map(|(name, value)| format!("  {name}: {value}")).collect();
        seen.push(format!("{resource_type}: {}\n{}", created.physical_id, attributes.join("\n")));
    }
    insta::assert_snapshot!(seen.join("\n"));
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let cloud = Cloud::new().await;
    let properties = json!({ "LogGroupName": "/como/test" });
    cloud.create("AWS::Logs::LogGroup", "A", properties.clone()).await;
    // The same resource again is the same resource: an operation that went on after a restart.
    cloud.create("AWS::Logs::LogGroup", "A", properties.clone()).await;
    let message = refused(cloud.try_create("AWS::Logs::LogGroup", "B", properties.clone()).await);
    assert_eq!(message, "/como/test already exists");
    let cloud = cloud.restart().await;
    refused(cloud.try_create("AWS::Logs::LogGroup", "B", properties.clone()).await);
    cloud.delete("AWS::Logs::LogGroup", "/como/test", json!({})).await.unwrap();
    cloud.create("AWS::Logs::LogGroup", "B", properties).await;
}

#[tokio::test]
async fn an_unknown_type_is_named() {
    let cloud = Cloud::new().await;
    let message = refused(cloud.try_create("AWS::Nope::Nothing", "X", json!({})).await);
    assert_eq!(message, "the rehearsal cloud does not offer AWS::Nope::Nothing");
}
