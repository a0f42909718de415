//! What updating a stack does.

use crate::support::Cloud;
use serde_json::{Value, json};

fn template(resources: Value) -> Value {
    json!({ "Resources": resources })
}

async fn stack(name: &str, resources: Value) -> Cloud {
    let cloud = Cloud::start().await;
    let created = cloud.create_and_wait(name, &template(resources), &[]).await;
    assert_eq!(created.one("StackStatus"), "CREATE_COMPLETE");
    cloud
}

/// The events since the update began.
async fn since_update(cloud: &Cloud, name: &str) -> Vec<String> {
    let events = cloud.events(name).await;
    let begin = events.iter().rposition(|event| event.ends_with("UPDATE_IN_PROGRESS (User Initiated)")).unwrap();
    events[begin..].to_vec()
}

#[tokio::test]
async fn a_change_in_place_and_a_new_resource_come_before_what_is_removed() {
    let cloud = stack(
        "s",
        json!({
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one"}},
            "Old": {"Type": "AWS::SNS::Topic"},
            "Same": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Topic"}}},
        }),
    )
    .await;
    let next = template(json!({
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "two"}},
        "Same": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Topic"}}},
        "New": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic"},
    }));
    assert_eq!(cloud.update_and_wait("s", &next, &[]).await.one("StackStatus"), "UPDATE_COMPLETE");
    insta::assert_debug_snapshot!(since_update(&cloud, "s").await);
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(listed.all("LogicalResourceId"), ["Topic", "Same", "New"]);
    let update = cloud.made_up.updates.lock().unwrap().remove(0);
    assert_eq!(
        (update.before["DisplayName"].clone(), update.wanted.properties["DisplayName"].clone()),
        (json!("one"), json!("two"))
    );
}

fn network(cidr: &str, policy: &str) -> Value {
    json!({
        "Vpc": {"Type": "AWS::EC2::VPC", "UpdateReplacePolicy": policy, "Properties": {"CidrBlock": cidr}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": cidr}},
        "Note": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::Sub": "in ${Vpc}"}}},
    })
}

#[tokio::test]
async fn a_replacement_reaches_all_that_refer_to_it_and_the_old_ones_go_last() {
    let cloud = stack("s", network("10.0.0.0/16", "Delete")).await;
    let next = template(network("10.1.0.0/16", "Delete"));
    assert_eq!(cloud.update_and_wait("s", &next, &[]).await.one("StackStatus"), "UPDATE_COMPLETE");
    let events = since_update(&cloud, "s").await;
    let order = [
        "Vpc UPDATE_IN_PROGRESS (Requested update requires the creation of a new physical resource; hence creating one.)",
        "Vpc UPDATE_IN_PROGRESS (Resource creation Initiated)",
        "Vpc UPDATE_COMPLETE",
        "Subnet UPDATE_COMPLETE",
        "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Subnet DELETE_COMPLETE",
        "Vpc DELETE_COMPLETE",
        "s UPDATE_COMPLETE",
    ];
    let places: Vec<_> = order.iter().map(|event| events.iter().position(|other| other == event)).collect();
    assert!(places.is_sorted() && !places.contains(&None), "{places:?} in {events:#?}");
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(listed.all("PhysicalResourceId"), ["physical-Vpc-1", "physical-Subnet-1", "physical-Note"]);
    let note = cloud.made_up.updates.lock().unwrap().pop().unwrap();
    assert_eq!(note.wanted.properties["DisplayName"], "in physical-Vpc-1");
    // A third one is another one again.
    let third = template(network("10.2.0.0/16", "Retain"));
    cloud.update_and_wait("s", &third, &[]).await;
    let events = since_update(&cloud, "s").await;
    assert!(events.contains(&"Vpc DELETE_SKIPPED".to_owned()), "{events:#?}");
    assert_eq!(cloud.status().await["kept"][0]["physical_id"], "physical-Vpc-1");
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(listed.all("PhysicalResourceId").first().unwrap(), "physical-Vpc-2");
}

#[tokio::test]
async fn what_fails_brings_everything_back() {
    let mut before = network("10.0.0.0/16", "Delete");
    before["Leaving"] = json!({"Type": "AWS::SNS::Topic"});
    let cloud = stack("s", before).await;
    let mut next = network("10.1.0.0/16", "Delete");
    next["New"] = json!({"Type": "AWS::SNS::Topic"});
    next["FailThis"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": ["Subnet", "Note", "New"]});
    let ended = cloud.update_and_wait("s", &template(next), &[]).await;
    assert_eq!(ended.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let events = since_update(&cloud, "s").await;
    let order = [
        "FailThis CREATE_FAILED (Resource handler returned message: \"boom\" (RequestToken: …, HandlerErrorCode: InvalidRequest))",
        "s UPDATE_ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [FailThis]. )",
        "s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "Subnet DELETE_COMPLETE",
        "Vpc DELETE_COMPLETE",
        "s UPDATE_ROLLBACK_COMPLETE",
    ];
    let places: Vec<_> = order.iter().map(|event| events.iter().position(|other| other == event)).collect();
    assert!(places.is_sorted() && !places.contains(&None), "{places:?} in {events:#?}");
    assert!(events.contains(&"New DELETE_COMPLETE".to_owned()), "{events:#?}");
    assert!(!events.iter().any(|event| event.starts_with("Leaving")), "{events:#?}");
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(
        listed.all("PhysicalResourceId"),
        ["physical-Vpc", "physical-Subnet", "physical-Note", "physical-Leaving"]
    );
    let last = cloud.made_up.updates.lock().unwrap().pop().unwrap();
    assert_eq!(last.wanted.properties["DisplayName"], "in physical-Vpc");
    let body = cloud.call("GetTemplate", &[("StackName", "s")]).await.one("TemplateBody");
    assert!(body.contains("10.0.0.0/16"));
}

#[tokio::test]
async fn without_rollback_the_update_can_be_mended_or_taken_back() {
    let resources = |text: &str, other: &str| {
        json!({
            "Good": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": other}},
            "Bad": {"Type": "AWS::SNS::Topic", "DependsOn": "Good", "Properties": {"DisplayName": text}},
        })
    };
    for mend in [true, false] {
        let cloud = stack("s", resources("fine", "one")).await;
        let failing = template(resources("refuse", "two"));
        let ended = cloud.update_and_wait("s", &failing, &[("DisableRollback", "true")]).await;
        assert_eq!(ended.one("StackStatus"), "UPDATE_FAILED");
        assert_eq!(ended.one("StackStatusReason"), "The following resource(s) failed to update: [Bad]. ");
        if mend {
            let mended = cloud.update_and_wait("s", &template(resources("better", "two")), &[]).await;
            assert_eq!(mended.one("StackStatus"), "UPDATE_COMPLETE");
        } else {
            assert_eq!(cloud.call("RollbackStack", &[("StackName", "s")]).await.status, 200);
            assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
            let good =
                cloud.made_up.updates.lock().unwrap().iter().rfind(|one| one.wanted.logical_id == "Good").cloned();
            assert_eq!(good.unwrap().wanted.properties["DisplayName"], "one");
        }
    }
}

#[tokio::test]
async fn a_way_back_that_fails_can_be_continued_without_the_culprit() {
    let resources = |text: &str, last: Option<&str>| {
        let mut resources = json!({"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": text}}});
        if let Some(last) = last {
            resources[last] = json!({"Type": "AWS::SNS::Topic", "DependsOn": "Topic"});
        }
        resources
    };
    let cloud = stack("s", resources("refuse to come back", None)).await;
    let ended = cloud.update_and_wait("s", &template(resources("fine", Some("FailThis"))), &[]).await;
    assert_eq!(ended.one("StackStatus"), "UPDATE_ROLLBACK_FAILED");
    assert_eq!(ended.one("StackStatusReason"), "The following resource(s) failed to update: [Topic]. ");
    let refused = cloud.update("s", &template(resources("other", None)), &[]).await;
    assert!(refused.one("Message").contains("is in UPDATE_ROLLBACK_FAILED state and can not be updated"));
    let wrong = [("StackName", "s"), ("ResourcesToSkip.member.1", "Nobody")];
    assert!(cloud.call("ContinueUpdateRollback", &wrong).await.one("Message").contains("can not be skipped"));
    cloud.call("ContinueUpdateRollback", &[("StackName", "s")]).await;
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_ROLLBACK_FAILED");
    let skip = [("StackName", "s"), ("ResourcesToSkip.member.1", "Topic")];
    assert_eq!(cloud.call("ContinueUpdateRollback", &skip).await.status, 200);
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn an_update_can_be_cancelled() {
    let cloud = stack("s", json!({"Topic": {"Type": "AWS::SNS::Topic"}})).await;
    let next = template(json!({
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "two"}},
        "HoldNew": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic"},
    }));
    cloud.update("s", &next, &[]).await;
    cloud.made_up.wait_until_asked_for(&["HoldNew"]).await;
    assert_eq!(cloud.call("CancelUpdateStack", &[("StackName", "s")]).await.status, 200);
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let events = since_update(&cloud, "s").await;
    assert!(events.contains(&"HoldNew DELETE_COMPLETE".to_owned()), "{events:#?}");
    let again = cloud.call("CancelUpdateStack", &[("StackName", "s")]).await;
    assert_eq!(again.one("Message"), "CancelUpdateStack cannot be called from current stack status");
}

#[tokio::test]
async fn an_update_goes_on_after_a_restart() {
    let cloud = stack("s", network("10.0.0.0/16", "Delete")).await;
    let mut next = network("10.1.0.0/16", "Delete");
    next["HoldNew"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": "Subnet"});
    next["Last"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": "HoldNew"});
    cloud.update("s", &template(next), &[]).await;
    cloud.made_up.wait_until_asked_for(&["HoldNew"]).await;
    let cloud = cloud.restart().await;
    cloud.made_up.release();
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_COMPLETE");
    let listed = cloud.call("ListStackResources", &[("StackName", "s")]).await;
    assert_eq!(
        listed.all("PhysicalResourceId"),
        ["physical-Vpc-1", "physical-Subnet-1", "physical-Note", "physical-HoldNew", "physical-Last"]
    );
}

#[tokio::test]
async fn what_cannot_be_an_update_is_refused() {
    let queue = |name: &str, fifo: bool| {
        json!({
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "FifoQueue": fifo}},
        })
    };
    let cloud = stack("s", queue("named", false)).await;
    for (resources, message) in [
        (queue("named", false), "No updates are to be performed."),
        (
            json!({"Queue": {"Type": "AWS::SNS::Topic"}}),
            "Update of resource type is not permitted. The new template modifies resource type of the following resources: [Queue]",
        ),
    ] {
        assert_eq!(cloud.update("s", &template(resources), &[]).await.one("Message"), message);
    }
    let missing = cloud.update("nobody", &template(queue("x", false)), &[]).await;
    assert_eq!(missing.one("Message"), "Stack [nobody] does not exist");
}

#[tokio::test]
async fn a_stack_policy_is_enforced() {
    let cloud = stack(
        "s",
        json!({
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one"}},
            "Other": {"Type": "AWS::SNS::Topic"},
        }),
    )
    .await;
    let policy = json!({"Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["Update:Modify", "Update:Delete"], "Principal": "*", "Resource": "LogicalResourceId/Topic"},
    ]}).to_string();
    let set = cloud.call("SetStackPolicy", &[("StackName", "s"), ("StackPolicyBody", &policy)]).await;
    assert_eq!(set.status, 200);
    assert_eq!(cloud.call("GetStackPolicy", &[("StackName", "s")]).await.one("StackPolicyBody"), policy);
    let changed = json!({
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "two"}},
        "Other": {"Type": "AWS::SNS::Topic"},
    });
    for (resources, action) in [(changed.clone(), "Modify"), (json!({"Other": {"Type": "AWS::SNS::Topic"}}), "Delete")]
    {
        let ended = cloud.update_and_wait("s", &template(resources), &[]).await;
        assert_eq!(ended.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
        let reason = format!(
            "Topic UPDATE_FAILED (Action denied by stack policy: Statement [#2] does not allow [Update:{action}] for \
             resource [LogicalResourceId/Topic])"
        );
        let events = since_update(&cloud, "s").await;
        assert!(events.contains(&reason), "{events:#?}");
    }
    let open = json!({"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]});
    let during = [("StackPolicyDuringUpdateBody", open.to_string())];
    let during: Vec<(&str, &str)> = during.iter().map(|(key, value)| (*key, value.as_str())).collect();
    assert_eq!(cloud.update_and_wait("s", &template(changed), &during).await.one("StackStatus"), "UPDATE_COMPLETE");
}
