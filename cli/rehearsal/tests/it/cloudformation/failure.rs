//! What happens when a resource fails.

use crate::support::Cloud;
use serde_json::json;

#[tokio::test]
async fn a_failed_creation_is_rolled_back_and_stays_describable() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "Kept": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"},
        "Made": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "RetainExceptOnCreate", "DependsOn": "Kept"},
        "FailThis": {"Type": "AWS::SNS::Topic", "DependsOn": "Made"},
        "Never": {"Type": "AWS::SNS::Topic", "DependsOn": "FailThis"},
    }});
    let stack = cloud.create_and_wait("broken", &template, &[]).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    insta::assert_debug_snapshot!(cloud.events("broken").await, @r#"
    [
        "broken CREATE_IN_PROGRESS (User Initiated)",
        "Kept CREATE_IN_PROGRESS",
        "Kept CREATE_IN_PROGRESS (Resource creation Initiated)",
        "Kept CREATE_COMPLETE",
        "Made CREATE_IN_PROGRESS",
        "Made CREATE_IN_PROGRESS (Resource creation Initiated)",
        "Made CREATE_COMPLETE",
        "FailThis CREATE_IN_PROGRESS",
        "FailThis CREATE_FAILED (Resource handler returned message: \"boom\" (RequestToken: …, HandlerErrorCode: InvalidRequest))",
        "broken ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [FailThis]. Rollback requested by user.)",
        "FailThis DELETE_COMPLETE",
        "Made DELETE_IN_PROGRESS",
        "Made DELETE_COMPLETE",
        "Kept DELETE_SKIPPED",
        "broken ROLLBACK_COMPLETE",
    ]
    "#);
    let again = cloud.create("broken", &template, &[]).await;
    assert_eq!(again.one("Code"), "AlreadyExistsException");
}

#[tokio::test]
async fn others_under_way_are_cancelled() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "HoldTopic": {"Type": "AWS::SNS::Topic"},
        "Unstable": {"Type": "AWS::SNS::Topic"},
    }});
    let stack = cloud.create_and_wait("two", &template, &[]).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    let events = cloud.events("two").await;
    for expected in [
        "HoldTopic CREATE_FAILED (Resource creation cancelled)",
        "two ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [HoldTopic, Unstable]. Rollback requested by user.)",
        "Unstable CREATE_FAILED (Resource handler returned message: \"never worked\" (RequestToken: …, HandlerErrorCode: NotStabilized))",
        "Unstable DELETE_COMPLETE",
        "HoldTopic DELETE_COMPLETE",
    ] {
        assert!(events.iter().any(|event| event == expected), "{expected} in {events:#?}");
    }
}

#[tokio::test]
async fn the_caller_chooses_what_a_failure_leaves() {
    let template = json!({"Resources": {
        "Made": {"Type": "AWS::SNS::Topic"},
        "FailThis": {"Type": "AWS::SNS::Topic", "DependsOn": "Made"},
    }});
    for (field, value, status, deleted) in [
        ("DisableRollback", "true", "CREATE_FAILED", false),
        ("OnFailure", "DO_NOTHING", "CREATE_FAILED", false),
        ("OnFailure", "DELETE", "DELETE_COMPLETE", true),
        ("OnFailure", "ROLLBACK", "ROLLBACK_COMPLETE", true),
    ] {
        let cloud = Cloud::start().await;
        let stack = cloud.create_and_wait("choice", &template, &[(field, value)]).await;
        assert_eq!(stack.one("StackStatus"), status, "{field} {value}");
        let events = cloud.events(&stack.one("StackId")).await;
        assert_eq!(events.contains(&"Made DELETE_COMPLETE".to_owned()), deleted, "{field} {value}");
    }
    let cloud = Cloud::start().await;
    let both = cloud.create("choice", &template, &[("OnFailure", "DELETE"), ("DisableRollback", "true")]).await;
    assert_eq!(both.one("Message"), "You can specify either DisableRollback or OnFailure, but not both.");
}

#[tokio::test]
async fn wrong_properties_fail_their_resource_in_the_handlers_words() {
    for (resource, expected) in [
        (
            json!({"Type": "AWS::EC2::Subnet", "Properties": {"CidrBlock": "10.0.0.0/24"}}),
            "#: required key [VpcId] not found",
        ),
        (
            json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueNam": "x"}}),
            "#: extraneous key [QueueNam] is not permitted",
        ),
        (
            json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueNam": "x", "Other": 1}}),
            "#: 2 schema violations found\n#: extraneous key [QueueNam] is not permitted\n#: extraneous key [Other] is not permitted",
        ),
    ] {
        let cloud = Cloud::start().await;
        let template = json!({"Resources": {"Wrong": resource}});
        let stack = cloud.create_and_wait("wrong", &template, &[("DisableValidation", "true")]).await;
        assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
        let reason =
            format!("Wrong CREATE_FAILED (Properties validation failed for resource Wrong with message:\n{expected})");
        let events = cloud.events("wrong").await;
        assert!(events.contains(&reason), "{reason} in {events:#?}");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_fails_its_resource() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "same"}}}});
    assert_eq!(cloud.create_and_wait("one", &template, &[]).await.one("StackStatus"), "CREATE_COMPLETE");
    let two = cloud.create_and_wait("two", &template, &[("DisableValidation", "true")]).await;
    assert_eq!(two.one("StackStatus"), "ROLLBACK_COMPLETE");
    let expected = "Queue CREATE_FAILED (Resource handler returned message: \"Resource of type 'AWS::SQS::Queue' with \
                    identifier 'same' already exists.\" (RequestToken: …, HandlerErrorCode: AlreadyExists))";
    let events = cloud.events("two").await;
    assert!(events.iter().any(|event| event == expected), "{events:#?}");
    // The other stack's queue is still there.
    let owner = cloud.call("DescribeStackResources", &[("PhysicalResourceId", "same")]).await;
    assert_eq!(owner.one("StackName"), "one");
}
