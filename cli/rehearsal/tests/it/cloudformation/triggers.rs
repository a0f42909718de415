//! Alarms that turn operations back.

use crate::support::Cloud;
use serde_json::{Value, json};

const ALARM: &str = "arn:aws:cloudwatch:ap-southeast-1:123456789012:alarm:errors";
const TERMS: [(&str, &str); 3] = [
    ("RollbackConfiguration.RollbackTriggers.member.1.Arn", ALARM),
    ("RollbackConfiguration.RollbackTriggers.member.1.Type", "AWS::CloudWatch::Alarm"),
    ("RollbackConfiguration.MonitoringTimeInMinutes", "30"),
];

fn template(name: &str, logical_id: &str) -> Value {
    json!({ "Resources": { logical_id: { "Type": "AWS::SNS::Topic", "Properties": { "DisplayName": name } } } })
}

#[tokio::test]
async fn an_alarm_turns_a_creation_back() {
    let cloud = Cloud::start().await;
    cloud.made_up.alarms.lock().unwrap().insert(ALARM.to_owned(), false);
    cloud.create("watched", &template("one", "Hold"), &TERMS).await;
    cloud.made_up.wait_until_asked_for(&["Hold"]).await;
    cloud.made_up.alarms.lock().unwrap().insert(ALARM.to_owned(), true);
    let stack = cloud.settled("watched").await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
    assert_eq!((stack.one("Arn"), stack.one("MonitoringTimeInMinutes")), (ALARM.to_owned(), "30".to_owned()));
    let reason = format!("Rollback trigger {ALARM} is in ALARM state. Rollback requested by user.");
    let events = cloud.events("watched").await;
    assert!(events.iter().any(|event| event.contains(&reason)), "{events:#?}");
}

#[tokio::test]
async fn what_a_stack_watches_holds_for_its_updates() {
    let cloud = Cloud::start().await;
    cloud.made_up.alarms.lock().unwrap().insert(ALARM.to_owned(), false);
    let stack = cloud.create_and_wait("watched", &template("one", "Topic"), &TERMS).await;
    assert_eq!(stack.one("StackStatus"), "CREATE_COMPLETE");
    cloud.made_up.alarms.lock().unwrap().insert(ALARM.to_owned(), true);
    let stack = cloud.update_and_wait("watched", &template("two", "Topic"), &[]).await;
    assert_eq!(stack.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let missing = [("RollbackConfiguration.RollbackTriggers.member.1.Arn", "arn:none"), TERMS[1]];
    let stack = cloud.update_and_wait("watched", &template("three", "Topic"), &missing).await;
    assert_eq!(stack.one("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    let events = cloud.events("watched").await;
    assert!(events.iter().any(|event| event.contains("Rollback trigger arn:none does not exist.")), "{events:#?}");
    // A list that is empty watches nothing any more.
    let nothing = [("RollbackConfiguration.RollbackTriggers", "")];
    let stack = cloud.update_and_wait("watched", &template("four", "Topic"), &nothing).await;
    assert_eq!(stack.one("StackStatus"), "UPDATE_COMPLETE");
    for (name, value) in [("MonitoringTimeInMinutes", "181"), ("RollbackTriggers.member.1.Type", "AWS::SNS::Topic")] {
        let field = format!("RollbackConfiguration.{name}");
        let answer = cloud.update("watched", &template("five", "Topic"), &[(field.as_str(), value)]).await;
        assert_eq!((answer.status, answer.one("Code").as_str()), (400, "ValidationError"), "{name}");
    }
}
