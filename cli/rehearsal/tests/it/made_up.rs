//! A made-up service behind CloudFormation, which does as its resources' names say.

use async_trait::async_trait;
use bytes::Bytes;
use como_rehearsal::hosting::Hosted;
use como_rehearsal::provision::{
    CreateRequest, DeleteRequest, Found, Lookup, Notice, ProvisionError, Provisioned, Provisioner, ReadRequest,
    Reading, UpdateRequest,
};
use como_rehearsal::status::{HostedStatus, TaskSummary};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

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
    /// Topic, subject and text.
    pub(crate) published: watch::Sender<Vec<[String; 3]>>,
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
            published: watch::Sender::default(),
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

    /// A topic whose name begins with `Absent` is not there.
    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), ProvisionError> {
        if topic.contains(":Absent") {
            return Err(ProvisionError::Refused { message: "Topic does not exist".to_owned() });
        }
        self.published.send_modify(|published| published.push([topic, subject, text].map(str::to_owned)));
        Ok(())
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

    /// Clients are named after their regions: `client-of-<region>`.
    fn region_of_client(&self, client: &str) -> Option<String> {
        client.strip_prefix("client-of-").map(str::to_owned)
    }

    async fn status(&self) -> HostedStatus {
        HostedStatus { tasks: self.tasks.lock().unwrap().clone(), ..HostedStatus::default() }
    }

    async fn stop(&self) {}
}

/// A resource that replaces another one has a number at its end.
fn physical_id(request: &CreateRequest) -> String {
    match request.generation {
        0 => format!("physical-{}", request.logical_id),
        generation => format!("physical-{}-{generation}", request.logical_id),
    }
}
