//! Pages, tokens and operations that are not there.

use crate::support::Cloud;
use serde_json::{Map, Value, json};

fn topics(count: usize) -> Value {
    let resources: Map<String, Value> =
        (0..count).map(|index| (format!("Topic{index}"), json!({"Type": "AWS::SNS::Topic"}))).collect();
    json!({ "Resources": resources })
}

#[tokio::test]
async fn lists_come_in_pages() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("many", &topics(120), &[]).await;
    for (action, tag, expected, pages) in [
        // Three for each topic and two of the stack.
        ("DescribeStackEvents", "EventId", 362, 4),
        ("ListStackResources", "LogicalResourceId", 120, 2),
    ] {
        let mut found = Vec::new();
        let mut asked = 0;
        let mut token: Option<String> = None;
        loop {
            asked += 1;
            let mut fields = vec![("StackName", "many")];
            if let Some(token) = &token {
                fields.push(("NextToken", token));
            }
            let answer = cloud.call(action, &fields).await;
            found.extend(answer.all(tag));
            match answer.all("NextToken").pop() {
                Some(next) => token = Some(next),
                None => break,
            }
        }
        assert_eq!((found.len(), asked), (expected, pages), "{action}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), expected, "{action}");
    }
    let newest = cloud.call("DescribeStackEvents", &[("StackName", "many")]).await.all("ResourceStatus");
    assert_eq!(newest.first().map(String::as_str), Some("CREATE_COMPLETE"));
}

#[tokio::test]
async fn a_repeated_call_with_the_same_token_is_one_call() {
    let cloud = Cloud::start().await;
    let first = cloud.create("once", &topics(1), &[("ClientRequestToken", "t1")]).await;
    let second = cloud.create("once", &topics(1), &[("ClientRequestToken", "t1")]).await;
    assert_eq!(first.one("StackId"), second.one("StackId"));
    let other = cloud.create("once", &topics(1), &[("ClientRequestToken", "t2")]).await;
    assert_eq!(
        (other.one("Code").as_str(), other.one("Message").as_str()),
        ("AlreadyExistsException", "Stack [once] already exists")
    );
    cloud.settled("once").await;
    let events = cloud.call("DescribeStackEvents", &[("StackName", "once")]).await;
    assert!(events.all("ClientRequestToken").iter().all(|token| token == "t1"));
}

#[tokio::test]
async fn what_is_not_there_says_so_by_name() {
    let cloud = Cloud::start().await;
    for action in ["CreateStackSet", "ListTypes", "Frobnicate"] {
        let answer = cloud.call(action, &[("StackName", "x")]).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.one("Code"), "InvalidAction");
        assert_eq!(
            answer.one("Message"),
            format!("{action} of CloudFormation is not there yet in the rehearsal cloud")
        );
    }
    for (action, message) in [
        ("DescribeStacks", "Stack with id nobody does not exist"),
        ("GetTemplate", "Stack with id nobody does not exist"),
        ("DescribeStackEvents", "Stack [nobody] does not exist"),
    ] {
        let answer = cloud.call(action, &[("StackName", "nobody")]).await;
        assert_eq!((answer.one("Code").as_str(), answer.one("Message").as_str()), ("ValidationError", message));
    }
    assert_eq!(cloud.raw("sqs").await.text, "sqs in ap-southeast-1");
}

#[tokio::test]
async fn a_template_is_summarised_without_making_anything() {
    let cloud = Cloud::start().await;
    let template = json!({
        "Description": "roles",
        "Parameters": {"Size": {"Type": "Number", "Default": 2, "AllowedValues": [1, 2]}},
        "Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}},
    })
    .to_string();
    let summary = cloud.call("GetTemplateSummary", &[("TemplateBody", &template)]).await;
    assert_eq!(summary.one("ParameterKey"), "Size");
    assert_eq!(summary.one("DefaultValue"), "2");
    assert!(summary.text.contains("<ResourceTypes><member>AWS::IAM::Role</member></ResourceTypes>"));
    assert_eq!(summary.one("ResourceIdentifiers"), "<member>RoleName</member>");
    let validated = cloud.call("ValidateTemplate", &[("TemplateBody", &template)]).await;
    assert!(validated.text.contains("<Capabilities><member>CAPABILITY_IAM</member></Capabilities>"));
    assert_eq!(cloud.call("ListStacks", &[]).await.all("StackId").len(), 0);
}
