//! What is found before anything is made, and the events that tell of it.

use crate::support::{Answer, Cloud};
use como_rehearsal::provision::Reading;
use serde_json::{Value, json};

fn queue(properties: &Value) -> Value {
    json!({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}})
}

/// Members of the answer, oldest first: a line each.
fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let line = |text: String| {
        let event = Answer { status: 200, text };
        let words = [
            "OperationType",
            "OperationStatus",
            "EventType",
            "LogicalResourceId",
            "ResourceStatus",
            "ResourceStatusReason",
            "DetailedStatus",
            "ValidationName",
            "ValidationFailureMode",
            "ValidationStatusReason",
            "ValidationPath",
        ];
        words.iter().flat_map(|word| event.all(word)).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let mut lines: Vec<String> = answer.all("member").into_iter().map(line).collect();
    lines.reverse();
    lines
}

#[tokio::test]
async fn a_creation_is_refused_before_anything_is_made() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "First": {"Type": "AWS::SQS::Queue"},
        "Wrong": {"Type": "AWS::SQS::Queue", "DependsOn": "First", "Properties": {"DelaySeconds": {"Ref": "First"}, "Nam": 1}},
    }});
    let stack = cloud.create_and_wait("s", &template, &[("ClientRequestToken", "mine")]).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    assert_eq!(stack.all("OperationType"), ["ROLLBACK", "CREATE_STACK"]);
    assert!(cloud.made_up.requests.lock().unwrap().is_empty());
    let events = cloud.call("DescribeEvents", &[("StackName", "s")]).await;
    insta::assert_debug_snapshot!(lines(&events), @r#"
    [
        "CREATE_STACK IN_PROGRESS STACK_EVENT",
        "PROGRESS_EVENT s CREATE_IN_PROGRESS User Initiated",
        "CREATE_STACK VALIDATION_ERROR Wrong PROPERTY_VALIDATION FAIL #: extraneous key [Nam] is not permitted /Resources/Wrong/Properties",
        "PROVISIONING_ERROR s CREATE_FAILED Validation failed with 1 error(s). Call DescribeEvents to retrieve the full list of issues with resource and property details, resolve each error, then retry the operation. VALIDATION_FAILED",
        "CREATE_STACK FAILED STACK_EVENT",
        "ROLLBACK IN_PROGRESS STACK_EVENT",
        "PROGRESS_EVENT s ROLLBACK_IN_PROGRESS Validation failure detected. See the operation's FAILED event for details.",
        "PROGRESS_EVENT s ROLLBACK_COMPLETE",
        "ROLLBACK SUCCEEDED STACK_EVENT",
    ]
    "#);
    let creation = &stack.all("OperationId")[1];
    let failed = [("OperationId", creation.as_str()), ("Filters.FailedEvents", "true")];
    let failed = cloud.call("DescribeEvents", &failed).await;
    assert_eq!(failed.all("EventType"), ["PROVISIONING_ERROR", "VALIDATION_ERROR"]);
    let by_stack = cloud.call("DescribeEvents", &[("StackName", "s"), ("Filters.FailedEvents", "true")]).await;
    assert!(by_stack.all("EventType").is_empty(), "the way back went well");
    let again = cloud.create("s", &template, &[("ClientRequestToken", "mine")]).await;
    assert_eq!(again.one("OperationId"), *creation, "the same call, asked again");
}

#[tokio::test]
async fn the_caller_may_do_without_and_choose_what_a_refusal_leaves() {
    let cloud = Cloud::start().await;
    let wrong = queue(&json!({"Nam": 1}));
    let stack = cloud.create_and_wait("s", &wrong, &[("DisableValidation", "true")]).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    assert!(
        cloud.events("s").await.iter().any(|event| event.starts_with("Queue CREATE_FAILED (Properties validation"))
    );
    let stack = cloud.create_and_wait("t", &wrong, &[("DisableRollback", "true")]).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_FAILED");
    assert!(stack.one("StackStatusReason").starts_with("Validation failed with 1 error(s)."));
    // What came of it can be mended.
    let mended = cloud.update_and_wait("t", &queue(&json!({"QueueName": "good"})), &[]).await;
    assert_eq!(mended.one("StackStatus"), "UPDATE_COMPLETE");
    let stack = cloud.create_and_wait("u", &wrong, &[("OnFailure", "DELETE")]).await;
    assert_eq!(stack.one("StackStatus"), "DELETE_COMPLETE");
}

#[tokio::test]
async fn an_update_is_refused_and_nothing_changes() {
    let cloud = Cloud::start().await;
    cloud.create_and_wait("other", &queue(&json!({"QueueName": "taken"})), &[]).await;
    cloud.create_and_wait("s", &queue(&json!({"QueueName": "mine"})), &[]).await;
    let mut template = queue(&json!({"QueueName": "mine", "DelaySeconds": 7}));
    template["Resources"]["Second"] = json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "taken"}});
    let stack = cloud.update_and_wait("s", &template, &[]).await;
    assert_eq!(stack.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    assert!(cloud.made_up.updates.lock().unwrap().is_empty());
    let update = &stack.all("OperationId")[1];
    let failed = [("OperationId", update.as_str()), ("Filters.FailedEvents", "true")];
    let failed = cloud.call("DescribeEvents", &failed).await;
    let reason = "Resource of type 'AWS::SQS::Queue' with identifier 'taken' already exists.";
    assert_eq!(failed.one("ValidationStatusReason"), reason);
    assert_eq!(failed.one("ValidationPath"), "/Resources/Second");
    assert_eq!(failed.one("ValidationName"), "NAME_CONFLICT_VALIDATION");
}

/// Asks for a change set and returns its description and the lines of its events.
async fn reviewed(cloud: &Cloud, stack: &str, name: &str, template: &Value, kind: &str) -> (Answer, Vec<String>) {
    let body = template.to_string();
    let fields =
        [("StackName", stack), ("ChangeSetName", name), ("ChangeSetType", kind), ("TemplateBody", body.as_str())];
    let created = cloud.call("CreateChangeSet", &fields).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let set = cloud.call("DescribeChangeSet", &[("ChangeSetName", &created.one("Id"))]).await;
    let events = cloud.call("DescribeEvents", &[("StackName", stack), ("ChangeSetName", name)]).await;
    (set, lines(&events))
}

#[tokio::test]
async fn change_sets_fail_or_warn() {
    let cloud = Cloud::start().await;
    let (set, events) = reviewed(&cloud, "s", "bad", &queue(&json!({"DelaySeconds": "soon"})), "CREATE").await;
    assert_eq!((set.one("Status"), set.one("ExecutionStatus")), ("FAILED".to_owned(), "UNAVAILABLE".to_owned()));
    let reason = "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot \
                  Early Validation errors, use the DescribeEvents API for detailed failure information.";
    assert_eq!(set.one("StatusReason"), reason);
    insta::assert_debug_snapshot!(events, @r#"
    [
        "CREATE_CHANGESET IN_PROGRESS STACK_EVENT",
        "PROGRESS_EVENT s REVIEW_IN_PROGRESS User Initiated",
        "CREATE_CHANGESET VALIDATION_ERROR Queue PROPERTY_VALIDATION FAIL #/DelaySeconds: expected type: Integer, found: String /Resources/Queue/Properties/DelaySeconds",
        "CREATE_CHANGESET FAILED STACK_EVENT",
    ]
    "#);
    let reviewed_template = cloud.call("GetTemplate", &[("StackName", "s"), ("ChangeSetName", "bad")]).await;
    assert!(reviewed_template.one("TemplateBody").contains("soon"));
    let stack = cloud.call("DescribeStacks", &[("StackName", "s")]).await;
    assert_eq!(
        (stack.one("StackStatus"), stack.one("OperationType")),
        ("REVIEW_IN_PROGRESS".to_owned(), "CREATE_CHANGESET".to_owned())
    );

    let full = json!({"Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }});
    cloud.create_and_wait("t", &full, &[]).await;
    cloud.made_up.contents.lock().unwrap().insert("physical-Bucket".to_owned(), 2);
    let (set, events) = reviewed(&cloud, "t", "empties", &queue(&json!({})), "UPDATE").await;
    assert_eq!(set.one("Status"), "CREATE_COMPLETE");
    assert_eq!(events.len(), 3, "{events:#?}");
    assert!(
        events[1].contains("BUCKET_EMPTINESS_VALIDATION WARN The bucket 'physical-Bucket' is not empty."),
        "{events:#?}"
    );
    let executed = [("StackName", "t"), ("ChangeSetName", "empties")];
    assert_eq!(cloud.call("ExecuteChangeSet", &executed).await.status, 200);
    assert_eq!(cloud.settled("t").await.one("StackStatus"), "UPDATE_COMPLETE");
}

#[tokio::test]
async fn names_outside_of_stacks_count_too() {
    let cloud = Cloud::start().await;
    let url = format!("https://sqs.{}.amazonaws.com/{}/by-hand", crate::support::REGION, crate::support::ACCOUNT);
    cloud.made_up.readings.lock().unwrap().insert(url, Reading::Properties(serde_json::Map::new()));
    let (set, _) = reviewed(&cloud, "s", "c", &queue(&json!({"QueueName": "by-hand"})), "CREATE").await;
    assert!(set.one("StatusReason").contains("AWS::EarlyValidation::ResourceExistenceCheck"));
    let body = queue(&json!({"QueueName": "by-hand"})).to_string();
    let without = [
        ("StackName", "s"),
        ("ChangeSetName", "d"),
        ("ChangeSetType", "CREATE"),
        ("DisableValidation", "true"),
        ("TemplateBody", body.as_str()),
    ];
    cloud.call("CreateChangeSet", &without).await;
    let set = cloud.call("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "d")]).await;
    assert_eq!(set.one("Status"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn events_come_in_pages_and_by_what_exists() {
    let cloud = Cloud::start().await;
    let resources: serde_json::Map<String, Value> =
        (0..40).map(|index| (format!("Topic{index}"), json!({"Type": "AWS::SNS::Topic"}))).collect();
    cloud.create_and_wait("s", &json!({ "Resources": resources }), &[]).await;
    let first = cloud.call("DescribeEvents", &[("StackName", "s")]).await;
    assert_eq!(first.all("EventId").len(), 100);
    let token = first.one("NextToken");
    let second = cloud.call("DescribeEvents", &[("StackName", "s"), ("NextToken", &token)]).await;
    // Three of each topic, two of the stack, two of the operation.
    assert_eq!(second.all("EventId").len(), 24);
    assert!(second.all("NextToken").is_empty());
    for (fields, message) in [
        (vec![], "One of ChangeSetName, OperationId or StackName must be specified"),
        (vec![("ChangeSetName", "c")], "One of ChangeSetName, OperationId or StackName must be specified"),
        (vec![("StackName", "absent")], "Stack [absent] does not exist"),
        (vec![("StackName", "s"), ("ChangeSetName", "c")], "ChangeSet [c] does not exist"),
    ] {
        assert_eq!(cloud.call("DescribeEvents", &fields).await.one("Message"), message);
    }
}

#[tokio::test]
async fn a_refusal_outlives_the_supervisor() {
    let cloud = Cloud::start().await;
    let created = cloud.create("s", &queue(&json!({"Nam": 1})), &[]).await;
    let cloud = cloud.restart().await;
    let stack = cloud.settled(&created.one("StackId")).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    let failed = [("OperationId", created.one("OperationId")), ("Filters.FailedEvents", "true".to_owned())];
    let failed = failed.each_ref().map(|(name, value)| (*name, value.as_str()));
    let failed = cloud.call("DescribeEvents", &failed).await;
    assert_eq!(failed.all("ValidationName"), ["PROPERTY_VALIDATION"]);
}

/// VPCs: five in a region, says Amazon VPC's page of quotas.
#[tokio::test]
async fn a_quota_warns_and_then_holds() {
    let cloud = Cloud::start().await;
    let vpcs = |numbers: std::ops::Range<u8>| {
        let vpc = |number| {
            (format!("Vpc{number}"), json!({"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}))
        };
        json!({"Resources": numbers.map(vpc).collect::<serde_json::Map<_, _>>()})
    };
    let four = cloud.create_and_wait("four", &vpcs(0..4), &[]).await;
    assert_eq!(four.one("StackStatus"), "CREATE_COMPLETE");
    let (_, events) = reviewed(&cloud, "fits", "one", &vpcs(0..1), "CREATE").await;
    assert!(!events.iter().any(|event| event.contains("SERVICE_QUOTA")), "the fifth fits: {events:#?}");
    let (set, events) = reviewed(&cloud, "more", "two", &vpcs(0..2), "CREATE").await;
    assert_eq!((set.one("Status"), set.one("ExecutionStatus")), ("CREATE_COMPLETE".to_owned(), "AVAILABLE".to_owned()));
    let warnings: Vec<&String> = events.iter().filter(|event| event.contains("SERVICE_QUOTA WARN")).collect();
    assert_eq!(warnings.len(), 2, "{events:#?}");
    assert!(warnings[0].contains("The account has 4 of at most 5 VPCs"), "{warnings:#?}");
    cloud.create_and_wait("fifth", &vpcs(0..1), &[]).await;
    let executed = cloud.call("ExecuteChangeSet", &[("StackName", "more"), ("ChangeSetName", "two")]).await;
    assert_eq!(executed.status, 200, "a warning does not stop it: {}", executed.text);
    assert_eq!(cloud.settled("more").await.one("StackStatus"), "ROLLBACK_COMPLETE");
    let failed = cloud.events("more").await.into_iter().find(|event| event.contains("ServiceLimitExceeded"));
    assert!(failed.unwrap_or_default().contains("The maximum number of VPCs has been reached."));
    assert_eq!(cloud.call("DeleteStack", &[("StackName", "four")]).await.status, 200);
    cloud.settled(&four.one("StackId")).await;
    let again = cloud.create_and_wait("again", &vpcs(0..2), &[]).await;
    assert_eq!(again.one("StackStatus"), "CREATE_COMPLETE", "what is deleted does not count");
}
