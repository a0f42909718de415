//! What creating a stack does.

use crate::support::{Cloud, REGION};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

fn chain() -> Value {
    json!({
        "Description": "A chain",
        "Parameters": {
            "Cidr": {"Type": "String", "Default": "10.0.0.0/16"},
            "Key": {"Type": "String", "NoEcho": true},
        },
        "Resources": {
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": {"Fn::Select": [0, {"Fn::Cidr": [{"Ref": "Cidr"}, 2, 8]}]},
            }},
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Cidr"}}},
        },
        "Outputs": {
            "Group": {"Value": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}, "Description": "of the network"},
            "Name": {"Value": {"Fn::Sub": "${AWS::StackName} <${AWS::Region}>"}, "Export": {"Name": "shared-name"}},
        },
    })
}

#[tokio::test]
async fn resources_come_in_order_and_outputs_carry_their_values() {
    let cloud = Cloud::start().await;
    let fields = [
        ("Parameters.member.1.ParameterKey", "Key"),
        ("Parameters.member.1.ParameterValue", "s3cret"),
        ("Tags.member.1.Key", "owner"),
        ("Tags.member.1.Value", "a & b"),
    ];
    let stack = cloud.create_and_wait("chain", &chain(), &fields).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(stack.all("OutputValue"), ["sg-1", &format!("chain <{REGION}>")]);
    assert_eq!(stack.one("ExportName"), "shared-name");
    assert_eq!(stack.all("ParameterValue"), ["10.0.0.0/16", "****"]);
    assert_eq!(stack.one("Key"), "owner");
    assert_eq!(stack.one("Value"), "a & b");
    assert!(!stack.text.contains("s3cret"));
    insta::assert_debug_snapshot!(cloud.events("chain").await, @r#"
    [
        "chain CREATE_IN_PROGRESS (User Initiated)",
        "Vpc CREATE_IN_PROGRESS",
        "Vpc CREATE_IN_PROGRESS (Resource creation Initiated)",
        "Vpc CREATE_COMPLETE",
        "Subnet CREATE_IN_PROGRESS",
        "Subnet CREATE_IN_PROGRESS (Resource creation Initiated)",
        "Subnet CREATE_COMPLETE",
        "chain CREATE_COMPLETE",
    ]
    "#);
    let subnet = cloud.made_up.requests.lock().unwrap().get("Subnet").unwrap().properties.clone();
    let tags = json!([{"Key": "owner", "Value": "a & b"}]);
    let expected = json!({"VpcId": "physical-Vpc", "CidrBlock": "10.0.0.0/24", "Tags": tags});
    assert_eq!(Value::Object(subnet), expected);
}

#[tokio::test]
async fn what_does_not_depend_on_each_other_is_made_side_by_side() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "HoldA": {"Type": "AWS::SNS::Topic"},
        "HoldB": {"Type": "AWS::SNS::Topic"},
        "After": {"Type": "AWS::SNS::Topic", "DependsOn": ["HoldA", "HoldB"]},
    }});
    cloud.create("wide", &template, &[]).await;
    cloud.made_up.wait_until_asked_for(&["HoldA", "HoldB"]).await;
    assert!(!cloud.made_up.asked.borrow().contains("After"));
    cloud.made_up.release();
    assert_eq!(cloud.settled("wide").await.one("StackStatus"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn conditions_decide_what_exists() {
    let template = json!({
        "Parameters": {"Posture": {"Type": "String", "AllowedValues": ["cold", "warm"]}},
        "Conditions": {
            "Warm": {"Fn::Equals": [{"Ref": "Posture"}, "warm"]},
            "Cold": {"Fn::Not": [{"Condition": "Warm"}]},
            "Either": {"Fn::Or": [{"Condition": "Warm"}, {"Condition": "Cold"}]},
            "Both": {"Fn::And": [{"Condition": "Warm"}, {"Condition": "Cold"}]},
        },
        "Resources": {
            "Always": {"Type": "AWS::SNS::Topic", "Condition": "Either", "Properties": {
                "DisplayName": {"Fn::If": ["Warm", {"Fn::GetAtt": ["OnlyWarm", "Arn"]}, {"Ref": "AWS::NoValue"}]},
            }},
            "OnlyWarm": {"Type": "AWS::SQS::Queue", "Condition": "Warm"},
            "Never": {"Type": "AWS::SQS::Queue", "Condition": "Both"},
        },
        "Outputs": {"Queue": {"Condition": "Warm", "Value": {"Ref": "OnlyWarm"}}},
    });
    for (posture, resources, outputs, properties) in [
        ("warm", vec!["Always", "OnlyWarm"], vec!["physical-OnlyWarm"], json!({"DisplayName": "arn:OnlyWarm"})),
        ("cold", vec!["Always"], vec![], json!({})),
    ] {
        let cloud = Cloud::start().await;
        let fields = [("Parameters.member.1.ParameterKey", "Posture"), ("Parameters.member.1.ParameterValue", posture)];
        let stack = cloud.create_and_wait("postures", &template, &fields).await;
        assert_eq!(stack.one("StackStatus"), "CREATE_COMPLETE");
        assert_eq!(stack.all("OutputValue"), outputs, "{posture}");
        let listed = cloud.call("ListStackResources", &[("StackName", "postures")]).await;
        assert_eq!(listed.all("LogicalResourceId"), resources, "{posture}");
        let always = cloud.made_up.requests.lock().unwrap().get("Always").unwrap().properties.clone();
        assert_eq!(Value::Object(always), properties, "{posture}");
    }
}

#[tokio::test]
async fn a_template_may_be_yaml_with_short_tags() {
    let cloud = Cloud::start().await;
    let body = "
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
Outputs:
  Group: {Value: !GetAtt Vpc.DefaultSecurityGroup}
  Text: {Value: !Join ['-', [!Ref Vpc, !Select [1, !Split [',', 'a,b']]]]}
";
    cloud.call("CreateStack", &[("StackName", "yaml"), ("TemplateBody", body)]).await;
    assert_eq!(cloud.settled("yaml").await.all("OutputValue"), ["sg-1", "physical-Vpc-b"]);
    let template = cloud.call("GetTemplate", &[("StackName", "yaml")]).await;
    assert_eq!(template.one("TemplateBody"), body);
}

#[tokio::test]
async fn a_client_that_dies_takes_nothing_with_it() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}).to_string();
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", "CreateStack")
        .append_pair("StackName", "orphan")
        .append_pair("TemplateBody", &template)
        .finish();
    let address = cloud.endpoint.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\n{body}",
        crate::support::authorization(REGION, "cloudformation"),
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    cloud.made_up.wait_until_asked_for(&["Topic"]).await;
    drop(connection);
    assert_eq!(cloud.settled("orphan").await.one("StackStatus"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn a_new_supervisor_carries_on_where_the_last_one_ended() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "First": {"Type": "AWS::SNS::Topic"},
        "Hold": {"Type": "AWS::SNS::Topic", "DependsOn": "First"},
        "Last": {"Type": "AWS::SNS::Topic", "DependsOn": "Hold"},
    }});
    cloud.create("long", &template, &[]).await;
    cloud.made_up.wait_until_asked_for(&["Hold"]).await;
    let cloud = cloud.restart().await;
    let status = cloud.call("DescribeStacks", &[("StackName", "long")]).await.one("StackStatus");
    assert_eq!(status, "CREATE_IN_PROGRESS");
    cloud.made_up.release();
    assert_eq!(cloud.settled("long").await.one("StackStatus"), "CREATE_COMPLETE");
    let events = cloud.events("long").await;
    assert_eq!(events.iter().filter(|event| event.starts_with("Hold CREATE_IN_PROGRESS (")).count(), 1);
    let durations = cloud.status().await;
    // The validation's three, then three topics, one after the other, two simulated seconds each.
    let simulated = &durations["durations"]["ap-southeast-1 long CREATE"]["simulated_seconds"];
    assert_eq!(simulated, &json!(9.0));
}

#[tokio::test]
async fn regions_have_stacks_of_their_own() {
    let cloud = Cloud::start().await;
    let body = json!({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}).to_string();
    let fields = [("StackName", "twin"), ("TemplateBody", body.as_str())];
    for region in ["ap-southeast-1", "ap-southeast-2"] {
        let created = cloud.call_in(region, "CreateStack", &fields).await;
        assert!(
            created.one("StackId").starts_with(&format!("arn:aws:cloudformation:{region}:123456789012:stack/twin/"))
        );
    }
    assert_eq!(cloud.call_in("us-east-1", "DescribeStacks", &[]).await.all("StackName").len(), 0);
    assert_eq!(cloud.status().await["regions"], json!(["ap-southeast-1", "ap-southeast-2"]));
}

#[tokio::test]
async fn types_that_cloudformation_makes_itself_need_no_service() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4sI"}},
    }});
    assert_eq!(cloud.create_and_wait("own", &template, &[]).await.one("StackStatus"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn what_is_configured_and_not_complete_says_so() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "HoldBucket": {"Type": "AWS::S3::Bucket", "DependsOn": "Topic"},
    }});
    cloud.create("slow", &template, &[]).await;
    let described = async || cloud.call("DescribeStacks", &[("StackName", "slow")]).await;
    while described().await.all("DetailedStatus").is_empty() {}
    // The next supervisor knows what the first has said, and says it once.
    let cloud = cloud.restart().await;
    cloud.made_up.release();
    let stack = cloud.settled("slow").await;
    assert_eq!((stack.one("StackStatus"), stack.all("DetailedStatus").len()), ("CREATE_COMPLETE".to_owned(), 0));
    let events = cloud.events("slow").await;
    let checking: Vec<&String> = events.iter().filter(|event| event.contains("consistency check")).collect();
    assert_eq!(
        checking,
        [
            "HoldBucket CREATE_IN_PROGRESS (Eventual consistency check initiated)",
            "slow CREATE_IN_PROGRESS (Eventual consistency check initiated)",
        ]
    );
    for operation in ["DescribeEvents", "DescribeStackEvents"] {
        let answer = cloud.call(operation, &[("StackName", "slow")]).await;
        assert_eq!(answer.all("DetailedStatus"), ["CONFIGURATION_COMPLETE"; 2], "{operation}");
    }
}
