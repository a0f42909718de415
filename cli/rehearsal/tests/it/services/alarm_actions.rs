//! What follows from an alarm that turns.

use super::cloud::{Cloud, REGION, refused};
use super::lambda::function;
use como_rehearsal::hosting::Hosted as _;
use serde_json::{Value, json};

const ALARM: &str = "AWS::CloudWatch::Alarm";

fn alarm(name: &str, more: Value) -> Value {
    let mut properties = json!({
        "AlarmName": name, "Namespace": "como", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
    });
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    properties
}

async fn set(cloud: &Cloud, name: &str, state: &str) {
    let input = json!({ "AlarmName": name, "StateValue": state, "StateReason": "a drill" });
    cloud.ok("monitoring", "SetAlarmState", input).await;
}

fn document(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

/// A topic with a queue behind it: its ARN and the queue's address.
async fn topic(cloud: &Cloud, name: &str) -> (String, String) {
    let (url, arn) = cloud.open_queue(name).await;
    let topic = json!({ "TopicName": name, "Subscription": [{ "Protocol": "sqs", "Endpoint": arn }] });
    (cloud.create("AWS::SNS::Topic", &format!("{name}Topic"), topic).await.physical_id, url)
}

#[tokio::test]
async fn an_alarm_tells_its_topic_and_a_composite_tells_its_own() {
    let cloud = Cloud::new().await;
    let (single, single_url) = topic(&cloud, "single").await;
    let (both, both_url) = topic(&cloud, "both").await;
    let actions = json!({ "AlarmActions": [single], "OKActions": [single], "AlarmDescription": "too many" });
    cloud.create(ALARM, "A", alarm("a", actions)).await;
    cloud.create(ALARM, "Quiet", alarm("quiet", json!({ "AlarmActions": [single], "ActionsEnabled": false }))).await;
    let composite = json!({ "AlarmName": "c", "AlarmRule": "ALARM(a) OR ALARM(quiet)", "AlarmActions": [both] });
    cloud.create("AWS::CloudWatch::CompositeAlarm", "C", composite).await;
    set(&cloud, "quiet", "ALARM").await;
    let told = document(&cloud.next_message(&both_url).await["Body"]);
    let message = document(&told["Message"]);
    assert_eq!((&message["AlarmName"], &message["AlarmRule"]), (&json!("c"), &json!("ALARM(a) OR ALARM(quiet)")));
    set(&cloud, "a", "ALARM").await;
    set(&cloud, "a", "ALARM").await;
    set(&cloud, "a", "OK").await;
    let told = document(&cloud.next_message(&single_url).await["Body"]);
    assert_eq!(told["Subject"], json!("ALARM: \"a\" in Asia Pacific (Singapore)"));
    let message = document(&told["Message"]);
    assert_eq!(
        (&message["OldStateValue"], &message["NewStateValue"], &message["NewStateReason"]),
        (&json!("INSUFFICIENT_DATA"), &json!("ALARM"), &json!("a drill"))
    );
    assert_eq!((&message["Trigger"]["MetricName"], &message["Trigger"]["Period"]), (&json!("Errors"), &json!(60)));
    let told = document(&cloud.next_message(&single_url).await["Body"]);
    assert_eq!(document(&told["Message"])["NewStateValue"], json!("OK"));
    let history = json!({ "AlarmName": "a", "HistoryItemType": "Action" });
    let history = cloud.ok("monitoring", "DescribeAlarmHistory", history).await;
    let summary = &history["AlarmHistoryItems"][0]["HistorySummary"];
    assert_eq!(summary, &json!(format!("Successfully executed action {single}")));
    cloud.ok("monitoring", "EnableAlarmActions", json!({ "AlarmNames": ["quiet"] })).await;
    set(&cloud, "quiet", "OK").await;
    set(&cloud, "quiet", "ALARM").await;
    let told = document(&cloud.next_message(&single_url).await["Body"]);
    assert_eq!(document(&told["Message"])["AlarmName"], json!("quiet"));
    let odd = alarm("odd", json!({ "AlarmActions": ["arn:aws:automate:x:ec2:stop"] }));
    let message = refused(cloud.try_create(ALARM, "Odd", odd).await);
    assert!(message.starts_with("the rehearsal cloud does not offer the alarm action arn:aws:automate"), "{message}");
    cloud.services.stop().await;
}

#[tokio::test]
async fn an_alarm_starts_a_function_that_lets_it_in_and_a_rule_sees_it_turn() {
    let cloud = Cloud::new().await;
    // It cannot run, so that what it should have got is found among the dead letters.
    let (letters, letters_arn) = cloud.open_queue("letters").await;
    let settings = json!({ "Runtime": "nodejs24.x", "DeadLetterConfig": { "TargetArn": letters_arn } });
    let drill = function(&cloud, "drill", settings).await;
    let (events, events_arn) = cloud.open_queue("events").await;
    let pattern = json!({ "source": ["aws.cloudwatch"], "detail": { "state": { "value": ["ALARM"] } } });
    let rule = json!({ "Name": "r", "EventPattern": pattern, "Targets": [{ "Id": "1", "Arn": events_arn }] });
    cloud.create("AWS::Events::Rule", "Rule", rule).await;
    cloud.create(ALARM, "A", alarm("a", json!({ "AlarmActions": [drill] }))).await;
    set(&cloud, "a", "ALARM").await;
    let event = document(&cloud.next_message(&events).await["Body"]);
    assert_eq!(event["detail-type"], json!("CloudWatch Alarm State Change"));
    assert_eq!(event["resources"][0], json!(format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:a")));
    assert_eq!(event["detail"]["previousState"]["value"], json!("INSUFFICIENT_DATA"));
    // Nobody has allowed it yet, and the history says so.
    loop {
        let history = cloud.ok("monitoring", "DescribeAlarmHistory", json!({ "HistoryItemType": "Action" })).await;
        if let Some(item) = history["AlarmHistoryItems"].get(0) {
            assert_eq!(item["HistorySummary"], json!(format!("Failed to execute action {drill}")));
            break;
        }
        tokio::task::yield_now().await;
    }
    let permission = json!({
        "FunctionName": "drill", "Action": "lambda:InvokeFunction", "SourceAccount": "123456789012",
        "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
        "SourceArn": format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:a"),
    });
    cloud.create("AWS::Lambda::Permission", "Permission", permission).await;
    set(&cloud, "a", "OK").await;
    set(&cloud, "a", "ALARM").await;
    let event = document(&cloud.next_message(&letters).await["Body"]);
    let (state, metric) =
        (&event["alarmData"]["state"], &event["alarmData"]["configuration"]["metrics"][0]["metricStat"]["metric"]);
    assert_eq!((&state["value"], &metric["name"]), (&json!("ALARM"), &json!("Errors")));
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_topic_whose_policy_forgets_the_alarms_is_not_told() {
    let cloud = Cloud::new().await;
    let (topic, url) = topic(&cloud, "t").await;
    let statement = |service: &str| json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sns:Publish", "Resource": topic });
    let policy = |service: &str| json!({ "Topics": [topic], "PolicyDocument": { "Statement": [statement(service)] } });
    let created = cloud.create("AWS::SNS::TopicPolicy", "Policy", policy("events.amazonaws.com")).await;
    cloud.create(ALARM, "A", alarm("a", json!({ "AlarmActions": [topic] }))).await;
    set(&cloud, "a", "ALARM").await;
    loop {
        let history = cloud.ok("monitoring", "DescribeAlarmHistory", json!({ "HistoryItemType": "Action" })).await;
        if let Some(item) = history["AlarmHistoryItems"].get(0) {
            assert!(item["HistoryData"].as_str().unwrap().contains("not authorized to perform: sns:Publish"), "{item}");
            break;
        }
        tokio::task::yield_now().await;
    }
    let allowed = policy("cloudwatch.amazonaws.com");
    cloud.update("AWS::SNS::TopicPolicy", "Policy", &created, allowed).await.unwrap();
    set(&cloud, "a", "OK").await;
    set(&cloud, "a", "ALARM").await;
    assert!(cloud.next_message(&url).await["Body"].is_string());
    cloud.services.stop().await;
}
