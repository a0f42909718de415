//! A rehearsal cloud within the test: the real gateway and CloudFormation over a made-up service.

use async_trait::async_trait;
use bytes::Bytes;
use como_rehearsal::admin::Admin;
use como_rehearsal::clock::Clock;
use como_rehearsal::cloudformation::CloudFormation;
use como_rehearsal::faults::{Faults, FaultyProvisioner};
use como_rehearsal::gateway::Gateway;
use como_rehearsal::hosting::Hosted;
use como_rehearsal::options::{Seeds, TaskProgram};
use como_rehearsal::provision::{
    CreateRequest, DeleteRequest, Found, Lookup, Notice, ProvisionError, Provisioned, Provisioner, ReadRequest,
    Reading, UpdateRequest,
};
use como_rehearsal::replication::regions::Regions;
use como_rehearsal::seeding::Seeding;
use como_rehearsal::status::{HostedStatus, TaskSummary};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-southeast-1";
/// Fast enough that no wait is felt.
const SPEED: f64 = 1e9;

/// Behaves by logical id: `Fail…` is refused, `Unstable…` never works, `Stuck…` cannot be deleted, `Hold…` waits until
/// released. Two resources of one `QueueName` are refused.
pub(crate) struct MadeUp {
    released: watch::Sender<bool>,
    /// Logical ids whose creation was asked for.
    pub(crate) asked: watch::Sender<BTreeSet<String>>,
    names: Mutex<BTreeSet<String>>,
    /// Physical ids of what was deleted.
    pub(crate) deleted: Mutex<BTreeSet<String>>,
    pub(crate) requests: Mutex<BTreeMap<String, CreateRequest>>,
    pub(crate) updates: Mutex<Vec<UpdateRequest>>,
    pub(crate) tasks: Mutex<Vec<TaskSummary>>,
    /// Parameters and secrets: value and kind by name.
    pub(crate) values: Mutex<BTreeMap<String, (String, String)>>,
    /// By physical id.
    pub(crate) readings: Mutex<BTreeMap<String, Reading>>,
    /// How much is in buckets and repositories, by physical id.
    pub(crate) contents: Mutex<BTreeMap<String, usize>>,
    /// By ARN, whether they ring.
    pub(crate) alarms: Mutex<BTreeMap<String, bool>>,
    pub(crate) notices: watch::Sender<Vec<Notice>>,
}

impl MadeUp {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            released: watch::Sender::new(false),
            asked: watch::Sender::default(),
            names: Mutex::default(),
            deleted: Mutex::default(),
            requests: Mutex::default(),
            updates: Mutex::default(),
            tasks: Mutex::default(),
            values: Mutex::default(),
            readings: Mutex::default(),
            contents: Mutex::default(),
            alarms: Mutex::default(),
            notices: watch::Sender::default(),
        })
    }

    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }

    pub(crate) fn hold(&self) {
        self.released.send_replace(false);
    }

    /// Somebody makes a queue of this name.
    pub(crate) fn exists(&self, name: &str) {
        self.names.lock().unwrap().insert(name.to_owned());
    }

    pub(crate) fn vanishes(&self, name: &str) {
        self.names.lock().unwrap().remove(name);
    }

    pub(crate) async fn wait_until_asked_for(&self, names: &[&str]) {
        let mut asked = self.asked.subscribe();
        asked.wait_for(|asked| names.iter().all(|name| asked.contains(*name))).await.unwrap();
    }
}

#[async_trait]
impl Provisioner for MadeUp {
    async fn create(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        let id = request.logical_id.clone();
        self.requests.lock().unwrap().insert(id.clone(), request.clone());
        if id.starts_with("Fail") {
            return Err(ProvisionError::Refused { message: "boom".to_owned() });
        }
        let name = request.properties.get("QueueName").and_then(Value::as_str);
        if let Some(name) = name
            && !self.names.lock().unwrap().insert(name.to_owned())
        {
            return Err(ProvisionError::AlreadyExists { identifier: name.to_owned() });
        }
        self.asked.send_modify(|asked| {
            asked.insert(id.clone());
        });
        Ok(Provisioned {
            physical_id: name.map_or_else(|| physical_id(&request), str::to_owned),
            attributes: BTreeMap::from([
                ("Arn".to_owned(), Value::from(format!("arn:{id}"))),
                ("TopicArn".to_owned(), Value::from(format!("arn:{id}"))),
                ("DefaultSecurityGroup".to_owned(), Value::from("sg-1")),
                ("CidrBlockAssociations".to_owned(), json!(["a", "b"])),
            ]),
        })
    }

    async fn stabilise(&self, request: &CreateRequest, _provisioned: &Provisioned) -> Result<(), ProvisionError> {
        if request.logical_id.starts_with("Unstable") {
            return Err(ProvisionError::Refused { message: "never worked".to_owned() });
        }
        if request.logical_id.starts_with("Hold") {
            self.released.subscribe().wait_for(|released| *released).await.unwrap();
        }
        Ok(())
    }

    /// A `Description` or `DisplayName` that begins with `refuse` is refused.
    async fn update(&self, request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.updates.lock().unwrap().push(request.clone());
        let told =
            ["Description", "DisplayName"].map(|name| request.wanted.properties.get(name).and_then(Value::as_str));
        if told.iter().flatten().any(|text| text.starts_with("refuse")) {
            return Err(ProvisionError::Refused { message: "not like this".to_owned() });
        }
        Ok(Provisioned { physical_id: request.physical_id, attributes: request.attributes })
    }

    async fn find(&self, request: &CreateRequest) -> Result<Option<String>, ProvisionError> {
        let name = request.properties.get("QueueName").and_then(Value::as_str);
        let names = self.names.lock().unwrap();
        Ok(name.filter(|name| names.contains(*name)).map(str::to_owned))
    }

    async fn adopt(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        let physical_id = request.properties["QueueName"].as_str().unwrap().to_owned();
        Ok(Provisioned { physical_id, attributes: BTreeMap::new() })
    }

    async fn look_up(&self, _region: &str, lookup: &Lookup) -> Result<Found, ProvisionError> {
        let name = match lookup {
            Lookup::Parameter { name, .. } | Lookup::Secret { id: name, .. } => name.clone(),
            Lookup::Object { bucket, key, .. } => format!("{bucket}/{key}"),
        };
        let found = self.values.lock().unwrap().get(&name).cloned();
        let (value, kind) = found
            .ok_or_else(|| ProvisionError::Refused { message: format!("Parameters: [{name}] cannot be found.") })?;
        Ok(Found { value, kind })
    }

    async fn read(&self, request: &ReadRequest) -> Result<Reading, ProvisionError> {
        Ok(self.readings.lock().unwrap().get(&request.physical_id).cloned().unwrap_or(Reading::NotOffered))
    }

    async fn is_ringing(&self, _region: &str, alarm: &str) -> Option<bool> {
        self.alarms.lock().unwrap().get(alarm).copied()
    }

    async fn announce(&self, notice: Notice) {
        self.notices.send_modify(|notices| notices.push(notice));
    }

    async fn contents(&self, request: &ReadRequest) -> Result<Option<usize>, ProvisionError> {
        Ok(self.contents.lock().unwrap().get(&request.physical_id).copied())
    }

    async fn delete(&self, request: DeleteRequest) -> Result<(), ProvisionError> {
        if request.physical_id.starts_with("physical-Stuck") && !request.despite_protection {
            return Err(ProvisionError::Refused { message: "still in use".to_owned() });
        }
        self.names.lock().unwrap().remove(&request.physical_id);
        self.deleted.lock().unwrap().insert(request.physical_id);
        Ok(())
    }
}

#[async_trait]
impl Hosted for MadeUp {
    async fn handle(&self, region: &str, service: &str, _request: http::Request<Bytes>) -> http::Response<Bytes> {
        http::Response::new(Bytes::from(format!("{service} in {region}")))
    }

    async fn status(&self) -> HostedStatus {
        HostedStatus { tasks: self.tasks.lock().unwrap().clone(), ..HostedStatus::default() }
    }

    async fn stop(&self) {}
}

pub(crate) struct Cloud {
    pub(crate) endpoint: String,
    pub(crate) made_up: Arc<MadeUp>,
    pub(crate) cloudformation: Arc<CloudFormation>,
    dir: Arc<TempDir>,
    client: reqwest::Client,
}

/// An answer; XML elements are found by name alone.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn all(&self, tag: &str) -> Vec<String> {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let mut found = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((_, after)) = rest.split_once(&open) {
            let (value, remainder) = after.split_once(&close).unwrap();
            let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            found.push(value);
            rest = remainder;
        }
        found
    }

    pub(crate) fn one(&self, tag: &str) -> String {
        let mut all = self.all(tag);
        assert_eq!(all.len(), 1, "{tag} in {}", self.text);
        all.remove(0)
    }
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        Self::start_in(Arc::new(TempDir::new().unwrap()), MadeUp::new()).await
    }

    /// A new supervisor over the state of this one, which is stopped.
    pub(crate) async fn restart(self) -> Self {
        self.cloudformation.stop().await;
        Self::start_in(self.dir, self.made_up).await
    }

    async fn start_in(dir: Arc<TempDir>, made_up: Arc<MadeUp>) -> Self {
        let clock = Arc::new(Clock::new(SPEED));
        let program = TaskProgram { executable: "/nonexistent".into(), arguments_prefix: Vec::new() };
        let seeding = Seeding::open(Seeds::default(), program, Vec::new(), dir.path().to_owned()).unwrap();
        let faults = Faults::open(dir.path(), Arc::clone(&clock)).unwrap();
        let cloudformation = CloudFormation::open(
            dir.path().join("cloudformation"),
            ACCOUNT.to_owned(),
            Arc::new(FaultyProvisioner { inner: Arc::clone(&made_up) as _, faults: Arc::clone(&faults) }),
            Arc::clone(&clock),
        )
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let admin = Arc::new(Admin {
            endpoint: endpoint.clone(),
            account: ACCOUNT.to_owned(),
            started: jiff::Timestamp::now(),
            clock,
            cloudformation: Arc::clone(&cloudformation),
            hosted: Arc::clone(&made_up) as _,
            seeding: Arc::new(seeding),
            faults: Arc::clone(&faults),
            regions: Arc::new(Regions::open(dir.path(), faults.outages().clone()).unwrap()),
            stop: CancellationToken::new(),
        });
        let gateway = Gateway { cloudformation: Arc::clone(&cloudformation), hosted: Arc::clone(&made_up) as _, admin };
        tokio::spawn(axum::serve(listener, gateway.into_router()).into_future());
        tokio::spawn(faults.serve(Arc::clone(&made_up) as _, CancellationToken::new()));
        cloudformation.resume();
        Self { endpoint, made_up, cloudformation, dir, client: reqwest::Client::new() }
    }

    pub(crate) async fn call(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.call_in(REGION, action, fields).await
    }

    pub(crate) async fn call_in(&self, region: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form: Vec<(&str, &str)> =
            [("Action", action), ("Version", "2010-05-15")].into_iter().chain(fields.iter().copied()).collect();
        let response = self
            .client
            .post(&self.endpoint)
            .header("authorization", authorization(region, "cloudformation"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert!(response.headers().contains_key("x-amzn-requestid"));
        Answer { status: response.status().as_u16(), text: response.text().await.unwrap() }
    }

    pub(crate) async fn create(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let body = template.to_string();
        let mut all = vec![("StackName", name), ("TemplateBody", body.as_str())];
        all.extend_from_slice(fields);
        self.call("CreateStack", &all).await
    }

    /// Asks until the stack rests, and returns the last description. Takes a name or an id.
    pub(crate) async fn settled(&self, name: &str) -> Answer {
        loop {
            let answer = self.call("DescribeStacks", &[("StackName", name)]).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            if !answer.one("StackStatus").ends_with("IN_PROGRESS") {
                return answer;
            }
        }
    }

    /// Creates, waits, and returns how it ended.
    pub(crate) async fn create_and_wait(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let created = self.create(name, template, fields).await;
        assert_eq!(created.status, 200, "{}", created.text);
        self.settled(&created.one("StackId")).await
    }

    pub(crate) async fn update(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let body = template.to_string();
        let mut all = vec![("StackName", name), ("TemplateBody", body.as_str())];
        all.extend_from_slice(fields);
        self.call("UpdateStack", &all).await
    }

    /// Updates, waits, and returns how it ended.
    pub(crate) async fn update_and_wait(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let updated = self.update(name, template, fields).await;
        assert_eq!(updated.status, 200, "{}", updated.text);
        self.settled(name).await
    }

    /// Events, oldest first: logical id, status, reason.
    pub(crate) async fn events(&self, name: &str) -> Vec<String> {
        let answer = self.call("DescribeStackEvents", &[("StackName", name)]).await;
        let mut lines: Vec<String> = answer
            .all("member")
            .into_iter()
            .map(|text| {
                let event = Answer { status: 200, text };
                let mut line = format!("{} {}", event.one("LogicalResourceId"), event.one("ResourceStatus"));
                for reason in event.all("ResourceStatusReason") {
                    line.push_str(&format!(" ({})", without_tokens(&reason)));
                }
                line
            })
            .collect();
        lines.reverse();
        lines
    }

    pub(crate) async fn admin(&self, path: &str, body: Value) -> Value {
        let response =
            self.client.post(format!("{}/_rehearsal/{path}", self.endpoint)).json(&body).send().await.unwrap();
        response.json().await.unwrap()
    }

    pub(crate) async fn status(&self) -> Value {
        self.client.get(format!("{}/_rehearsal/status", self.endpoint)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn raw(&self, service: &str) -> Answer {
        let request = self.client.post(&self.endpoint).header("authorization", authorization(REGION, service));
        let response = request.send().await.unwrap();
        Answer { status: response.status().as_u16(), text: response.text().await.unwrap() }
    }
}

/// A resource that replaces another one has a number at its end.
fn physical_id(request: &CreateRequest) -> String {
    match request.generation {
        0 => format!("physical-{}", request.logical_id),
        generation => format!("physical-{}-{generation}", request.logical_id),
    }
}

pub(crate) fn authorization(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=rehearsal/20261123/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// Request tokens differ from run to run.
fn without_tokens(text: &str) -> String {
    match text.split_once("RequestToken: ") {
        Some((before, after)) => format!("{before}RequestToken: …{}", after.get(36..).unwrap_or_default()),
        None => text.to_owned(),
    }
}
