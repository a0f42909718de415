use super::cloud::{Cloud, REGION, refused};
use base64::Engine as _;
use bytes::Bytes;
use como_rehearsal::hosting::Hosted as _;
use serde_json::{Value, json};

const TYPE: &str = "AWS::Lambda::Function";

/// A zip archive with one file, stored as it is.
fn archive(name: &str, content: &str) -> Vec<u8> {
    let crc = content.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1)))
    });
    let (size, length) = (u32::try_from(content.len()).unwrap(), u16::try_from(name.len()).unwrap());
    let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    fields.extend((!crc).to_le_bytes());
    fields.extend(size.to_le_bytes());
    fields.extend(size.to_le_bytes());
    fields.extend(length.to_le_bytes());
    fields.extend([0, 0]);
    let local = [b"PK\x03\x04".as_slice(), &fields, name.as_bytes(), content.as_bytes()].concat();
    let central = [b"PK\x01\x02\x14\x00".as_slice(), &fields, &[0; 14], name.as_bytes()].concat();
    let mut end = b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00".to_vec();
    end.extend(u32::try_from(central.len()).unwrap().to_le_bytes());
    end.extend(u32::try_from(local.len()).unwrap().to_le_bytes());
    end.extend([0, 0]);
    [local, central, end].concat()
}

/// A function whose bootstrap is this very binary, running the one test that serves.
fn bootstrap() -> String {
    let executable = std::env::current_exe().unwrap();
    let archive = archive(
        "bootstrap",
        &format!("#!/bin/sh\nexec {} --exact services::stand_in::function --nocapture\n", executable.display()),
    );
    base64::engine::general_purpose::STANDARD.encode(archive)
}

pub(super) async fn function(cloud: &Cloud, name: &str, more: Value) -> String {
    let mut properties = json!({
        "FunctionName": name, "Role": "arn:aws:iam::123456789012:role/x", "Runtime": "provided.al2023",
        "Handler": "bootstrap", "Code": { "ZipFile": bootstrap() }, "Timeout": 60,
        "Environment": { "Variables": { "GREETING": "hello" } },
    });
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    cloud.create(TYPE, name, properties).await.attributes["Arn"].as_str().unwrap().to_owned()
}

async fn call(cloud: &Cloud, line: &str, kind: &str, input: Value) -> http::Response<Bytes> {
    let (method, path) = line.split_once(' ').unwrap();
    let request = http::Request::builder().method(method).uri(path).header("x-amz-invocation-type", kind);
    cloud.services.handle(REGION, "lambda", request.body(Bytes::from(input.to_string())).unwrap()).await
}

async fn invoke(cloud: &Cloud, name: &str, input: Value) -> (bool, Value) {
    let line = format!("POST /2015-03-31/functions/{name}/invocations");
    let answer = call(cloud, &line, "RequestResponse", input).await;
    assert_eq!(answer.status().as_u16(), 200, "{answer:?}");
    (answer.headers().contains_key("x-amz-function-error"), serde_json::from_slice(answer.body()).unwrap())
}

async fn queue(cloud: &Cloud, properties: Value) -> (String, String) {
    let name = properties["QueueName"].as_str().unwrap().to_owned();
    let created = cloud.create("AWS::SQS::Queue", &name, properties).await;
    (created.physical_id, created.attributes["Arn"].as_str().unwrap().to_owned())
}

async fn next(cloud: &Cloud, url: &str) -> Value {
    let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20, "MessageAttributeNames": ["All"] });
    cloud.ok("sqs", "ReceiveMessage", input).await["Messages"][0].clone()
}

/// Returns when a child of this process has ended with all its threads, and leaves it to be waited for. Its main thread alone
/// is a zombie earlier, while others may still hold its sockets.
async fn ended(pid: rustix::process::Pid) {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let wait = move || waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).map(drop);
    let ended = tokio::task::spawn_blocking(wait).await.unwrap();
    // The supervisor may have waited for it already.
    assert!(matches!(ended, Ok(()) | Err(rustix::io::Errno::CHILD)), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_runs_its_bootstrap() {
    let cloud = Cloud::new().await;
    function(&cloud, "echo", json!({ "Timeout": 10 })).await;
    let (failed, answer) = invoke(&cloud, "echo", json!({ "a": 1 })).await;
    assert!(!failed, "{answer}");
    assert_eq!((&answer["event"], &answer["greeting"]), (&json!({ "a": 1 }), &json!("hello")));
    assert_eq!(answer["region"], json!(REGION));
    // An instance that rests is used again.
    let (_, again) = invoke(&cloud, "echo", json!({})).await;
    assert_eq!(answer["pid"], again["pid"]);
    let (failed, answer) = invoke(&cloud, "echo", json!({ "fail": true })).await;
    assert_eq!((failed, &answer["errorMessage"]), (true, &json!("as asked")));
    // Its output is in its log group, between Lambda's own lines.
    let said = cloud.logged("/aws/lambda/echo", "", 11).await;
    let said: Vec<&str> = said.iter().map(|event| event["message"].as_str().unwrap()).collect();
    let at = |wanted: &str| said.iter().position(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{said:?}"));
    assert!(at("START RequestId") < at("event {\"a\":1}") && at("event {\"a\":1}") < at("END RequestId"), "{said:?}");
    assert!(at("END RequestId") < at("REPORT RequestId"), "{said:?}");
    let (failed, answer) = invoke(&cloud, "echo", json!({ "exit": true })).await;
    assert_eq!((failed, &answer["errorType"]), (true, &json!("Runtime.ExitError")));
    // One that dies while it rests is not used again.
    let (_, answer) = invoke(&cloud, "echo", json!({})).await;
    let pid = rustix::process::Pid::from_raw(answer["pid"].as_i64().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    ended(pid).await;
    let (failed, again) = invoke(&cloud, "echo", json!({})).await;
    assert!(!failed && again["pid"] != answer["pid"], "{again}");
    let cloud = cloud.restart().await;
    assert!(!invoke(&cloud, "echo", json!({})).await.0);
    let settings = json!({ "Timeout": 1 });
    call(&cloud, "PUT /2015-03-31/functions/echo/configuration", "", settings).await;
    let (failed, answer) = invoke(&cloud, "echo", json!({ "forever": true })).await;
    assert_eq!((failed, &answer["errorType"]), (true, &json!("Sandbox.Timedout")));
    cloud.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_feeds_a_function_and_what_fails_becomes_a_dead_letter() {
    let cloud = Cloud::new().await;
    function(&cloud, "worker", json!({ "Timeout": 6 })).await;
    let (dead, dead_arn) = queue(&cloud, json!({ "QueueName": "dead" })).await;
    let policy = json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": 1 });
    let (url, arn) =
        queue(&cloud, json!({ "QueueName": "work", "VisibilityTimeout": 5, "RedrivePolicy": policy })).await;
    let mapping = json!({
        "EventSourceArn": arn, "FunctionName": "worker", "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    let message = refused(cloud.try_create("AWS::Lambda::EventSourceMapping", "Mapping", mapping.clone()).await);
    assert_eq!(message, "Queue visibility timeout: 5 seconds is less than Function timeout: 6 seconds");
    call(&cloud, "PUT /2015-03-31/functions/worker/configuration", "", json!({ "Timeout": 5 })).await;
    let mut filtered = mapping.clone();
    filtered["FilterCriteria"] = json!({ "Filters": [] });
    let message = refused(cloud.try_create("AWS::Lambda::EventSourceMapping", "Mapping", filtered).await);
    assert_eq!(message, "the rehearsal cloud does not offer FilterCriteria of event source mappings");
    cloud.create("AWS::Lambda::EventSourceMapping", "Mapping", mapping.clone()).await;
    // Asked for again after a kill, it is the same.
    cloud.create("AWS::Lambda::EventSourceMapping", "Mapping", mapping).await;
    for body in ["good", "bad"] {
        cloud.ok("sqs", "SendMessage", json!({ "QueueUrl": url, "MessageBody": body })).await;
    }
    assert_eq!(next(&cloud, &dead).await["Body"], json!("bad"));
    let asked = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    let counts = cloud.ok("sqs", "GetQueueAttributes", asked).await["Attributes"].clone();
    assert_eq!(counts["ApproximateNumberOfMessages"], json!("0"));
    cloud.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_nobody_waits_for_is_tried_three_times_and_buried() {
    let cloud = Cloud::new().await;
    let (dead, arn) = queue(&cloud, json!({ "QueueName": "dead" })).await;
    function(&cloud, "fails", json!({ "DeadLetterConfig": { "TargetArn": arn } })).await;
    let line = "POST /2015-03-31/functions/fails/invocations";
    let answer = call(&cloud, line, "Event", json!({ "fail": true })).await;
    assert_eq!(answer.status().as_u16(), 202);
    let letter = next(&cloud, &dead).await;
    assert_eq!(letter["Body"], json!("{\"fail\":true}"));
    assert!(letter["MessageAttributes"]["ErrorMessage"]["StringValue"].as_str().unwrap().contains("as asked"));
    cloud.services.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_outlives_a_kill() {
    let cloud = Cloud::new().await;
    let (dead, arn) = queue(&cloud, json!({ "QueueName": "dead" })).await;
    function(&cloud, "hangs", json!({ "DeadLetterConfig": { "TargetArn": arn }, "Timeout": 1 })).await;
    let line = "POST /2015-03-31/functions/hangs/invocations";
    assert_eq!(call(&cloud, line, "Event", json!({ "forever": true })).await.status().as_u16(), 202);
    let after = cloud.after_a_kill().await;
    assert_eq!(next(&after, &dead).await["Body"], json!("{\"forever\":true}"));
    after.services.stop().await;
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_function_refuses_what_it_cannot_be() {
    let cloud = Cloud::new().await;
    let base = json!({ "FunctionName": "f", "Role": "r", "Runtime": "provided.al2023", "Handler": "bootstrap" });
    let with = |code: Value| {
        let mut properties = base.clone();
        properties["Code"] = code;
        properties
    };
    let message = refused(cloud.try_create(TYPE, "F", with(json!({ "S3Bucket": "none", "S3Key": "a" }))).await);
    assert_eq!(message, "Error occurred while GetObject. S3 Error Message: The specified key does not exist.");
    let message = refused(cloud.try_create(TYPE, "F", with(json!({ "ImageUri": "x" }))).await);
    assert_eq!(message, "the rehearsal cloud does not offer Lambda functions from images");
    let mut reserved = with(json!({ "ZipFile": "exports.handler = 1" }));
    reserved["Environment"] = json!({ "Variables": { "AWS_REGION": "x", "MINE": "y" } });
    let message = refused(cloud.try_create(TYPE, "F", reserved).await);
    assert!(message.ends_with("Reserved keys used in this request: AWS_REGION"), "{message}");
    let mut layers = with(json!({ "ZipFile": "exports.handler = 1" }));
    layers["Layers"] = json!(["arn:aws:lambda:x:1:layer:y:1"]);
    let message = refused(cloud.try_create(TYPE, "F", layers).await);
    assert!(message.starts_with("the rehearsal cloud does not offer Layers"), "{message}");
    // Source of an interpreted language is kept, but nobody runs it.
    let mut node = with(json!({ "ZipFile": "exports.handler = 1" }));
    node["Runtime"] = json!("nodejs24.x");
    cloud.create(TYPE, "F", node.clone()).await;
    let (failed, answer) = invoke(&cloud, "f", json!({})).await;
    assert!(failed && answer["errorMessage"].as_str().unwrap().ends_with("does not offer the runtime nodejs24.x"));
    assert_eq!(refused(cloud.try_create(TYPE, "G", node).await), "f already exists");
    let permission =
        json!({ "FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com" });
    let permission = cloud.create("AWS::Lambda::Permission", "P", permission).await;
    let policy = call(&cloud, "GET /2015-03-31/functions/f/policy", "", json!({})).await;
    assert!(String::from_utf8_lossy(policy.body()).contains(&permission.physical_id));
    cloud.delete(TYPE, "f", json!({})).await.unwrap();
    let gone = call(&cloud, "GET /2015-03-31/functions/f", "", json!({})).await;
    assert_eq!(
        (gone.status().as_u16(), gone.headers()["x-amzn-errortype"].to_str().unwrap()),
        (404, "ResourceNotFoundException")
    );
}
