//! Resources that exist are taken into stacks.

use crate::support::{Answer, Cloud};
use serde_json::{Value, json};

fn queue(name: &str) -> Value {
    json!({"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": {"QueueName": name}})
}

fn with(more: Value) -> Value {
    let mut resources = json!({"Topic": {"Type": "AWS::SNS::Topic"}});
    resources.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "Resources": resources })
}

async fn create_set(cloud: &Cloud, kind: &str, template: &Value, more: &[(&str, &str)]) -> Answer {
    let body = template.to_string();
    let mut fields =
        vec![("StackName", "s"), ("ChangeSetName", "set"), ("ChangeSetType", kind), ("TemplateBody", body.as_str())];
    fields.extend_from_slice(more);
    cloud.call("CreateChangeSet", &fields).await
}

const QUEUE: [(&str, &str); 4] = [
    ("ResourcesToImport.member.1.ResourceType", "AWS::SQS::Queue"),
    ("ResourcesToImport.member.1.LogicalResourceId", "Queue"),
    ("ResourcesToImport.member.1.ResourceIdentifier.entry.1.key", "QueueUrl"),
    ("ResourcesToImport.member.1.ResourceIdentifier.entry.1.value", "mine"),
];
const SET: [(&str, &str); 2] = [("StackName", "s"), ("ChangeSetName", "set")];

async fn describe(cloud: &Cloud) -> Answer {
    cloud.call("DescribeChangeSet", &SET).await
}

#[tokio::test]
async fn an_import_takes_a_resource_as_it_is() {
    let cloud = Cloud::start().await;
    cloud
        .create_and_wait("s", &with(json!({})), &[("Tags.member.1.Key", "owner"), ("Tags.member.1.Value", "ops")])
        .await;
    cloud.made_up.exists("mine");
    let created = create_set(&cloud, "IMPORT", &with(json!({"Queue": queue("mine")})), &QUEUE).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let set = describe(&cloud).await;
    assert_eq!(set.one("ExecutionStatus"), "AVAILABLE", "{}", set.text);
    assert_eq!((set.one("Action"), set.one("PhysicalResourceId")), ("Import".to_owned(), "mine".to_owned()));
    let before = cloud.events("s").await.len();
    assert_eq!(cloud.call("ExecuteChangeSet", &SET).await.status, 200);
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "IMPORT_COMPLETE");
    insta::assert_debug_snapshot!(cloud.events("s").await[before..], @r#"
    [
        "s IMPORT_IN_PROGRESS (User Initiated)",
        "Queue IMPORT_IN_PROGRESS (Resource import started.)",
        "Queue IMPORT_COMPLETE (Resource import completed.)",
        "Queue UPDATE_IN_PROGRESS (Apply stack-level tags to imported resource if applicable.)",
        "Queue UPDATE_COMPLETE (Stack-level tags applied to imported resource.)",
        "s IMPORT_COMPLETE",
    ]
    "#);
    assert_eq!(describe(&cloud).await.one("ExecutionStatus"), "EXECUTE_COMPLETE");
    // From here on it is a resource like the others.
    let mut changed = with(json!({"Queue": queue("mine")}));
    changed["Resources"]["Queue"]["Properties"]["DelaySeconds"] = json!(5);
    assert_eq!(cloud.update_and_wait("s", &changed, &[]).await.one("StackStatus"), "UPDATE_COMPLETE");
    let update = cloud.made_up.updates.lock().unwrap().pop().unwrap();
    assert_eq!((update.physical_id.as_str(), &update.wanted.properties["DelaySeconds"]), ("mine", &json!(5)));
}

#[tokio::test]
async fn an_import_can_make_a_stack() {
    let cloud = Cloud::start().await;
    cloud.made_up.exists("mine");
    create_set(&cloud, "IMPORT", &json!({"Resources": {"Queue": queue("mine")}}), &QUEUE).await;
    cloud.call("ExecuteChangeSet", &SET).await;
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "IMPORT_COMPLETE");
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(listed.all("PhysicalResourceId"), ["mine"]);
}

#[tokio::test]
async fn an_import_says_what_is_in_its_way() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &with(json!({})), &[]).await;
    cloud.create_and_wait("other", &json!({"Resources": {"Queue": queue("theirs")}}), &[]).await;
    let theirs: Vec<(&str, &str)> =
        QUEUE.into_iter().map(|(key, value)| (key, if value == "mine" { "theirs" } else { value })).collect();
    let mut careless = queue("mine");
    careless.as_object_mut().unwrap().remove("DeletionPolicy");
    let refused = create_set(&cloud, "IMPORT", &with(json!({"Queue": careless})), &QUEUE).await;
    assert_eq!(
        refused.one("Message"),
        "Resources [Queue] to import must have DeletionPolicy attribute specified in the template."
    );
    let refused = create_set(&cloud, "UPDATE", &with(json!({"Queue": queue("mine")})), &QUEUE).await;
    assert!(refused.one("Message").contains("can only be specified"), "{}", refused.text);
    let mut outputs = with(json!({"Queue": queue("mine")}));
    outputs["Outputs"] = json!({"New": {"Value": "x"}});
    for (template, fields, reason) in [
        (with(json!({"Queue": queue("mine")})), QUEUE.as_slice(), "was not found"),
        (with(json!({"Queue": queue("theirs")})), theirs.as_slice(), "already exists in stack arn:"),
        (
            with(json!({"Queue": queue("mine"), "Another": queue("second")})),
            QUEUE.as_slice(),
            "Resources [Another] is missing from ResourceToImport list",
        ),
        (
            json!({"Resources": {"Queue": queue("mine")}}),
            QUEUE.as_slice(),
            "You have modified resources [Topic] in your template that are not being imported.",
        ),
        (outputs, QUEUE.as_slice(), "you cannot modify or add [Outputs]"),
    ] {
        let created = create_set(&cloud, "IMPORT", &template, fields).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let set = describe(&cloud).await;
        assert_eq!(set.one("Status"), "FAILED");
        assert!(set.one("StatusReason").contains(reason), "{reason} in {}", set.text);
        cloud.call("DeleteChangeSet", &SET).await;
    }
}

#[tokio::test]
async fn an_import_that_fails_gives_everything_back() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("s", &with(json!({})), &[]).await;
    cloud.made_up.exists("mine");
    create_set(&cloud, "IMPORT", &with(json!({"Queue": queue("mine")})), &QUEUE).await;
    cloud.made_up.vanishes("mine");
    cloud.call("ExecuteChangeSet", &SET).await;
    let ended = cloud.settled("s").await;
    assert_eq!(ended.one("StackStatus"), "IMPORT_ROLLBACK_COMPLETE");
    let events = cloud.events("s").await;
    let reason = "s IMPORT_ROLLBACK_IN_PROGRESS (The following resource(s) failed to import: [Queue]. )";
    assert!(events.contains(&reason.to_owned()), "{events:#?}");
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(listed.all("LogicalResourceId"), ["Topic"]);
    // The stack can be updated as before.
    let next = with(json!({"More": {"Type": "AWS::SNS::Topic"}}));
    assert_eq!(cloud.update_and_wait("s", &next, &[]).await.one("StackStatus"), "UPDATE_COMPLETE");
}

#[tokio::test]
async fn what_exists_may_be_taken_along_by_a_creation_or_an_update() {
    let existing = [("ImportExistingResources", "true")];
    for (kind, before, after) in [("CREATE", "", "CREATE_COMPLETE"), ("UPDATE", "CREATE_COMPLETE", "UPDATE_COMPLETE")] {
        let cloud = Cloud::start().await;
        if !before.is_empty() {
            cloud.create_and_wait("s", &with(json!({})), &[]).await;
        }
        cloud.made_up.exists("mine");
        let template = with(json!({"Queue": queue("mine"), "New": queue("fresh")}));
        let plain = create_set(&cloud, kind, &template, &[]).await;
        assert_eq!(plain.status, 200, "{}", plain.text);
        assert!(!describe(&cloud).await.all("Action").contains(&"Import".to_owned()));
        cloud.call("DeleteChangeSet", &SET).await;
        create_set(&cloud, kind, &template, &existing).await;
        let set = describe(&cloud).await;
        assert_eq!(set.one("ImportExistingResources"), "true");
        assert_eq!(set.all("Action").iter().filter(|action| *action == "Import").count(), 1, "{}", set.text);
        cloud.call("ExecuteChangeSet", &SET).await;
        assert_eq!(cloud.settled("s").await.one("StackStatus"), after);
        let events = cloud.events("s").await;
        for expected in ["Queue IMPORT_COMPLETE (Resource import completed.)", "New CREATE_COMPLETE"] {
            assert!(events.contains(&expected.to_owned()), "{expected} in {events:#?}");
        }
    }
}

#[tokio::test]
async fn what_was_taken_along_outlives_a_rollback() {
    let cloud = Cloud::start().await;
    cloud.made_up.exists("mine");
    let failing = json!({"Type": "AWS::SNS::Topic", "DependsOn": "Queue"});
    let template = with(json!({"Queue": queue("mine"), "FailThis": failing}));
    create_set(&cloud, "CREATE", &template, &[("ImportExistingResources", "true")]).await;
    cloud.call("ExecuteChangeSet", &[SET[0], SET[1], ("RetainExceptOnCreate", "true")]).await;
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "ROLLBACK_COMPLETE");
    let events = cloud.events("s").await;
    assert!(events.contains(&"Queue DELETE_SKIPPED".to_owned()), "{events:#?}");
    assert!(!cloud.made_up.deleted.lock().unwrap().contains("mine"));
}

#[tokio::test]
async fn what_keeps_the_stacks_tags_stays_in_the_stack() {
    let cloud = Cloud::start().await;
    let tags = [("Tags.member.1.Key", "owner"), ("Tags.member.1.Value", "ops")];
    cloud.create_and_wait("s", &with(json!({})), &tags).await;
    let fault = json!({"do": "fail", "logical-id": "Queue", "on": "update", "nth": 2, "message": "not now"});
    cloud.admin("faults", json!({"seed": 7, "faults": [fault]})).await;
    for name in ["mine", "other"] {
        cloud.made_up.exists(name);
    }
    let second = QUEUE.map(|(key, value)| {
        let value = if value == "Queue" { "Other" } else { value };
        (key.replace("member.1", "member.2"), value.replace("mine", "other"))
    });
    let second = second.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = QUEUE.into_iter().chain(second).collect();
    let template = with(json!({"Queue": queue("mine"), "Other": queue("other")}));
    let set = create_set(&cloud, "IMPORT", &template, &fields).await;
    assert_eq!(set.status, 200, "{}", set.text);
    cloud.made_up.vanishes("other");
    cloud.call("ExecuteChangeSet", &SET).await;
    let ended = cloud.settled("s").await;
    assert_eq!(ended.one("StackStatus"), "IMPORT_ROLLBACK_FAILED", "{:#?}", cloud.events("s").await);
    assert_eq!(ended.one("StackStatusReason"), "The following resource(s) failed to roll back: [Queue]. ");
    let id = ended.one("StackId");
    cloud.call("DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
    assert!(!cloud.made_up.deleted.lock().unwrap().contains("mine"));
}
