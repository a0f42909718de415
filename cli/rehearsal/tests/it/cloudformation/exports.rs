//! Values that stacks give to each other.

use crate::support::Cloud;
use serde_json::{Value, json};

fn exporter(value: &str) -> Value {
    json!({
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Name": {"Value": value, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-name"}}}},
    })
}

fn importer(name: Value) -> Value {
    let topic = json!({"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::ImportValue": name}}});
    json!({ "Resources": {"Topic": topic} })
}

#[tokio::test]
async fn what_one_stack_exports_others_import() {
    let cloud = Cloud::start().await;
    let stack = cloud.create_and_wait("giver", &exporter("alpha"), &[]).await;
    assert_eq!(stack.one("ExportName"), "giver-name");
    let refused = cloud.call("ListImports", &[("ExportName", "giver-name")]).await;
    assert_eq!(refused.one("Message"), "Export 'giver-name' is not imported by any stack.");
    cloud.create_and_wait("taker", &importer(json!({"Fn::Join": ["-", ["giver", "name"]]})), &[]).await;
    assert_eq!(cloud.made_up.requests.lock().unwrap()["Topic"].properties["TopicName"], "alpha");
    let listed = cloud.call("ListExports", &[]).await;
    assert_eq!((listed.one("Name"), listed.one("Value")), ("giver-name".to_owned(), "alpha".to_owned()));
    let imports = cloud.call("ListImports", &[("ExportName", "giver-name")]).await;
    assert_eq!(imports.all("member"), ["taker"]);
    let elsewhere = cloud.call_in("us-east-1", "ListExports", &[]).await;
    assert!(elsewhere.all("Name").is_empty());
}

#[tokio::test]
async fn an_export_in_use_is_neither_changed_nor_deleted() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("giver", &exporter("alpha"), &[]).await;
    cloud.create_and_wait("taker", &importer(json!("giver-name")), &[]).await;
    let changed = cloud.update_and_wait("giver", &exporter("beta"), &[]).await;
    assert_eq!(changed.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let gone = json!({ "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}} });
    cloud.update_and_wait("giver", &gone, &[]).await;
    let events = cloud.events("giver").await;
    for verb in ["update", "delete"] {
        let reason = format!("Cannot {verb} export giver-name as it is in use by taker.");
        assert!(events.iter().any(|event| event.contains(&reason)), "{reason} in {events:#?}");
    }
    assert_eq!(cloud.settled("giver").await.one("OutputValue"), "alpha");
    let answer = cloud.call("DeleteStack", &[("StackName", "giver")]).await;
    assert_eq!(answer.status, 200);
    let kept = cloud.settled("giver").await;
    assert_eq!(kept.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let reason = "Delete canceled. Cannot delete export giver-name as it is in use by taker.";
    assert_eq!(kept.one("StackStatusReason"), reason);
    // Who does not import any more holds nothing.
    cloud.update_and_wait("taker", &importer_of_nothing(), &[]).await;
    let id = kept.one("StackId");
    cloud.call("DeleteStack", &[("StackName", "giver")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
}

fn importer_of_nothing() -> Value {
    json!({ "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "own"}}} })
}

#[tokio::test]
async fn an_export_that_is_not_there_ends_the_operation() {
    let cloud = Cloud::start().await;
    let stack = cloud.create_and_wait("taker", &importer(json!("nobody")), &[]).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    let reason = "No export named nobody found. Rollback requested by user.";
    let events = cloud.events("taker").await;
    assert!(events.iter().any(|event| event.contains(reason)), "{events:#?}");
    let body = importer(json!("nobody")).to_string();
    let fields = [
        ("StackName", "other"),
        ("ChangeSetName", "one"),
        ("ChangeSetType", "CREATE"),
        ("TemplateBody", body.as_str()),
    ];
    cloud.call("CreateChangeSet", &fields).await;
    let set = cloud.call("DescribeChangeSet", &[("StackName", "other"), ("ChangeSetName", "one")]).await;
    let told = (set.one("Status"), set.one("StatusReason"));
    assert_eq!(told, ("FAILED".to_owned(), "No export named nobody found.".to_owned()));
}

#[tokio::test]
async fn a_name_is_exported_once_in_a_region() {
    let cloud = Cloud::start().await;
    let named = |name: &str| {
        json!({
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {"Name": {"Value": "x", "Export": {"Name": name}}},
        })
    };
    cloud.create_and_wait("first", &named("taken"), &[]).await;
    let second = cloud.create_and_wait("second", &named("taken"), &[]).await;
    assert_eq!(second.one("StackStatus"), "ROLLBACK_COMPLETE");
    let reason = "Export with name taken is already exported by stack first. Rollback requested by user.";
    let events = cloud.events("second").await;
    assert!(events.iter().any(|event| event.contains(reason)), "{events:#?}");
}

#[tokio::test]
async fn functions_that_hang_on_nothing_are_refused_at_the_call() {
    let cloud = Cloud::start().await;
    let template = |name: Value| {
        let topic = json!({"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}});
        json!({
            "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "a,b"}},
            "Resources": {"Topic": topic, "Other": {"Type": "AWS::SNS::Topic"}},
        })
    };
    let beyond = "Template error: Fn::Select cannot select nonexistent value at index 2";
    let join = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of \
                strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
    let select = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list";
    for (name, message) in [
        (json!({"Fn::Select": [2, ["a", "b"]]}), beyond),
        (json!({"Fn::Select": ["2", {"Ref": "Names"}]}), beyond),
        (json!({"Fn::Sub": ["${x}", {"x": {"Fn::Select": [2, {"Fn::Split": ["-", "a-b"]}]}}]}), beyond),
        (json!({"Fn::Select": ["x", ["a", "b"]]}), select),
        (json!({"Fn::Select": [0]}), select),
        (json!({"Fn::Join": ["-", "ab"]}), join),
        (json!({"Fn::Join": ["-", [["a"], {"Ref": "Other"}]]}), ""),
        (json!({"Fn::Join": [["-"], [{"Ref": "Other"}]]}), join),
        (json!({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "Other"}]}]}), ""),
    ] {
        let answer = cloud.create("refused", &template(name.clone()), &[("OnFailure", "DELETE")]).await;
        match message {
            "" => {
                assert_eq!(answer.status, 200, "{name}: {}", answer.text);
                cloud.settled(&answer.one("StackId")).await;
            }
            message => assert_eq!(answer.one("Message"), message, "{name}"),
        }
    }
}

#[tokio::test]
async fn stacks_tell_of_themselves() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("told", &exporter("alpha"), &[("ClientRequestToken", "token-1")]).await;
    let mut notices = cloud.made_up.notices.subscribe();
    let is_last = |notices: &Vec<como_rehearsal::provision::Notice>| {
        notices
            .iter()
            .any(|notice| notice.detail["status-details"]["status"] == "CREATE_COMPLETE" && is_of_stack(notice))
    };
    let notices = notices.wait_for(is_last).await.unwrap().clone();
    let told: Vec<String> = notices
        .iter()
        .map(|notice| {
            assert_eq!(notice.detail["client-request-token"], "token-1");
            let logical_id = notice.detail["logical-resource-id"].as_str().unwrap_or("the stack");
            format!("{logical_id} {}", notice.detail["status-details"]["status"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told.first().map(String::as_str), Some("the stack CREATE_IN_PROGRESS"));
    assert_eq!(told.last().map(String::as_str), Some("the stack CREATE_COMPLETE"));
    assert!(told.contains(&"Topic CREATE_COMPLETE".to_owned()), "{told:?}");
}

fn is_of_stack(notice: &como_rehearsal::provision::Notice) -> bool {
    notice.kind == "CloudFormation Stack Status Change"
}
