//! What deleting a stack does.

use crate::support::Cloud;
use serde_json::json;

#[tokio::test]
async fn resources_go_in_the_opposite_order() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
    }});
    let id = cloud.create_and_wait("gone", &template, &[]).await.one("StackId");
    assert_eq!(cloud.call("DeleteStack", &[("StackName", "gone")]).await.status, 200);
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
    let events = cloud.events(&id).await;
    insta::assert_debug_snapshot!(events[8..], @r#"
    [
        "gone DELETE_IN_PROGRESS (User Initiated)",
        "Subnet DELETE_IN_PROGRESS",
        "Subnet DELETE_COMPLETE",
        "Vpc DELETE_IN_PROGRESS",
        "Vpc DELETE_COMPLETE",
        "gone DELETE_COMPLETE",
    ]
    "#);
    // By name it is gone, and the name is free again.
    let described = cloud.call("DescribeStacks", &[("StackName", "gone")]).await;
    assert_eq!(described.one("Message"), "Stack with id gone does not exist");
    assert_eq!(cloud.create_and_wait("gone", &template, &[]).await.one("StackStatus"), "CREATE_COMPLETE");
    let deleted = cloud.call("ListStacks", &[("StackStatusFilter.member.1", "DELETE_COMPLETE")]).await;
    assert_eq!(deleted.all("StackId"), [id]);
    // A stack that never was is as good as deleted.
    assert_eq!(cloud.call("DeleteStack", &[("StackName", "never")]).await.status, 200);
}

#[tokio::test]
async fn kept_resources_outlive_the_stack_until_a_rehearsal_clears_up() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "StuckTable": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "RetainExceptOnCreate"},
        "Other": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["StuckTable", "Arn"]}}},
    }});
    let id = cloud.create_and_wait("keeper", &template, &[]).await.one("StackId");
    cloud.call("DeleteStack", &[("StackName", "keeper")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
    assert!(cloud.events(&id).await.contains(&"StuckTable DELETE_SKIPPED".to_owned()));
    let kept = json!([{
        "region": "ap-southeast-1", "stack": "keeper", "logical_id": "StuckTable",
        "resource_type": "AWS::SQS::Queue", "physical_id": "physical-StuckTable",
    }]);
    assert_eq!(cloud.status().await["kept"], kept);
    let nothing = cloud.admin("delete-kept", json!({"stacks": ["another"]})).await;
    assert_eq!(nothing["deleted"], json!([]));
    assert_eq!(cloud.admin("delete-kept", json!({"stacks": ["keeper"]})).await["deleted"], kept);
    assert_eq!(cloud.status().await["kept"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_deleted_may_be_left_behind_at_the_second_try() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "Base": {"Type": "AWS::SNS::Topic"},
        "StuckOne": {"Type": "AWS::SNS::Topic", "DependsOn": "Base"},
    }});
    let id = cloud.create_and_wait("stuck", &template, &[]).await.one("StackId");
    let retain = [("StackName", "stuck"), ("RetainResources.member.1", "StuckOne")];
    let refused = cloud.call("DeleteStack", &retain).await;
    assert!(refused.one("Message").contains("only when the stack is in the DELETE_FAILED state"));
    cloud.call("DeleteStack", &[("StackName", "stuck")]).await;
    let stack = cloud.settled(&id).await;
    assert_eq!(stack.one("StackStatus"), "DELETE_FAILED");
    assert_eq!(stack.one("StackStatusReason"), "The following resource(s) failed to delete: [StuckOne]. ");
    cloud.call("DeleteStack", &retain).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
}

#[tokio::test]
async fn termination_protection_holds() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}});
    let id = cloud.create_and_wait("safe", &template, &[("EnableTerminationProtection", "true")]).await.one("StackId");
    let refused = cloud.call("DeleteStack", &[("StackName", "safe")]).await;
    assert_eq!(refused.one("Message"), "Stack [safe] cannot be deleted while TerminationProtection is enabled");
    let off = [("StackName", "safe"), ("EnableTerminationProtection", "false")];
    assert_eq!(cloud.call("UpdateTerminationProtection", &off).await.one("StackId"), id);
    cloud.call("DeleteStack", &[("StackName", "safe")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
}

#[tokio::test]
async fn a_stack_may_be_deleted_while_it_is_being_created() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "HoldTopic": {"Type": "AWS::SNS::Topic"},
        "Last": {"Type": "AWS::SNS::Topic", "DependsOn": "HoldTopic"},
    }});
    let id = cloud.create("brief", &template, &[]).await.one("StackId");
    cloud.made_up.wait_until_asked_for(&["HoldTopic"]).await;
    cloud.call("DeleteStack", &[("StackName", "brief")]).await;
    assert_eq!(cloud.settled(&id).await.one("StackStatus"), "DELETE_COMPLETE");
    let events = cloud.events(&id).await;
    assert!(events.contains(&"HoldTopic CREATE_FAILED (Resource creation cancelled)".to_owned()), "{events:#?}");
    assert!(!events.iter().any(|event| event.starts_with("Last")), "{events:#?}");
}
