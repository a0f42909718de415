//! What a call says is read, or refused by name.

use crate::support::{Answer, Cloud};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Every member of an input that botocore knows of CloudFormation, written by `tests/judges/operations.py`.
const INPUTS: &str = include_str!("../data/inputs.tsv");
const NOT_THERE: &str = "is not there yet in the rehearsal cloud";
/// Of the table that lists what is refused.
const HEAD: &str = "| input | of | refused |";

fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Operations of the capability table, and `<operation> <input>` of those that are refused.
fn documented() -> (BTreeSet<String>, BTreeSet<String>) {
    let text = fs_err::read_to_string(root().join("../../docs/rehearsal.md")).unwrap();
    let row = text.lines().find(|line| line.starts_with("| CloudFormation (`cloudformation`)")).unwrap();
    let offered = quoted(row.split('|').nth(2).unwrap()).map(str::to_owned).collect();
    let (_, table) = text.split_once(HEAD).unwrap();
    let mut refused = BTreeSet::new();
    for line in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').collect();
        for input in quoted(cells[1]) {
            refused.extend(quoted(cells[2]).map(|operation| format!("{operation} {input}")));
        }
    }
    (offered, refused)
}

/// The field as a client sends it.
fn field(path: &str) -> String {
    let entries = path.replace("[].key", ".entry.1.key").replace("[].value", ".entry.1.value");
    entries.replace("[]", ".member.1")
}

/// The text of CloudFormation's own code, without the list that is judged.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&sources(&path));
        } else if path.file_name().is_none_or(|name| name != "inputs.rs") {
            text.push_str(&fs_err::read_to_string(&path).unwrap());
        }
    }
    text
}

#[tokio::test]
async fn every_input_is_read_or_refused_by_name() {
    let cloud = Cloud::start().await;
    let (offered, documented) = documented();
    let mut refused = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for line in INPUTS.lines() {
        let (operation, path) = line.split_once('\t').unwrap();
        if !offered.contains(operation) {
            continue;
        }
        let answer = cloud.call(operation, &[(&field(path), "true")]).await;
        if answer.text.contains(NOT_THERE) {
            refused.insert(format!("{operation} {path}"));
        } else {
            taken.insert(path);
        }
    }
    assert_eq!(refused, documented, "what is refused, and the table in docs/rehearsal.md");
    let sources = sources(&root().join("src/cloudformation"));
    // These belong to answers, or are the same whatever they say; the documentation says so.
    let nothing = ["Parameters[].ResolvedValue", "TemplateStage"];
    let unread: Vec<&&str> = taken
        .iter()
        .filter(|path| !nothing.contains(*path))
        .filter(|path| {
            let leaf = path.trim_end_matches("[]").rsplit('.').next().unwrap();
            !sources.contains(&format!("\"{leaf}\"")) && !sources.contains(&format!(".{leaf}\""))
        })
        .collect();
    assert!(unread.is_empty(), "taken and never read: {unread:?}");
    let unknown = cloud.call("ListStacks", &[("Colour", "red")]).await;
    assert_eq!(unknown.one("Message"), format!("Colour of ListStacks {NOT_THERE}"));
}

fn topics(display: &str, more: Value) -> Value {
    let mut resources = json!({
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": display}},
        "Other": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": display}},
    });
    resources.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "Resources": resources })
}

/// A stack whose rollback fails on both topics.
async fn stuck(cloud: &Cloud) {
    cloud.create_and_wait("s", &topics("refuse to come back", json!({})), &[]).await;
    let fail = json!({"FailThis": {"Type": "AWS::SNS::Topic", "DependsOn": ["Topic", "Other"]}});
    let ended = cloud.update_and_wait("s", &topics("fine", fail), &[]).await;
    assert_eq!(ended.one("StackStatus"), "UPDATE_ROLLBACK_FAILED");
}

async fn resource_drift(cloud: &Cloud) -> Vec<String> {
    let id = cloud.call("DetectStackDrift", &[("StackName", "s")]).await.one("StackDriftDetectionId");
    let in_progress = |answer: &Answer| answer.one("DetectionStatus") == "DETECTION_IN_PROGRESS";
    let ask = [("StackDriftDetectionId", id.as_str())];
    while in_progress(&cloud.call("DescribeStackDriftDetectionStatus", &ask).await) {}
    cloud.call("DescribeStackResources", &[("StackName", "s")]).await.all("StackResourceDriftStatus")
}

#[tokio::test]
async fn a_rollback_is_forced_past_all_that_failed_to_go_back() {
    let cloud = Cloud::start().await;
    stuck(&cloud).await;
    let both = [("StackName", "s"), ("ForceRollback", "true"), ("ResourcesToSkip.member.1", "Topic")];
    assert!(cloud.call("ContinueUpdateRollback", &both).await.one("Message").contains("but not both"));
    let role = "arn:aws:iam::123456789012:role/deployer";
    let forced =
        [("StackName", "s"), ("ForceRollback", "true"), ("RoleARN", role), ("ClientRequestToken", "continued")];
    for _ in 0..2 {
        // A caller that heard nothing asks again with its token.
        let answer = cloud.call("ContinueUpdateRollback", &forced).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let ended = cloud.settled("s").await;
    assert_eq!(ended.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(ended.one("RoleARN"), role);
    // What was skipped is not what the template says, and a detection for the stack passes over it.
    for id in ["physical-Topic", "physical-Other"] {
        let properties = json!({"DisplayName": "fine"}).as_object().cloned().unwrap();
        let reading = como_rehearsal::provision::Reading::Properties(properties);
        cloud.made_up.readings.lock().unwrap().insert(id.to_owned(), reading);
    }
    assert_eq!(resource_drift(&cloud).await, ["NOT_CHECKED", "NOT_CHECKED"]);
    let one = [("StackName", "s"), ("LogicalResourceId", "Topic")];
    assert_eq!(cloud.call("DetectStackResourceDrift", &one).await.one("StackResourceDriftStatus"), "MODIFIED");
    cloud.update_and_wait("s", &topics("fine", json!({})), &[]).await;
    assert_eq!(resource_drift(&cloud).await, ["IN_SYNC", "IN_SYNC"]);
}

#[tokio::test]
async fn an_operation_in_another_mode_is_refused_before_it_begins() {
    let cloud = Cloud::start().await;
    let failing = json!({"Resources": {"FailThis": {"Type": "AWS::SNS::Topic"}}});
    cloud.create_and_wait("s", &failing, &[("DisableRollback", "true")]).await;
    for (operation, field, value, what) in [
        ("RollbackStack", "DeploymentConfig.Mode", "EXPRESS", "another mode than STANDARD in DeploymentConfig"),
        ("DeleteStack", "DeploymentConfig.Mode", "EXPRESS", "another mode than STANDARD in DeploymentConfig"),
        ("DeleteStack", "DeploymentConfig.DisableRollback", "true", "DisableRollback in DeploymentConfig"),
    ] {
        let answer = cloud.call(operation, &[("StackName", "s"), (field, value)]).await;
        assert_eq!(answer.one("Message"), format!("{what} of {operation} {NOT_THERE}"));
    }
    let stack = cloud.call("DescribeStacks", &[("StackName", "s")]).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_FAILED", "nothing has begun");
    let role = "arn:aws:iam::123456789012:role/deleter";
    let id = stack.one("StackId");
    let fields = [("StackName", "s"), ("DeploymentConfig.Mode", "STANDARD"), ("RoleARN", role)];
    cloud.call("DeleteStack", &fields).await;
    let deleted = cloud.settled(&id).await;
    assert_eq!((deleted.one("StackStatus"), deleted.one("RoleARN")), ("DELETE_COMPLETE".to_owned(), role.to_owned()));
}

#[tokio::test]
async fn topics_are_told_what_happens_to_the_stack() {
    let cloud = Cloud::start().await;
    let template = json!({
        "Parameters": {"Word": {"Type": "String", "NoEcho": true}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Word"}}}},
    });
    let topic = "arn:aws:sns:ap-southeast-1:123456789012:events";
    let fields = [
        ("NotificationARNs.member.1", "arn:aws:sns:ap-southeast-1:123456789012:Absent"),
        ("NotificationARNs.member.2", topic),
        ("Parameters.member.1.ParameterKey", "Word"),
        ("Parameters.member.1.ParameterValue", "hush"),
        ("ClientRequestToken", "first"),
    ];
    let id = cloud.create_and_wait("told", &template, &fields).await.one("StackId");
    let mut published = cloud.made_up.published.subscribe();
    let is_complete = |texts: &Vec<[String; 3]>| {
        texts.iter().any(|[_, _, text]| {
            text.contains(
                "ResourceStatus='CREATE_COMPLETE'\nResourceStatusReason=''\nResourceType='AWS::CloudFormation::Stack'",
            )
        })
    };
    let told = published.wait_for(is_complete).await.unwrap().clone();
    assert!(told.iter().all(|[to, subject, _]| to == topic && subject == "AWS CloudFormation Notification"));
    let lines = |text: &str| -> Vec<String> {
        let variable = ["Timestamp=", "EventId="];
        let kept = text.lines().filter(|line| !variable.iter().any(|start| line.starts_with(start)));
        kept.map(|line| line.replace(&id, "<stack>")).collect()
    };
    let texts: Vec<Vec<String>> = told.iter().map(|[_, _, text]| lines(text)).collect();
    assert_eq!(texts.len(), 5, "one for each event: {texts:#?}");
    insta::assert_snapshot!(texts.iter().map(|lines| lines.join("\n") + "\n\n").collect::<String>());
    let many: Vec<String> = (1..=6).map(|index| format!("NotificationARNs.member.{index}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), topic)).collect();
    let refused = cloud.create("many", &topics("x", json!({})), &many).await;
    assert!(refused.one("Message").contains("'notificationARNs'"), "{}", refused.text);
}
