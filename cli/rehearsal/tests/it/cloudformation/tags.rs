//! Tags of a stack reach its resources.

use crate::support::Cloud;
use serde_json::{Value, json};

fn template() -> Value {
    json!({"Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "own", "Value": "1"}]}},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"PolicyDocument": {}, "Queues": ["q"]}},
    }})
}

fn owner(value: &str) -> [(&str, &str); 2] {
    [("Tags.member.1.Key", "owner"), ("Tags.member.1.Value", value)]
}

#[tokio::test]
async fn tags_of_the_stack_are_put_on_resources_and_change_there() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &template(), &owner("ops")).await;
    let made = cloud.made_up.requests.lock().unwrap()["Topic"].properties["Tags"].clone();
    assert_eq!(made, json!([{"Key": "own", "Value": "1"}, {"Key": "owner", "Value": "ops"}]));

    let body = template().to_string();
    let mut fields = vec![("StackName", "s"), ("ChangeSetName", "set"), ("TemplateBody", body.as_str())];
    fields.extend(owner("dev"));
    cloud.call("CreateChangeSet", &fields).await;
    let set = cloud.call("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "set")]).await;
    assert_eq!(set.one("LogicalResourceId"), "Topic", "{}", set.text);
    assert_eq!((set.one("Action"), set.one("Replacement")), ("Modify".to_owned(), "False".to_owned()));
    assert_eq!((set.one("Attribute"), set.one("Scope")), ("Tags".to_owned(), "<member>Tags</member>".to_owned()));

    assert_eq!(cloud.update_and_wait("s", &template(), &owner("dev")).await.one("StackStatus"), "UPDATE_COMPLETE");
    let update = cloud.made_up.updates.lock().unwrap().pop().unwrap();
    assert_eq!(update.wanted.properties["Tags"][1], json!({"Key": "owner", "Value": "dev"}));
    assert_eq!(update.before["Tags"][1], json!({"Key": "owner", "Value": "ops"}));
    let events = cloud.events("s").await;
    assert!(!events.contains(&"Policy UPDATE_IN_PROGRESS".to_owned()), "{events:#?}");
    let again = cloud.update("s", &template(), &owner("dev")).await;
    assert_eq!(again.one("Message"), "No updates are to be performed.");
}

#[tokio::test]
async fn a_rollback_brings_the_old_tags_back() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &template(), &owner("ops")).await;
    let mut failing = template();
    failing["Resources"]["FailThis"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": "Topic"});
    let ended = cloud.update_and_wait("s", &failing, &owner("dev")).await;
    assert_eq!(ended.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let update = cloud.made_up.updates.lock().unwrap().pop().unwrap();
    assert_eq!(update.wanted.properties["Tags"][1], json!({"Key": "owner", "Value": "ops"}));
}
