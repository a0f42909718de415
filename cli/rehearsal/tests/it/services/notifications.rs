//! Events and topics, as their targets see them.

use super::cloud::{Cloud, REGION, refused};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted as _;
use como_rehearsal::provision::Provisioner as _;
use serde_json::{Value, json};

fn document(message: &Value) -> Value {
    serde_json::from_str(message["Body"].as_str().unwrap()).unwrap()
}

/// A call in the query protocol.
async fn query(cloud: &Cloud, fields: &[(&str, &str)]) -> String {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = http::Request::post("/").body(Bytes::from(body)).unwrap();
    let response = cloud.services.handle(REGION, "sns", request).await;
    String::from_utf8_lossy(response.body()).into_owned()
}

#[tokio::test]
async fn a_rule_sends_matching_events_to_its_targets() {
    let cloud = Cloud::new().await;
    let (all, all_arn) = cloud.open_queue("all").await;
    let (some, some_arn) = cloud.open_queue("some").await;
    let whole = json!({ "EventPattern": { "source": ["como"] }, "Targets": [{ "Id": "1", "Arn": all_arn }] });
    cloud.create("AWS::Events::Rule", "Whole", whole).await;
    let transformer = json!({ "InputPathsMap": { "state": "$.detail.state" }, "InputTemplate": "state is <state>" });
    let part = json!({
        "Name": "part", "EventPattern": { "detail": { "state": [{ "prefix": "AL" }] } },
        "Targets": [{ "Id": "1", "Arn": some_arn, "InputTransformer": transformer }],
    });
    cloud.create("AWS::Events::Rule", "Part", part).await;
    let cloud = cloud.restart().await;
    let entry = |state: &str| json!({ "Source": "como", "DetailType": "test", "Detail": json!({ "state": state }).to_string() });
    let put =
        json!({ "Entries": [entry("OK"), entry("ALARM"), { "Source": "como", "DetailType": "t", "Detail": "no" }] });
    let answer = cloud.ok("events", "PutEvents", put).await;
    assert_eq!(
        (&answer["FailedEntryCount"], &answer["Entries"][2]["ErrorCode"]),
        (&json!(1), &json!("MalformedDetail"))
    );
    assert_eq!(cloud.next_message(&some).await["Body"], json!("state is ALARM"));
    let states = [cloud.next_message(&all).await, cloud.next_message(&all).await]
        .map(|message| document(&message)["detail"]["state"].clone());
    assert_eq!(states, [json!("OK"), json!("ALARM")]);
    let elsewhere = json!({ "Rule": "part", "Targets": [{ "Id": "2", "Arn": "arn:aws:ecs:x:1:cluster/y" }] });
    let (_, message) = cloud.error("events", "PutTargets", elsewhere).await;
    assert!(message.contains("does not offer the target arn:aws:ecs"), "{message}");
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_target_that_does_not_let_the_rule_in_becomes_a_dead_letter() {
    let cloud = Cloud::new().await;
    let (dead, dead_arn) = cloud.open_queue("dead").await;
    let closed = cloud.create("AWS::SQS::Queue", "Closed", json!({ "QueueName": "closed" })).await;
    let closed = closed.attributes["Arn"].clone();
    let target = json!({ "Id": "1", "Arn": closed, "DeadLetterConfig": { "Arn": dead_arn } });
    let rule = json!({ "Name": "r", "EventPattern": { "source": ["como"] }, "Targets": [target] });
    cloud.create("AWS::Events::Rule", "Rule", rule).await;
    let entry = json!({ "Source": "como", "DetailType": "test", "Detail": "{}" });
    cloud.ok("events", "PutEvents", json!({ "Entries": [entry] })).await;
    let letter = cloud.next_message(&dead).await;
    let attribute = |name: &str| letter["MessageAttributes"][name]["StringValue"].clone();
    assert_eq!((attribute("ERROR_CODE"), attribute("TARGET_ARN")), (json!("NO_PERMISSIONS"), closed));
    assert_eq!(document(&letter)["source"], json!("como"));
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_schedule_fires_by_the_clock() {
    let cloud = Cloud::new().await;
    let (url, arn) = cloud.open_queue("ticks").await;
    let rule = json!({ "ScheduleExpression": "rate(1 day)", "Targets": [{ "Id": "1", "Arn": arn }] });
    let created = cloud.create("AWS::Events::Rule", "Daily", rule).await;
    assert_eq!(document(&cloud.next_message(&url).await)["detail-type"], json!("Scheduled Event"));
    let cloud = cloud.restart().await;
    assert_eq!(document(&cloud.next_message(&url).await)["source"], json!("aws.events"));
    // It is due already when it is killed, and comes once more.
    cloud.services.stop().await;
    let cloud = cloud.after_a_kill().await;
    cloud.next_message(&url).await;
    cloud.delete("AWS::Events::Rule", &created.physical_id, json!({})).await.unwrap();
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_topic_reaches_the_queues_that_want_its_messages() {
    let cloud = Cloud::new().await;
    let (raw, raw_arn) = cloud.open_queue("raw").await;
    let (wrapped, wrapped_arn) = cloud.open_queue("wrapped").await;
    let subscriptions =
        json!([{ "Protocol": "sqs", "Endpoint": wrapped_arn }, { "Protocol": "email", "Endpoint": "a@b.c" }]);
    let topic = json!({ "TopicName": "alerts", "Subscription": subscriptions });
    let topic = cloud.create("AWS::SNS::Topic", "Topic", topic).await.physical_id;
    let filtered = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": raw_arn, "RawMessageDelivery": true,
        "FilterPolicy": { "level": ["high"] },
    });
    cloud.create("AWS::SNS::Subscription", "Raw", filtered).await;
    let policy = json!({ "Topics": [topic], "PolicyDocument": { "Statement": [] } });
    cloud.create("AWS::SNS::TopicPolicy", "Policy", policy).await;
    let cloud = cloud.restart().await;
    let publish = |message: &'static str, level: &'static str| {
        [
            ("Action", "Publish"),
            ("Message", message),
            ("Subject", "s"),
            ("MessageAttributes.entry.1.Name", "level"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", level),
        ]
    };
    for (message, level) in [("one", "low"), ("two", "high")] {
        let answer = query(&cloud, &[publish(message, level).as_slice(), &[("TopicArn", &topic)]].concat()).await;
        assert!(answer.contains("<MessageId>"), "{answer}");
    }
    let first = cloud.next_message(&raw).await;
    assert_eq!((&first["Body"], &first["MessageAttributes"]["level"]["StringValue"]), (&json!("two"), &json!("high")));
    let notification = document(&cloud.next_message(&wrapped).await);
    assert_eq!((&notification["Type"], &notification["Message"]), (&json!("Notification"), &json!("one")));
    let shown = query(&cloud, &[("Action", "GetTopicAttributes"), ("TopicArn", &topic)]).await;
    assert!(shown.contains("<key>SubscriptionsPending</key><value>1</value>"), "{shown}");
    assert!(shown.contains("<key>Policy</key>"), "{shown}");
    let lacking = query(&cloud, &[("Action", "OptInPhoneNumber")]).await;
    assert!(lacking.contains("the rehearsal cloud does not offer sns OptInPhoneNumber"), "{lacking}");
    let other = json!({ "TopicName": "alerts" });
    assert_eq!(refused(cloud.try_create("AWS::SNS::Topic", "Other", other).await), "alerts already exists");
    // CloudFormation tells of stacks as the account that owns the topic, whom the empty policy does not keep out.
    cloud.services.publish(&topic, "AWS CloudFormation Notification", "StackId='s'\n").await.unwrap();
    assert_eq!(document(&cloud.next_message(&wrapped).await)["Message"], json!("two"));
    let told = document(&cloud.next_message(&wrapped).await);
    assert_eq!(
        (&told["Subject"], &told["Message"]),
        (&json!("AWS CloudFormation Notification"), &json!("StackId='s'\n"))
    );
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_batch_is_published_entry_by_entry_and_a_fifo_topic_keeps_out_doubles() {
    let cloud = Cloud::new().await;
    let fifo = json!({ "QueueName": "in.fifo", "FifoQueue": true });
    let queue = cloud.create("AWS::SQS::Queue", "In", fifo).await;
    let policy = json!({ "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:*",
        "Resource": queue.attributes["Arn"], "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:*:t.fifo" } } });
    let policy = json!({ "Queues": [queue.physical_id], "PolicyDocument": { "Statement": [policy] } });
    cloud.create("AWS::SQS::QueuePolicy", "Policy", policy).await;
    let topic = json!({ "TopicName": "t.fifo", "FifoTopic": true, "ContentBasedDeduplication": true,
        "Tags": [{ "Key": "a", "Value": "b" }] });
    let topic = cloud.create("AWS::SNS::Topic", "Topic", topic).await.physical_id;
    let raw = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue.attributes["Arn"],
        "RawMessageDelivery": true });
    cloud.create("AWS::SNS::Subscription", "Raw", raw).await;
    let entry = |number: usize, name: &str| format!("PublishBatchRequestEntries.member.{number}.{name}");
    let mut fields = vec![("Action".to_owned(), "PublishBatch".to_owned()), ("TopicArn".to_owned(), topic.clone())];
    for (number, body) in [(1, "one"), (2, "one"), (3, "two")] {
        fields.push((entry(number, "Id"), number.to_string()));
        fields.push((entry(number, "Message"), body.to_owned()));
        fields.push((entry(number, "MessageGroupId"), "g".to_owned()));
    }
    fields.push((entry(4, "Id"), "4".to_owned()));
    fields.push((entry(4, "Message"), "lacks a group".to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = query(&cloud, &fields).await;
    assert_eq!(answer.matches("<MessageId>").count(), 3, "{answer}");
    assert!(answer.contains("<Id>4</Id><Code>InvalidParameter</Code>"), "{answer}");
    let bodies = [cloud.next_message(&queue.physical_id).await, cloud.next_message(&queue.physical_id).await];
    assert_eq!(bodies.map(|message| message["Body"].clone()), [json!("one"), json!("two")]);
    let tags = query(&cloud, &[("Action", "ListTagsForResource"), ("ResourceArn", &topic)]).await;
    assert!(tags.contains("<Key>a</Key><Value>b</Value>"), "{tags}");
    let elsewhere = topic.replace(REGION, "us-east-1");
    let answer = query(&cloud, &[("Action", "Publish"), ("TopicArn", &elsewhere), ("Message", "m")]).await;
    assert!(answer.contains("Invalid parameter: TopicArn"), "{answer}");
}

#[tokio::test]
async fn each_protocol_may_get_a_message_of_its_own() {
    let cloud = Cloud::new().await;
    let (url, arn) = cloud.open_queue("in").await;
    let topic = json!({ "TopicName": "t", "Subscription": [{ "Protocol": "sqs", "Endpoint": arn }] });
    let topic = cloud.create("AWS::SNS::Topic", "Topic", topic).await.physical_id;
    let publish = |message: &'static str| [("Action", "Publish"), ("MessageStructure", "json"), ("Message", message)];
    let fields = [publish(r#"{"default":"all","sqs":"queues"}"#).as_slice(), &[("TopicArn", &topic)]].concat();
    assert!(query(&cloud, &fields).await.contains("<MessageId>"));
    assert_eq!(document(&cloud.next_message(&url).await)["Message"], json!("queues"));
    let fields = [publish(r#"{"sqs":"queues"}"#).as_slice(), &[("TopicArn", &topic)]].concat();
    assert!(query(&cloud, &fields).await.contains("No default entry"));
}
