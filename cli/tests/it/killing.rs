//! The supervisor of the rehearsal cloud is killed outright, again and again, while a stack moves: the next one goes on,
//! the operation ends as it should, and what exists is what the stack says, no more and no less.

use crate::support::{FAST, Place, is_alive};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const REGIONS: [&str; 2] = ["ap-southeast-1", "ap-southeast-2"];
/// Slow enough that a supervisor dies while resources are on their way.
const SPEED: &str = "600";

struct Cloud {
    place: Place,
    endpoint: String,
    pid: i64,
    /// Instants are drawn by a fixed sequence.
    seed: u64,
}

impl Cloud {
    fn start() -> Self {
        let place = Place::new();
        let mut cloud = Self { place, endpoint: String::new(), pid: 0, seed: 7 };
        cloud.join();
        cloud
    }

    fn join(&mut self) {
        self.place.json(&["rehearsal", "start", "--speed", SPEED]);
        let status = self.place.json(&["rehearsal", "status"]);
        self.endpoint = status["endpoint"].as_str().unwrap().to_owned();
        self.pid = status["pid"].as_i64().unwrap();
    }

    fn kill(&mut self) {
        let killed = std::process::Command::new("kill").args(["-9", &self.pid.to_string()]).status();
        assert!(killed.unwrap().success());
        while is_alive(self.pid) {
            std::thread::yield_now();
        }
    }

    /// A number from 1 to `most`.
    fn draw(&mut self, most: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.seed >> 33).unwrap() % most + 1
    }

    async fn post(&self, region: &str, service: &str, target: &str, body: String) -> Option<String> {
        let credential = format!("rehearsal/20261124/{region}/{service}/aws4_request");
        let content =
            if target.is_empty() { "application/x-www-form-urlencoded" } else { "application/x-amz-json-1.1" };
        let request = reqwest::Client::new()
            .post(&self.endpoint)
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"),
            )
            .header("content-type", content)
            .header("x-amz-target", target)
            .body(body);
        request.send().await.ok()?.text().await.ok()
    }

    async fn stack(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let mut body = format!("Action={action}&Version=2010-05-15&StackName=s");
        for (key, value) in fields {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            body.push_str(&format!("&{key}={value}"));
        }
        self.post(REGIONS[0], "cloudformation", "", body).await.unwrap()
    }

    async fn list(&self, region: &str, service: &str, target: &str) -> Value {
        let text = self.post(region, service, target, "{}".to_owned()).await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Kills the supervisor twice while the operation goes on, at instants counted in events, and waits for its end.
    async fn survive(&mut self, id: &str, events: usize, expected: &str) {
        let mut seen = self.events(id).await;
        for _ in 0..2 {
            let instant = seen + self.draw(events / 2);
            while seen < instant && self.status(id).await.ends_with("IN_PROGRESS") {
                seen = self.events(id).await;
            }
            self.kill();
            self.join();
        }
        let mut status = self.status(id).await;
        while status.ends_with("IN_PROGRESS") {
            status = self.status(id).await;
        }
        assert_eq!(status, expected, "{}", self.stack_by_id("DescribeStackEvents", id).await);
        self.compare(id).await;
    }

    async fn stack_by_id(&self, action: &str, id: &str) -> String {
        let id: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("Action={action}&Version=2010-05-15&StackName={id}");
        self.post(REGIONS[0], "cloudformation", "", body).await.unwrap()
    }

    async fn status(&self, id: &str) -> String {
        let answer = self.stack_by_id("DescribeStacks", id).await;
        all(&answer, "StackStatus").into_iter().next().unwrap_or_else(|| "THROTTLED_IN_PROGRESS".to_owned())
    }

    async fn events(&self, id: &str) -> usize {
        all(&self.stack_by_id("DescribeStackEvents", id).await, "EventId").len()
    }

    /// What the services hold against what the stack lists.
    async fn compare(&self, id: &str) {
        let answer = self.stack_by_id("ListStackResources", id).await;
        let mut listed = BTreeSet::new();
        for member in all(&answer, "member") {
            let one = |tag: &str| all(&member, tag).into_iter().next().unwrap_or_default();
            if one("ResourceStatus") != "DELETE_COMPLETE" {
                listed.insert(format!("{} {}", one("ResourceType"), one("PhysicalResourceId")));
            }
        }
        let mut held = BTreeSet::new();
        for (service, target, list, name, kind) in [
            ("sqs", "AmazonSQS.ListQueues", "QueueUrls", "", "AWS::SQS::Queue"),
            ("ssm", "AmazonSSM.DescribeParameters", "Parameters", "Name", "AWS::SSM::Parameter"),
            ("secretsmanager", "secretsmanager.ListSecrets", "SecretList", "ARN", "AWS::SecretsManager::Secret"),
            ("dynamodb", "DynamoDB_20120810.ListTables", "TableNames", "", "AWS::DynamoDB::GlobalTable"),
        ] {
            let answer = self.list(REGIONS[0], service, target).await;
            for one in answer[list].as_array().into_iter().flatten() {
                let id = if name.is_empty() { one } else { &one[name] };
                assert!(held.insert(format!("{kind} {}", id.as_str().unwrap())), "twice: {one}");
            }
        }
        let known = ["SQS::Queue", "SSM::", "SecretsManager::", "DynamoDB::"];
        listed.retain(|one| known.iter().any(|known| one.contains(known)));
        assert_eq!(held, listed);
        let replicas = self.list(REGIONS[1], "dynamodb", "DynamoDB_20120810.ListTables").await;
        let replicas = replicas["TableNames"].as_array().unwrap().len();
        assert_eq!(replicas, held.iter().filter(|one| one.contains("DynamoDB")).count(), "replicas");
    }
}

/// The contents of every element of this name.
fn all(text: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    text.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).map(str::to_owned).collect()
}

/// The names follow the text, so that another text replaces queue and table; the secret hangs on both.
fn template(text: &str, more: Value) -> String {
    let mut resources = json!({
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {
            "QueueName": format!("queue-{text}"),
            "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3},
        }},
        "Table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {
            "TableName": format!("table-{text}"),
            "Replicas": REGIONS.map(|region| json!({"Region": region})),
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        }},
        "Note": {"Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Value": {"Fn::Sub": "${Queue} ${Table}"},
        }},
        "Secret": {"Type": "AWS::SecretsManager::Secret", "DependsOn": "Note", "Properties": {
            "Description": text, "GenerateSecretString": {"PasswordLength": 20},
        }},
    });
    for (name, resource) in more.as_object().unwrap() {
        resources[name] = resource.clone();
    }
    json!({ "Resources": resources }).to_string()
}

#[tokio::test]
async fn operations_outlive_their_supervisors() {
    let mut cloud = Cloud::start();
    let created = cloud.stack("CreateStack", &[("TemplateBody", &template("one", json!({})))]).await;
    let id = all(&created, "StackId").remove(0);
    cloud.survive(&id, 18, "CREATE_COMPLETE").await;

    let next = template("two", json!({"New": {"Type": "AWS::SQS::Queue", "DependsOn": "Secret"}}));
    cloud.stack("UpdateStack", &[("TemplateBody", &next)]).await;
    cloud.survive(&id, 20, "UPDATE_COMPLETE").await;

    // The name is taken, so that everything has to go back.
    let taken = json!({"Type": "AWS::SQS::Queue", "DependsOn": "Secret", "Properties": {"QueueName": "queue-two"}});
    let failing = template("three", json!({"New": {"Type": "AWS::SQS::Queue"}, "Taken": taken}));
    cloud.stack("UpdateStack", &[("TemplateBody", &failing), ("DisableValidation", "true")]).await;
    cloud.survive(&id, 30, "UPDATE_ROLLBACK_COMPLETE").await;

    cloud.stack("DeleteStack", &[]).await;
    cloud.survive(&id, 12, "DELETE_COMPLETE").await;
}

#[test]
fn tasks_are_neither_lost_nor_doubled() {
    let mut cloud = Cloud::start();
    let mut first = cloud
        .place
        .command(&["deploy", "prod", "--rehearse", "--events", "ndjson"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(first.stderr.take().unwrap()));
    let mut lines = lines.map_while(Result::ok);
    // A service has begun: some of its tasks may run already.
    let begun = lines.find(|line| line.contains("COMO_RESOURCE_IN_PROGRESS") && line.contains("AWS::ECS::Service"));
    assert!(begun.is_some(), "the deployment came to a service");
    cloud.kill();
    first.kill().unwrap();
    first.wait().unwrap();
    cloud.join();
    let joined = cloud.place.json(&["deploy", "prod", "--rehearse", "--speed", FAST, "--events", "errors"]);
    assert_eq!(joined["report"]["outcome"], "deployed");
    let status = cloud.place.json(&["rehearsal", "status"]);
    let tasks = status["tasks"].as_array().unwrap();
    let mut pids: Vec<i64> = tasks.iter().filter_map(|task| task["pid"].as_i64()).collect();
    pids.sort_unstable();
    assert!(pids.iter().all(|pid| is_alive(*pid)), "{status}");
    let services = cloud.place.json(&["status", "prod", "--rehearse"]);
    for stack in services["report"]["stacks"].as_array().unwrap() {
        for service in stack["services"].as_array().into_iter().flatten() {
            assert_eq!(service["running"], service["desired"], "{service}");
        }
    }
    assert_eq!(tasks_of(&cloud.endpoint), pids, "processes of tasks that nobody keeps");
}

/// Processes that were given this endpoint, but no commands that use it.
fn tasks_of(endpoint: &str) -> Vec<i64> {
    let mut pids = Vec::new();
    for entry in fs_err::read_dir("/proc").unwrap() {
        let path = entry.unwrap().path();
        let pid = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        let (Some(pid), Ok(command), Ok(environment)) =
            (pid, fs_err::read(path.join("cmdline")), fs_err::read(path.join("environ")))
        else {
            continue;
        };
        let holds = |text: &[u8], part: &str| text.windows(part.len()).any(|window| window == part.as_bytes());
        if holds(&command, "\0task\0serve\0") && holds(&environment, endpoint) {
            pids.push(pid);
        }
    }
    pids.sort_unstable();
    pids
}
