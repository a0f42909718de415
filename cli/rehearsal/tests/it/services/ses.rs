use super::cloud::{Cloud, REGION};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted as _;
use serde_json::{Value, json};

async fn call(cloud: &Cloud, line: &str, input: Value) -> (u16, Value) {
    let (method, path) = line.split_once(' ').unwrap();
    let request = http::Request::builder().method(method).uri(path).body(Bytes::from(input.to_string())).unwrap();
    let response = cloud.services.handle(REGION, "ses", request).await;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

fn mail(to: &str) -> Value {
    json!({
        "FromEmailAddress": "Como <no-reply@mail.example.com>", "Destination": { "ToAddresses": [to] },
        "Content": { "Simple": { "Subject": { "Data": "s" }, "Body": { "Text": { "Data": "t" } } } },
        "ConfigurationSetName": "como",
    })
}

#[tokio::test]
async fn a_mail_needs_an_identity_and_tells_of_its_bounce() {
    let cloud = Cloud::new().await;
    cloud.create("AWS::SES::ConfigurationSet", "Set", json!({ "Name": "como" })).await;
    let send = "POST /v2/email/outbound-emails";
    let (status, answer) = call(&cloud, send, mail("a@b.c")).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("MessageRejected")));
    let identity = cloud.create("AWS::SES::EmailIdentity", "Identity", json!({ "EmailIdentity": "example.com" })).await;
    let topic = cloud.create("AWS::SNS::Topic", "Topic", json!({ "TopicName": "bounces" })).await.physical_id;
    let (url, arn) = cloud.open_queue("bounces").await;
    let raw = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": arn, "RawMessageDelivery": true,
    });
    cloud.create("AWS::SNS::Subscription", "Raw", raw).await;
    let destination = json!({
        "Name": "bounces", "Enabled": true, "MatchingEventTypes": ["bounce"], "SnsDestination": { "TopicARN": topic },
    });
    let properties = json!({ "ConfigurationSetName": "como", "EventDestination": destination });
    cloud.create("AWS::SES::ConfigurationSetEventDestination", "Destination", properties).await;
    let cloud = cloud.restart().await;
    assert_eq!(call(&cloud, send, mail("a@b.c")).await.0, 200);
    let (_, sent) = call(&cloud, send, mail("bounce@simulator.amazonses.com")).await;
    let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20 });
    let told = cloud.ok("sqs", "ReceiveMessage", input).await["Messages"].clone();
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    let event: Value = serde_json::from_str(told[0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!((&event["eventType"], &event["mail"]["messageId"]), (&json!("Bounce"), &sent["MessageId"]));
    cloud.delete("AWS::SES::EmailIdentity", &identity.physical_id, json!({})).await.unwrap();
    assert_eq!(call(&cloud, send, mail("a@b.c")).await.0, 400);
    let (_, answer) = call(&cloud, "POST /v2/email/templates", json!({})).await;
    assert_eq!(answer["message"], json!("the rehearsal cloud does not offer SES POST /v2/email/templates"));
}
