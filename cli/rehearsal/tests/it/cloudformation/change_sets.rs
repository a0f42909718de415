//! Change sets.

use crate::support::{Answer, Cloud};
use serde_json::{Value, json};

async fn create_set(
    cloud: &Cloud,
    stack: &str,
    name: &str,
    kind: &str,
    template: &Value,
    more: &[(&str, &str)],
) -> Answer {
    let body = template.to_string();
    let mut fields =
        vec![("StackName", stack), ("ChangeSetName", name), ("ChangeSetType", kind), ("TemplateBody", body.as_str())];
    fields.extend_from_slice(more);
    cloud.call("CreateChangeSet", &fields).await
}

async fn describe(cloud: &Cloud, stack: &str, name: &str) -> Answer {
    let fields = [("StackName", stack), ("ChangeSetName", name), ("IncludePropertyValues", "true")];
    cloud.call("DescribeChangeSet", &fields).await
}

/// The changes, a line each, with a line for each detail.
fn lines(answer: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    for text in answer.all("ResourceChange") {
        let change = Answer { status: 200, text: text.clone() };
        let first = |tag: &str| change.all(tag).into_iter().next().unwrap_or_else(|| "-".to_owned());
        lines.push(format!(
            "{} {} replacement {} policy {}",
            first("Action"),
            first("LogicalResourceId"),
            first("Replacement"),
            first("PolicyAction")
        ));
        let details = text.split("<Target>").skip(1);
        for detail in details {
            let detail = Answer { status: 200, text: detail.to_owned() };
            let first = |tag: &str| detail.all(tag).into_iter().next().unwrap_or_else(|| "-".to_owned());
            lines.push(format!(
                "  {} {} -> {} {} {} {} {}",
                first("Path"),
                first("BeforeValue"),
                first("AfterValue"),
                first("RequiresRecreation"),
                first("Evaluation"),
                first("ChangeSource"),
                first("CausingEntity")
            ));
        }
    }
    lines
}

fn network(cidr: &str) -> Value {
    json!({
        "Parameters": {"Name": {"Type": "String", "Default": "a"}, "Key": {"Type": "String", "NoEcho": true, "Default": "s3cret"}},
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::Sub": "${Name} ${Key}"}}},
            "Hangs": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["Topic", "TopicArn"]}}},
            "Old": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"},
        },
    })
}

#[tokio::test]
async fn a_new_stack_is_reviewed_before_it_is_made() {
    let cloud = Cloud::start().await;
    let created = create_set(&cloud, "s", "first", "CREATE", &network("10.0.0.0/16"), &[]).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let stack = cloud.call("DescribeStacks", &[("StackName", "s")]).await;
    assert_eq!(stack.one("StackStatus"), "REVIEW_IN_PROGRESS");
    let set = describe(&cloud, "s", "first").await;
    assert_eq!((set.one("Status"), set.one("ExecutionStatus")), ("CREATE_COMPLETE".to_owned(), "AVAILABLE".to_owned()));
    assert_eq!(set.all("Action"), ["Add"; 5]);
    assert!(!set.text.contains("s3cret"), "{}", set.text);
    let executed = cloud.call("ExecuteChangeSet", &[("ChangeSetName", &created.one("Id"))]).await;
    assert_eq!(executed.status, 200, "{}", executed.text);
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(describe(&cloud, "s", "first").await.one("ExecutionStatus"), "EXECUTE_COMPLETE");
    assert_eq!(stack.one("StackId"), created.one("StackId"));
    let again = create_set(&cloud, "s", "second", "CREATE", &network("10.0.0.0/16"), &[]).await;
    assert_eq!(
        again.one("Message"),
        "Stack [s] already exists and cannot be created again with the changeSet [second]."
    );
}

#[tokio::test]
async fn a_change_set_tells_causes_and_replacements() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &network("10.0.0.0/16"), &[]).await;
    let mut next = network("10.1.0.0/16");
    next["Resources"]["Old"] = Value::Null;
    next["Resources"].as_object_mut().unwrap().remove("Old");
    next["Resources"]["New"] = json!({"Type": "AWS::SQS::Queue"});
    let parameters = [("Parameters.member.1.ParameterKey", "Name"), ("Parameters.member.1.ParameterValue", "b")];
    let created = create_set(&cloud, "s", "change", "UPDATE", &next, &parameters).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let set = describe(&cloud, "s", "change").await;
    insta::assert_debug_snapshot!(lines(&set));
    assert_eq!(cloud.call("DescribeStacks", &[("StackName", "s")]).await.one("StackStatus"), "CREATE_COMPLETE");
    let listed = cloud.call("ListChangeSets", &[("StackName", "s")]).await;
    assert_eq!(listed.one("ChangeSetName"), "change");
    cloud.call("ExecuteChangeSet", &[("StackName", "s"), ("ChangeSetName", "change")]).await;
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_COMPLETE");
    let events = cloud.events("s").await;
    assert!(!events.contains(&"Hangs UPDATE_IN_PROGRESS".to_owned()), "{events:#?}");
    assert!(events.contains(&"Old DELETE_SKIPPED".to_owned()), "{events:#?}");
}

#[tokio::test]
async fn a_change_set_without_changes_fails() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &network("10.0.0.0/16"), &[]).await;
    create_set(&cloud, "s", "same", "UPDATE", &network("10.0.0.0/16"), &[]).await;
    let set = describe(&cloud, "s", "same").await;
    assert_eq!((set.one("Status"), set.one("ExecutionStatus")), ("FAILED".to_owned(), "UNAVAILABLE".to_owned()));
    assert_eq!(
        set.one("StatusReason"),
        "The submitted information didn't contain changes. Submit different information to create a change set."
    );
    let refused = cloud.call("ExecuteChangeSet", &[("StackName", "s"), ("ChangeSetName", "same")]).await;
    assert_eq!(refused.one("Code"), "InvalidChangeSetStatus");
    let mut other = network("10.0.0.0/16");
    other["Outputs"] = json!({"Topic": {"Value": {"Ref": "Topic"}}});
    create_set(&cloud, "s", "output", "UPDATE", &other, &[]).await;
    assert_eq!(describe(&cloud, "s", "output").await.one("Status"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn change_sets_can_be_deleted_and_grow_old() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &network("10.0.0.0/16"), &[]).await;
    for name in ["one", "two"] {
        create_set(&cloud, "s", name, "UPDATE", &network("10.1.0.0/16"), &[]).await;
    }
    let again = create_set(&cloud, "s", "one", "UPDATE", &network("10.1.0.0/16"), &[]).await;
    assert_eq!(again.one("Code"), "AlreadyExistsException");
    assert_eq!(cloud.call("DeleteChangeSet", &[("StackName", "s"), ("ChangeSetName", "one")]).await.status, 200);
    let missing = describe(&cloud, "s", "one").await;
    assert_eq!((missing.status, missing.one("Code")), (404, "ChangeSetNotFound".to_owned()));
    cloud.update_and_wait("s", &network("10.2.0.0/16"), &[]).await;
    assert_eq!(describe(&cloud, "s", "two").await.one("ExecutionStatus"), "OBSOLETE");
}

#[tokio::test]
async fn an_empty_stack_of_a_change_set_can_be_deleted() {
    let cloud = Cloud::start().await;
    let created = create_set(&cloud, "s", "first", "CREATE", &network("10.0.0.0/16"), &[]).await;
    cloud.call("DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(cloud.settled(&created.one("StackId")).await.one("StackStatus"), "DELETE_COMPLETE");
}
