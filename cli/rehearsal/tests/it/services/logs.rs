//! CloudWatch Logs over the wire.

use super::cloud::{Cloud, refused};
use como_rehearsal::hosting::Hosted as _;
use jiff::Timestamp;
use serde_json::{Value, json};

const GROUP: &str = "/como/accounts";

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

async fn with_stream(cloud: &Cloud, stream: &str) {
    cloud.ok("logs", "CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": stream })).await;
}

async fn put(cloud: &Cloud, stream: &str, events: &[(i64, &str)]) -> Value {
    let events: Vec<Value> =
        events.iter().map(|(at, message)| json!({ "timestamp": at, "message": message })).collect();
    let input = json!({ "logGroupName": GROUP, "logStreamName": stream, "logEvents": events });
    cloud.ok("logs", "PutLogEvents", input).await
}

fn messages(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_stream_is_read_forward_and_back() {
    let cloud = Cloud::new().await;
    cloud.ok("logs", "CreateLogGroup", json!({ "logGroupName": GROUP })).await;
    with_stream(&cloud, "s").await;
    let start = now() - 1000;
    let said: Vec<String> = (0..5).map(|number| format!("line {number}")).collect();
    let events: Vec<(i64, &str)> = said.iter().zip(start..).map(|(line, at)| (at, line.as_str())).collect();
    put(&cloud, "s", &events).await;
    let cloud = cloud.after_a_kill().await;
    let get = |more: Value| {
        let mut input = json!({ "logGroupName": GROUP, "logStreamName": "s", "limit": 2 });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let newest = cloud.ok("logs", "GetLogEvents", get(json!({}))).await;
    assert_eq!(messages(&newest), ["line 3", "line 4"]);
    let back = cloud.ok("logs", "GetLogEvents", get(json!({ "nextToken": newest["nextBackwardToken"] }))).await;
    assert_eq!(messages(&back), ["line 1", "line 2"]);
    let oldest = cloud.ok("logs", "GetLogEvents", get(json!({ "startFromHead": true }))).await;
    assert_eq!(messages(&oldest), ["line 0", "line 1"]);
    // At the end the token leads to itself, and to what comes later.
    let end = cloud.ok("logs", "GetLogEvents", get(json!({ "nextToken": newest["nextForwardToken"] }))).await;
    assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &newest["nextForwardToken"]));
    put(&cloud, "s", &[(now(), "later")]).await;
    let later = cloud.ok("logs", "GetLogEvents", get(json!({ "nextToken": end["nextForwardToken"] }))).await;
    assert_eq!(messages(&later), ["later"]);
    // The end of a range is not in it.
    let range = json!({ "startTime": start + 1, "endTime": start + 2 });
    assert_eq!(messages(&cloud.ok("logs", "GetLogEvents", get(range)).await), ["line 1"]);
}

#[tokio::test]
async fn a_group_is_searched_through_all_its_streams() {
    let cloud = Cloud::new().await;
    let group = json!({ "LogGroupName": GROUP, "RetentionInDays": 30 });
    let created = cloud.create("AWS::Logs::LogGroup", "Group", group.clone()).await;
    let arn = created.attributes["Arn"].as_str().unwrap();
    assert!(arn.ends_with(":log-group:/como/accounts:*"), "{arn}");
    for stream in ["accounts/a/1", "accounts/b/2"] {
        with_stream(&cloud, stream).await;
    }
    let start = now() - 1000;
    put(&cloud, "accounts/a/1", &[(start, r#"{"level":"info"}"#), (start + 2, r#"{"level":"error"}"#)]).await;
    put(&cloud, "accounts/b/2", &[(start + 1, "ERROR plain")]).await;
    let filter = |more: Value| {
        let mut input = json!({ "logGroupIdentifier": arn.trim_end_matches(":*") });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let first = cloud.ok("logs", "FilterLogEvents", filter(json!({ "limit": 2 }))).await;
    assert_eq!(messages(&first), [r#"{"level":"info"}"#, "ERROR plain"]);
    let rest = cloud.ok("logs", "FilterLogEvents", filter(json!({ "nextToken": first["nextToken"] }))).await;
    assert_eq!((messages(&rest), &rest["nextToken"]), (vec![r#"{"level":"error"}"#], &Value::Null));
    assert_eq!(rest["events"][0]["logStreamName"], json!("accounts/a/1"));
    for (more, count) in [
        (json!({ "filterPattern": "ERROR" }), 1),
        (json!({ "filterPattern": "{ $.level = \"error\" }" }), 1),
        (json!({ "logStreamNamePrefix": "accounts/b" }), 1),
        (json!({ "logStreamNames": ["accounts/a/1"] }), 2),
        (json!({ "startTime": start + 1, "endTime": start + 2 }), 2),
    ] {
        assert_eq!(messages(&cloud.ok("logs", "FilterLogEvents", filter(more.clone())).await).len(), count, "{more}");
    }
    let shown = cloud.ok("logs", "DescribeLogGroups", json!({ "logGroupNamePrefix": "/como" })).await;
    let shown = &shown["logGroups"][0];
    assert_eq!((&shown["retentionInDays"], &shown["storedBytes"]), (&json!(30), &json!(44)));
    let streams = json!({ "logGroupName": GROUP, "orderBy": "LastEventTime", "descending": true, "limit": 1 });
    let streams = cloud.ok("logs", "DescribeLogStreams", streams).await;
    assert_eq!(streams["logStreams"][0]["logStreamName"], json!("accounts/a/1"));
    assert_eq!(streams["logStreams"][0]["lastEventTimestamp"], json!(start + 2));
    assert!(streams["nextToken"].is_string());
    cloud.create("AWS::Logs::LogGroup", "Group", group.clone()).await;
    let taken = refused(cloud.try_create("AWS::Logs::LogGroup", "Other", group).await);
    assert_eq!(taken, "/como/accounts already exists");
    cloud.delete("AWS::Logs::LogGroup", GROUP, json!({})).await.unwrap();
    let (code, _) = cloud.error("logs", "FilterLogEvents", json!({ "logGroupName": GROUP })).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn events_that_cloudwatch_would_not_take_are_not_taken() {
    let cloud = Cloud::new().await;
    cloud.ok("logs", "CreateLogGroup", json!({ "logGroupName": GROUP, "tags": { "a": "b" } })).await;
    with_stream(&cloud, "s").await;
    let hour = 60 * 60 * 1000;
    let answer = put(&cloud, "s", &[(now() - 15 * 24 * hour, "old")]).await["rejectedLogEventsInfo"].clone();
    assert_eq!(answer, json!({ "tooOldLogEventEndIndex": 1 }));
    let answer = put(&cloud, "s", &[(now(), "now"), (now() + 3 * hour, "new")]).await;
    assert_eq!(answer["rejectedLogEventsInfo"], json!({ "tooNewLogEventStartIndex": 1 }));
    let put =
        |stream: &str, events: Value| json!({ "logGroupName": GROUP, "logStreamName": stream, "logEvents": events });
    let event = |at: i64| json!({ "timestamp": at, "message": "m" });
    for (input, code) in [
        (put("s", json!([event(now()), event(now() - hour)])), "InvalidParameterException"),
        (put("s", json!([event(now() - 25 * hour), event(now())])), "InvalidParameterException"),
        (put("s", json!([])), "InvalidParameterException"),
        (put("other", json!([event(now())])), "ResourceNotFoundException"),
    ] {
        assert_eq!(cloud.error("logs", "PutLogEvents", input.clone()).await.0, code, "{input}");
    }
    for (operation, input, code) in [
        ("CreateLogGroup", json!({ "logGroupName": GROUP }), "ResourceAlreadyExistsException"),
        ("CreateLogGroup", json!({ "logGroupName": "a b" }), "InvalidParameterException"),
        ("CreateLogStream", json!({ "logGroupName": GROUP, "logStreamName": "s" }), "ResourceAlreadyExistsException"),
        ("PutRetentionPolicy", json!({ "logGroupName": GROUP, "retentionInDays": 2 }), "InvalidParameterException"),
        ("StartQuery", json!({ "logGroupName": GROUP }), "UnknownOperationException"),
    ] {
        assert_eq!(cloud.error("logs", operation, input.clone()).await.0, code, "{operation} {input}");
    }
    let arn = cloud.ok("logs", "DescribeLogGroups", json!({})).await["logGroups"][0]["logGroupArn"].clone();
    let tags = cloud.ok("logs", "ListTagsForResource", json!({ "resourceArn": arn })).await;
    assert_eq!(tags["tags"], json!({ "a": "b" }));
    cloud.services.stop().await;
}
