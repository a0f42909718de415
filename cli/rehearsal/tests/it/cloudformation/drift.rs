//! Drift detection.

use crate::support::{Answer, Cloud};
use como_rehearsal::provision::Reading;
use serde_json::json;

async fn detected(cloud: &Cloud, stack: &str) -> Answer {
    let id = cloud.call("DetectStackDrift", &[("StackName", stack)]).await.one("StackDriftDetectionId");
    loop {
        let answer = cloud.call("DescribeStackDriftDetectionStatus", &[("StackDriftDetectionId", &id)]).await;
        if answer.one("DetectionStatus") != "DETECTION_IN_PROGRESS" {
            return answer;
        }
    }
}

#[tokio::test]
async fn a_real_change_is_seen() {
    let cloud = Cloud::start().await;
    let template = json!({"Resources": {
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs", "DelaySeconds": 5}},
        "Gone": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "gone"}},
        "Topic": {"Type": "AWS::SNS::Topic"},
    }});
    cloud.create_and_wait("drifting", &template, &[]).await;
    let read = |id: &str, delay: &str| {
        let properties = json!({"QueueName": id, "DelaySeconds": delay}).as_object().cloned().unwrap();
        cloud.made_up.readings.lock().unwrap().insert(id.to_owned(), Reading::Properties(properties));
    };
    read("jobs", "5");
    read("gone", "0");
    let before = detected(&cloud, "drifting").await;
    assert_eq!(before.one("StackDriftStatus"), "IN_SYNC", "a number and its text are the same");

    read("jobs", "60");
    cloud.made_up.readings.lock().unwrap().insert("gone".to_owned(), Reading::Gone);
    let after = detected(&cloud, "drifting").await;
    assert_eq!(after.one("StackDriftStatus"), "DRIFTED");
    assert_eq!(after.one("DriftedStackResourceCount"), "2");
    let cloud = cloud.restart().await;
    let drifts = cloud.call("DescribeStackResourceDrifts", &[("StackName", "drifting")]).await;
    assert_eq!(drifts.all("LogicalResourceId"), ["Gone", "Jobs"], "what nobody can check is not listed");
    assert_eq!(drifts.all("StackResourceDriftStatus"), ["DELETED", "MODIFIED"]);
    assert_eq!(drifts.one("PropertyPath"), "/DelaySeconds");
    assert_eq!((drifts.one("ExpectedValue"), drifts.one("ActualValue")), ("5".to_owned(), "60".to_owned()));
    assert_eq!(drifts.one("DifferenceType"), "NOT_EQUAL");
    let filter = [("StackName", "drifting"), ("StackResourceDriftStatusFilters.member.1", "DELETED")];
    assert_eq!(cloud.call("DescribeStackResourceDrifts", &filter).await.one("LogicalResourceId"), "Gone");
    let first = cloud.call("DescribeStackResourceDrifts", &[("StackName", "drifting"), ("MaxResults", "1")]).await;
    let token = first.one("NextToken");
    let next = [("StackName", "drifting"), ("MaxResults", "1"), ("NextToken", token.as_str())];
    let second = cloud.call("DescribeStackResourceDrifts", &next).await;
    let pages = [first.one("LogicalResourceId"), second.one("LogicalResourceId")];
    assert_eq!((pages, second.all("NextToken").len()), (["Gone".to_owned(), "Jobs".to_owned()], 0));
    let stack = cloud.call("DescribeStacks", &[("StackName", "drifting")]).await;
    assert_eq!(stack.one("StackDriftStatus"), "DRIFTED");
    let one = [("StackName", "drifting"), ("LogicalResourceId", "Jobs")];
    let single = cloud.call("DetectStackResourceDrift", &one).await;
    assert_eq!(single.one("StackResourceDriftStatus"), "MODIFIED");
    let failed = json!({"Resources": {"FailThis": {"Type": "AWS::SNS::Topic"}}});
    cloud.create_and_wait("failed", &failed, &[]).await;
    let refused = cloud.call("DetectStackDrift", &[("StackName", "failed")]).await.one("Message");
    assert!(refused.contains("while it is in ROLLBACK_COMPLETE state"), "{refused}");
    let other =
        cloud.call("DetectStackResourceDrift", &[("StackName", "drifting"), ("LogicalResourceId", "Topic")]).await;
    assert_eq!(other.one("Message"), "Drift detection is not supported for resource [Topic] of type AWS::SNS::Topic");
}
