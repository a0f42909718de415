//! What a caller may ask for besides: time limits, what a rollback keeps, deletion by force.

use crate::support::Cloud;
use serde_json::{Value, json};

fn topic(after: Option<&str>) -> Value {
    match after {
        Some(after) => json!({"Type": "AWS::SNS::Topic", "DependsOn": after}),
        None => json!({"Type": "AWS::SNS::Topic"}),
    }
}

#[tokio::test]
async fn without_rollback_other_paths_go_on_after_a_failure() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "FailThis": topic(None),
        "Never": topic(Some("FailThis")),
        "Base": topic(None),
        "Middle": topic(Some("Base")),
        "Last": topic(Some("Middle")),
    }});
    let stack = cloud.create_and_wait("paths", &template, &[("DisableRollback", "true")]).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_FAILED");
    let events = cloud.events("paths").await;
    assert!(events.contains(&"Last CREATE_COMPLETE".to_owned()), "{events:#?}");
    assert!(!events.iter().any(|event| event.starts_with("Never")), "{events:#?}");
}

#[tokio::test]
async fn a_creation_that_takes_too_long_fails() {
    let cloud = Cloud::start().await;
    // A load balancer takes two and a half simulated minutes.
    let kind = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    let slow = json!({"Type": kind, "DependsOn": "First", "Properties": {"Subnets": ["subnet-1", "subnet-2"]}});
    let balancer = json!({"Resources": {"First": topic(None), "Slow": slow}});
    let late = cloud.create_and_wait("late", &balancer, &[("TimeoutInMinutes", "1")]).await;
    assert_eq!(late.one("StackStatus"), "ROLLBACK_COMPLETE");
    let events = cloud.events("late").await;
    for expected in [
        "Slow CREATE_FAILED (Resource creation cancelled)",
        "late ROLLBACK_IN_PROGRESS (Stack creation time exceeded the specified timeout. Rollback requested by user.)",
    ] {
        assert!(events.iter().any(|event| event == expected), "{expected} in {events:#?}");
    }
    let in_time = cloud.create_and_wait("in-time", &balancer, &[("TimeoutInMinutes", "3")]).await;
    assert_eq!(in_time.one("StackStatus"), "CREATE_COMPLETE");
    // What never becomes stable is late in the end.
    let held = json!({"Resources": {"HoldTopic": topic(None)}});
    let held = cloud.create_and_wait("held", &held, &[("TimeoutInMinutes", "5")]).await;
    assert_eq!(held.one("StackStatus"), "ROLLBACK_COMPLETE");
    let wrong = cloud.create("wrong", &balancer, &[("TimeoutInMinutes", "0")]).await;
    assert!(wrong.one("Message").contains("timeoutInMinutes"), "{}", wrong.text);
}

#[tokio::test]
async fn a_rollback_may_delete_what_would_be_kept() {
    let template = |more: Value| {
        let mut resources = json!({
            "Kept": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"},
            "FailThis": topic(Some("Kept")),
        });
        resources.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "Resources": resources })
    };
    for (flag, ended) in [("false", "Kept DELETE_SKIPPED"), ("true", "Kept DELETE_COMPLETE")] {
        let cloud = Cloud::start().await;
        let fields = [("RetainExceptOnCreate", flag)];
        let stack = cloud.create_and_wait("new", &template(json!({})), &fields).await;
        assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
        let events = cloud.events("new").await;
        assert!(events.contains(&ended.to_owned()), "{ended} in {events:#?}");
        cloud.create_and_wait("old", &json!({"Resources": {"First": topic(None)}}), &[]).await;
        let next = template(json!({"First": topic(None)}));
        let stack = cloud.update_and_wait("old", &next, &fields).await;
        assert_eq!(stack.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
        let events = cloud.events("old").await;
        assert!(events.contains(&ended.to_owned()), "{ended} in {events:#?}");
    }
}

#[tokio::test]
async fn what_failed_before_it_was_there_is_deleted_without_further_ado() {
    let cloud = Cloud::start().await;
    let good = json!({"Resources": {"First": topic(None)}});
    let bad = json!({"Resources": {"First": topic(None), "FailThis": topic(Some("First"))}});
    cloud.create_and_wait("new", &bad, &[]).await;
    cloud.create_and_wait("old", &good, &[]).await;
    cloud.update_and_wait("old", &bad, &[]).await;
    for (stack, last) in [("new", "ROLLBACK_COMPLETE"), ("old", "UPDATE_ROLLBACK_COMPLETE")] {
        let events = cloud.events(stack).await;
        let gone: Vec<&String> = events.iter().filter(|event| event.starts_with("FailThis DELETE")).collect();
        assert_eq!(gone, ["FailThis DELETE_COMPLETE"], "{events:#?}");
        assert_eq!(events.last().unwrap(), &format!("{stack} {last}"));
    }
}

#[tokio::test]
async fn a_stuck_deletion_can_be_forced() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {"Base": topic(None), "StuckOne": topic(Some("Base"))}});
    let id = cloud.create_and_wait("stuck", &template, &[]).await.one("StackId");
    let force = [("StackName", "stuck"), ("DeletionMode", "FORCE_DELETE_STACK")];
    let early = cloud.call("DeleteStack", &force).await;
    assert!(early.one("Message").contains("DELETE_FAILED"), "{}", early.text);
    cloud.call("DeleteStack", &[("StackName", "stuck")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_FAILED");
    cloud.call("DeleteStack", &force).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
    let listed = cloud.call("ListStackResources", &[("StackName", &id)]).await;
    assert_eq!(listed.all("ResourceStatus"), ["DELETE_COMPLETE", "DELETE_SKIPPED"]);
    // What was left behind is known to a rehearsal, which clears it up.
    assert_eq!(cloud.status().await["kept"][0]["physical_id"], "physical-StuckOne");
    let other = [("StackName", "stuck"), ("DeletionMode", "SOFTLY")];
    assert!(cloud.call("DeleteStack", &other).await.one("Message").contains("deletionMode"));
}

#[tokio::test]
async fn a_deletion_takes_along_what_an_update_is_making() {
    let cloud = Cloud::start().await;
    let network = |block: &str| {
        json!({"Resources": {
            "HoldVpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": block}},
        }})
    };
    cloud.made_up.release();
    cloud.create_and_wait("s", &network("10.0.0.0/16"), &[]).await;
    cloud.made_up.hold();
    let id = cloud.call("DescribeStacks", &[("StackName", "s")]).await.one("StackId");
    cloud.update("s", &network("10.1.0.0/16"), &[]).await;
    let begun = "HoldVpc UPDATE_IN_PROGRESS (Resource creation Initiated)";
    while !cloud.events("s").await.iter().any(|event| event == begun) {}
    cloud.call("DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
    let deleted = cloud.made_up.deleted.lock().unwrap().clone();
    assert!(deleted.contains("physical-HoldVpc") && deleted.contains("physical-HoldVpc-1"), "{deleted:?}");
}
