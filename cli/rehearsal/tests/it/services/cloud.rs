//! One place that knows how to talk to the services.

use bytes::Bytes;
use como_rehearsal::clock::Clock;
use como_rehearsal::faults::{Faults, Script};
use como_rehearsal::hosting::{Hosted, HostingOptions};
use como_rehearsal::options::{Seeds, TaskProgram};
use como_rehearsal::provision::{
    CreateRequest, DeleteRequest, ProvisionError, Provisioned, Provisioner, UpdateRequest,
};
use como_rehearsal::replication::regions::Regions;
use como_rehearsal::seeding::Seeding;
use como_rehearsal::services::Services;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) const REGION: &str = "ap-southeast-1";
pub(crate) const ACCOUNT: &str = "123456789012";

/// Services with a folder of their own.
pub(crate) struct Cloud {
    pub(crate) services: Arc<Services>,
    pub(crate) regions: Arc<Regions>,
    faults: Arc<Faults>,
    dir: TempDir,
}

impl Cloud {
    pub(crate) async fn new() -> Self {
        Self::with_seeds(json!({})).await
    }

    pub(crate) async fn with_seeds(seeds: Value) -> Self {
        let dir = tempfile::tempdir().unwrap();
        open(dir, serde_json::from_value(seeds).unwrap()).await
    }

    /// Stops everything and starts it again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        self.services.stop().await;
        drop(self.services);
        open(self.dir, Seeds::default()).await
    }

    /// What another supervisor finds when this one is killed now.
    pub(crate) async fn after_a_kill(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(self.dir.path(), dir.path());
        open(dir, Seeds::default()).await
    }

    /// A queue that lets every service in: its address and its ARN.
    pub(crate) async fn open_queue(&self, name: &str) -> (String, String) {
        let created = self.create("AWS::SQS::Queue", name, json!({ "QueueName": name })).await;
        let all = json!({ "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*" });
        let policy = json!({ "Queues": [created.physical_id], "PolicyDocument": { "Statement": all } });
        self.create("AWS::SQS::QueuePolicy", &format!("{name}Policy"), policy).await;
        (created.physical_id, created.attributes["Arn"].as_str().unwrap().to_owned())
    }

    /// The next message of a queue, which is taken away.
    pub(crate) async fn next_message(&self, url: &str) -> Value {
        let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20, "MessageAttributeNames": ["All"] });
        let message = self.ok("sqs", "ReceiveMessage", input).await["Messages"][0].clone();
        let receipt = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
        self.ok("sqs", "DeleteMessage", receipt).await;
        message
    }

    /// The messages of a log group that a pattern lets through, when there are so many.
    pub(crate) async fn logged(&self, group: &str, pattern: &str, count: usize) -> Vec<Value> {
        loop {
            let input = json!({ "logGroupName": group, "filterPattern": pattern });
            let (status, found) = self.call("logs", "FilterLogEvents", input).await;
            let events = found["events"].as_array().cloned().unwrap_or_default();
            if status == 200 && count <= events.len() {
                return events;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn try_create(
        &self,
        resource_type: &str,
        logical_id: &str,
        properties: Value,
    ) -> Result<Provisioned, ProvisionError> {
        self.services.create(request(resource_type, logical_id, properties)).await
    }

    pub(crate) async fn create(&self, resource_type: &str, logical_id: &str, properties: Value) -> Provisioned {
        self.try_create(resource_type, logical_id, properties).await.unwrap()
    }

    /// The same stack's counterpart in another region.
    pub(crate) async fn create_in(
        &self,
        region: &str,
        resource_type: &str,
        logical_id: &str,
        properties: Value,
    ) -> Provisioned {
        let mut request = request(resource_type, logical_id, properties);
        request.stack_id = request.stack_id.replace(REGION, region);
        request.region = region.to_owned();
        self.services.create(request).await.unwrap()
    }

    /// As `como rehearsal fault add` does.
    pub(crate) fn fault(&self, fault: Value) {
        let script: Script = serde_json::from_value(json!({ "faults": [fault] })).unwrap();
        self.faults.add(script).unwrap();
    }

    /// Changes a resource that exists to other properties.
    pub(crate) async fn update(
        &self,
        resource_type: &str,
        logical_id: &str,
        existing: &Provisioned,
        properties: Value,
    ) -> Result<Provisioned, ProvisionError> {
        let wanted = request(resource_type, logical_id, properties);
        let Provisioned { physical_id, attributes } = existing.clone();
        self.services.update(UpdateRequest { wanted, physical_id, attributes, before: Map::new() }).await
    }

    pub(crate) async fn stabilise(&self, resource_type: &str, provisioned: &Provisioned) -> Result<(), ProvisionError> {
        let request = request(resource_type, "Any", json!({}));
        self.services.stabilise(&request, provisioned).await
    }

    pub(crate) async fn delete(&self, resource_type: &str, id: &str, properties: Value) -> Result<(), ProvisionError> {
        self.services.delete(delete_request(resource_type, id, properties, false)).await
    }

    pub(crate) async fn delete_kept(&self, resource_type: &str, id: &str) -> Result<(), ProvisionError> {
        self.services.delete(delete_request(resource_type, id, json!({}), true)).await
    }

    /// One call in AWS's JSON protocol: the status and the answer.
    pub(crate) async fn call(&self, service: &str, operation: &str, input: Value) -> (u16, Value) {
        self.call_in(REGION, service, operation, input).await
    }

    pub(crate) async fn call_in(&self, region: &str, service: &str, operation: &str, input: Value) -> (u16, Value) {
        let request = http::Request::post("/")
            .header("x-amz-target", format!("Whatever.{operation}"))
            .header("content-type", "application/x-amz-json-1.1")
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let response = self.services.handle(region, service, request).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
    }

    pub(crate) async fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call(service, operation, input).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    pub(crate) async fn ok_in(&self, region: &str, service: &str, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call_in(region, service, operation, input).await;
        assert_eq!(status, 200, "{operation} in {region}: {answer}");
        answer
    }

    /// Code and message of a refusal.
    pub(crate) async fn error(&self, service: &str, operation: &str, input: Value) -> (String, String) {
        let (status, answer) = self.call(service, operation, input).await;
        assert_ne!(status, 200, "{operation}: {answer}");
        let code = answer["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned();
        let message = answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default().to_owned();
        (code, message)
    }
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            // A draft may be renamed meanwhile.
            let _ = fs_err::copy(entry.path(), target);
        }
    }
}

async fn open(dir: TempDir, seeds: Seeds) -> Cloud {
    let clock = Arc::new(Clock::new(1e9));
    let faults = Faults::open(dir.path(), Arc::clone(&clock)).unwrap();
    let regions = Arc::new(Regions::open(dir.path(), faults.outages().clone()).unwrap());
    // The stand-in is this very binary, told to run the one test that serves.
    let program = TaskProgram {
        executable: std::env::current_exe().unwrap(),
        arguments_prefix: ["--exact", "services::stand_in::serve", "--nocapture"].map(str::to_owned).to_vec(),
    };
    let seeding = Seeding::open(seeds, program.clone(), Vec::new(), dir.path().to_owned()).unwrap();
    let options = HostingOptions {
        dir: dir.path().join("services"),
        log_dir: dir.path().join("logs"),
        account: ACCOUNT.to_owned(),
        endpoint: "http://127.0.0.1:1".to_owned(),
        router_port: 0,
        program,
        clock,
        regions: Arc::clone(&regions),
        seeding: Arc::new(seeding),
    };
    Cloud { services: Services::open(options).await.unwrap(), regions, faults, dir }
}

pub(crate) fn request(resource_type: &str, logical_id: &str, properties: Value) -> CreateRequest {
    CreateRequest {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        stack_name: "como-test".to_owned(),
        stack_id: format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/como-test/11111111"),
        logical_id: logical_id.to_owned(),
        resource_type: resource_type.to_owned(),
        generation: 0,
        properties: object(properties),
    }
}

fn delete_request(resource_type: &str, id: &str, properties: Value, despite_protection: bool) -> DeleteRequest {
    DeleteRequest {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        stack_name: "como-test".to_owned(),
        resource_type: resource_type.to_owned(),
        physical_id: id.to_owned(),
        properties: object(properties),
        despite_protection,
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

pub(crate) fn refused(result: Result<impl std::fmt::Debug, ProvisionError>) -> String {
    result.unwrap_err().to_string()
}
