use super::cloud::{Cloud, refused};
use serde_json::{Value, json};

const TYPE: &str = "AWS::SQS::Queue";

async fn queue(cloud: &Cloud, properties: Value) -> String {
    cloud.create(TYPE, properties["QueueName"].as_str().unwrap_or("Queue"), properties.clone()).await.physical_id
}

async fn fifo(cloud: &Cloud) -> String {
    queue(cloud, json!({ "QueueName": "work.fifo", "FifoQueue": true })).await
}

async fn send(cloud: &Cloud, url: &str, body: &str, group: &str, id: &str) -> Value {
    let input = json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id });
    cloud.ok("sqs", "SendMessage", input).await
}

/// What a receive of up to ten messages brings, at once.
async fn receive(cloud: &Cloud, url: &str, visibility: u64) -> Vec<Value> {
    let input = json!({
        "QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": visibility, "WaitTimeSeconds": 0,
        "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"],
    });
    let answer = cloud.ok("sqs", "ReceiveMessage", input).await;
    answer["Messages"].as_array().cloned().unwrap_or_default()
}

fn bodies(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["Body"].as_str().unwrap()).collect()
}

async fn delete(cloud: &Cloud, url: &str, message: &Value) {
    let input = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
    cloud.ok("sqs", "DeleteMessage", input).await;
}

#[tokio::test]
async fn a_group_is_served_in_order_and_one_at_a_time() {
    let cloud = Cloud::new().await;
    let url = fifo(&cloud).await;
    let first = send(&cloud, &url, "a1", "a", "1").await;
    let second = send(&cloud, &url, "a2", "a", "2").await;
    assert!(first["SequenceNumber"].as_str().unwrap() < second["SequenceNumber"].as_str().unwrap());
    let one = json!({ "QueueUrl": url, "VisibilityTimeout": 60 });
    let taken = cloud.ok("sqs", "ReceiveMessage", one).await["Messages"][0].clone();
    assert_eq!(taken["Body"], json!("a1"));
    send(&cloud, &url, "b1", "b", "3").await;
    // The group of the message in flight waits; the other does not.
    assert_eq!(bodies(&receive(&cloud, &url, 60).await), ["b1"]);
    delete(&cloud, &url, &taken).await;
    let rest = receive(&cloud, &url, 60).await;
    assert_eq!(bodies(&rest), ["a2"]);
    assert_eq!(rest[0]["Attributes"]["MessageGroupId"], json!("a"));
    assert_eq!(rest[0]["Attributes"]["ApproximateReceiveCount"], json!("1"));
}

#[tokio::test]
async fn a_deduplication_id_is_taken_once_and_outlives_the_supervisor() {
    let cloud = Cloud::new().await;
    let url = fifo(&cloud).await;
    let first = send(&cloud, &url, "one", "a", "same").await;
    let cloud = cloud.restart().await;
    let again = send(&cloud, &url, "two", "a", "same").await;
    assert_eq!(first["MessageId"], again["MessageId"]);
    assert_eq!(bodies(&receive(&cloud, &url, 60).await), ["one"]);
    let (code, _) =
        cloud.error("sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": "x", "MessageGroupId": "a" })).await;
    assert_eq!(code, "InvalidParameterValueException");
    let (code, _) = cloud.error("sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": "x" })).await;
    assert_eq!(code, "MissingRequiredParameterException");
}

#[tokio::test]
async fn a_message_that_keeps_failing_becomes_a_dead_letter_and_can_be_moved_back() {
    let cloud = Cloud::new().await;
    let dead = queue(&cloud, json!({ "QueueName": "dead" })).await;
    let arn = "arn:aws:sqs:ap-southeast-1:123456789012:dead";
    let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 2 });
    let url = queue(&cloud, json!({ "QueueName": "work", "RedrivePolicy": policy })).await;
    cloud.ok("sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": "poison" })).await;
    for _ in 0..2 {
        assert_eq!(bodies(&receive(&cloud, &url, 0).await), ["poison"]);
    }
    assert_eq!(receive(&cloud, &url, 0).await, Vec::<Value>::new());
    let cloud = cloud.restart().await;
    let sources = cloud.ok("sqs", "ListDeadLetterSourceQueues", json!({ "QueueUrl": dead })).await;
    assert_eq!(sources["queueUrls"], json!([url]));
    let letters = receive(&cloud, &dead, 0).await;
    assert_eq!(
        letters[0]["Attributes"]["DeadLetterQueueSourceArn"],
        json!("arn:aws:sqs:ap-southeast-1:123456789012:work")
    );
    cloud.ok("sqs", "StartMessageMoveTask", json!({ "SourceArn": arn })).await;
    let tasks = cloud.ok("sqs", "ListMessageMoveTasks", json!({ "SourceArn": arn })).await;
    assert_eq!(tasks["Results"][0]["Status"], json!("COMPLETED"));
    assert_eq!(tasks["Results"][0]["ApproximateNumberOfMessagesMoved"], json!(1));
    assert_eq!(bodies(&receive(&cloud, &url, 0).await), ["poison"]);
    let (code, _) = cloud
        .error("sqs", "StartMessageMoveTask", json!({ "SourceArn": "arn:aws:sqs:ap-southeast-1:123456789012:work" }))
        .await;
    assert_eq!(code, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_long_poll_ends_with_the_message() {
    let cloud = Cloud::new().await;
    let url = queue(&cloud, json!({ "QueueName": "slow" })).await;
    let (received, _) = tokio::join!(
        cloud.ok("sqs", "ReceiveMessage", json!({ "QueueUrl": url, "WaitTimeSeconds": 20 })),
        cloud.ok("sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": "now" })),
    );
    assert_eq!(received["Messages"][0]["Body"], json!("now"));
}

#[tokio::test]
async fn delayed_and_taken_messages_are_counted_apart() {
    let cloud = Cloud::new().await;
    let url = queue(&cloud, json!({ "QueueName": "counted" })).await;
    let entries = json!([
        { "Id": "1", "MessageBody": "a" }, { "Id": "2", "MessageBody": "b", "DelaySeconds": 900 },
        { "Id": "3", "MessageBody": "c", "DelaySeconds": 901 },
    ]);
    let sent = cloud.ok("sqs", "SendMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await;
    assert_eq!(sent["Successful"].as_array().unwrap().len(), 2);
    assert_eq!(sent["Failed"][0]["Code"], json!("InvalidParameterValue"));
    let taken = receive(&cloud, &url, 60).await;
    assert_eq!(bodies(&taken), ["a"]);
    let asked = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    let counts = cloud.ok("sqs", "GetQueueAttributes", asked).await["Attributes"].clone();
    assert_eq!(counts["ApproximateNumberOfMessagesDelayed"], json!("1"));
    assert_eq!(counts["ApproximateNumberOfMessagesNotVisible"], json!("1"));
    assert_eq!(counts["VisibilityTimeout"], json!("30"));
    let back = json!({ "QueueUrl": url, "ReceiptHandle": taken[0]["ReceiptHandle"], "VisibilityTimeout": 0 });
    cloud.ok("sqs", "ChangeMessageVisibility", back.clone()).await;
    assert_eq!(cloud.error("sqs", "ChangeMessageVisibility", back).await.0, "MessageNotInflight");
    assert_eq!(bodies(&receive(&cloud, &url, 60).await), ["a"]);
}

#[tokio::test]
async fn attributes_of_a_message_come_with_the_digest_that_clients_check() {
    let cloud = Cloud::new().await;
    let url = queue(&cloud, json!({ "QueueName": "attributes" })).await;
    let attributes = json!({
        "kind": { "DataType": "String", "StringValue": "x" }, "bytes": { "DataType": "Binary", "BinaryValue": "AQI=" },
    });
    let input = json!({ "QueueUrl": url, "MessageBody": "hello", "MessageAttributes": attributes });
    let sent = cloud.ok("sqs", "SendMessage", input).await;
    assert_eq!(sent["MD5OfMessageBody"], json!("5d41402abc4b2a76b9719d911017c592"));
    let got = receive(&cloud, &url, 60).await;
    assert_eq!(got[0]["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert_eq!(got[0]["MessageAttributes"]["kind"]["StringValue"], json!("x"));
}

#[tokio::test]
async fn a_queue_refuses_what_sqs_refuses() {
    let cloud = Cloud::new().await;
    let long = json!({ "QueueName": "a", "VisibilityTimeout": 43_201 });
    let message = refused(cloud.try_create(TYPE, "A", long).await);
    assert_eq!(message, "Invalid value for the parameter VisibilityTimeout.");
    let nowhere =
        json!({ "deadLetterTargetArn": "arn:aws:sqs:ap-southeast-1:123456789012:none", "maxReceiveCount": 1 });
    let message = refused(cloud.try_create(TYPE, "A", json!({ "QueueName": "a", "RedrivePolicy": nowhere })).await);
    assert!(message.ends_with("Dead letter target does not exist."), "{message}");
    let (code, _) = cloud.error("sqs", "GetQueueUrl", json!({ "QueueName": "none" })).await;
    assert_eq!(code, "QueueDoesNotExist");
    let (code, message) = cloud.error("sqs", "AddPermission", json!({})).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("UnknownOperationException", "the rehearsal cloud does not offer SQS AddPermission")
    );
    cloud.ok("sqs", "CreateQueue", json!({ "QueueName": "b", "Attributes": { "DelaySeconds": "1" } })).await;
    cloud.ok("sqs", "CreateQueue", json!({ "QueueName": "b", "Attributes": { "DelaySeconds": "1" } })).await;
    let other = json!({ "QueueName": "b", "Attributes": { "DelaySeconds": "2" } });
    assert_eq!(cloud.error("sqs", "CreateQueue", other).await.0, "QueueNameExists");
    assert_eq!(refused(cloud.try_create(TYPE, "B", json!({ "QueueName": "b" })).await), "b already exists");
}

#[tokio::test]
async fn a_policy_belongs_to_its_queues() {
    let cloud = Cloud::new().await;
    let url = queue(&cloud, json!({ "QueueName": "guarded" })).await;
    let properties = json!({ "Queues": [url], "PolicyDocument": { "Statement": [] } });
    let policy = cloud.create("AWS::SQS::QueuePolicy", "Policy", properties.clone()).await;
    let asked = json!({ "QueueUrl": url, "AttributeNames": ["Policy"] });
    let shown = cloud.ok("sqs", "GetQueueAttributes", asked.clone()).await;
    assert_eq!(shown["Attributes"]["Policy"], json!("{\"Statement\":[]}"));
    cloud.delete("AWS::SQS::QueuePolicy", &policy.physical_id, properties).await.unwrap();
    assert_eq!(cloud.ok("sqs", "GetQueueAttributes", asked).await["Attributes"], json!({}));
    cloud.delete(TYPE, &url, json!({})).await.unwrap();
    cloud.delete(TYPE, &url, json!({})).await.unwrap();
}
