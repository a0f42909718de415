//! KMS over the wire.

use super::cipher;
use super::operations::{self, Call};
use super::resource;
use super::state::{Key, MultiRegion, State};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::regional::Regional;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response, ServiceError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) struct Kms {
    pub(super) account: String,
    pub(super) regions: Regional<State>,
}

impl Kms {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), regions: Regional::open(dir.join("kms"))? })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("kms", request) };
        wire::respond(wire::body(request).and_then(|input| self.run(region, operation, &input)))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    fn run(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let call = Call { account: &self.account, region, input, now: Timestamp::now() };
        let store = self.regions.of(region)?;
        if store.read(|state| state.is_overdue(call.now)) {
            store.change(|state| {
                state.bury(call.now);
                Ok::<_, ServiceError>(())
            })?;
        }
        match operation {
            "CreateKey" => return self.create_key(call),
            "ReplicateKey" => return self.replicate(call),
            _ => {}
        }
        if let Some(answer) = store.read(|state| operations::read(state, operation, call)) {
            return answer;
        }
        store.change(|state| {
            let answer = operations::change(state, operation, call);
            answer.unwrap_or_else(|| Err(ServiceError::unknown_operation("KMS", operation)))
        })
    }

    fn create_key(&self, call: Call<'_>) -> Result<Value, ServiceError> {
        let spec = ["KeySpec", "CustomerMasterKeySpec"].iter().find_map(|name| call.input[*name].as_str());
        if spec.is_some_and(|spec| spec != "SYMMETRIC_DEFAULT") {
            return Err(not_offered(spec.unwrap_or_default()));
        }
        if call.input["KeyUsage"].as_str().is_some_and(|usage| usage != "ENCRYPT_DECRYPT") {
            return Err(not_offered(call.input["KeyUsage"].as_str().unwrap_or_default()));
        }
        let is_multi = call.input["MultiRegion"].as_bool().unwrap_or(false);
        let id = uuid::Uuid::new_v4();
        let id = if is_multi { format!("mrk-{}", id.simple()) } else { id.to_string() };
        let text = |name: &str| call.input[name].as_str().unwrap_or_default().to_owned();
        let mut key = self.new_key(call.region, &id, is_multi)?;
        key.description = text("Description");
        key.tags = operations::tags(&call.input["Tags"]);
        if !text("Policy").is_empty() {
            key.policy = text("Policy");
        }
        let shown = operations::metadata(&key, &self.account);
        self.keep(call.region, key)?;
        Ok(json!({ "KeyMetadata": shown }))
    }

    fn replicate(&self, call: Call<'_>) -> Result<Value, ServiceError> {
        let target = call.text("ReplicaRegion")?;
        let store = self.regions.of(call.region)?;
        let primary = store.read(|state| state.key(call.text("KeyId")?).cloned())?;
        let mut replica = self.replica_of(&primary, target)?;
        replica.description = call.input["Description"].as_str().unwrap_or_default().to_owned();
        replica.tags = operations::tags(&call.input["Tags"]);
        if let Some(policy) = call.input["Policy"].as_str() {
            replica.policy = policy.to_owned();
        }
        let policy = replica.policy.clone();
        let replica = self.add_replica(&primary, replica, target)?;
        Ok(json!({
            "ReplicaKeyMetadata": operations::metadata(&replica, &self.account), "ReplicaPolicy": policy,
            "ReplicaTags": call.input["Tags"],
        }))
    }

    pub(super) fn new_key(&self, region: &str, id: &str, is_multi: bool) -> Result<Key, ServiceError> {
        let root = format!("arn:aws:iam::{}:root", self.account);
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" }],
        });
        Ok(Key {
            owner: None,
            arn: format!("arn:aws:kms:{region}:{}:key/{id}", self.account),
            material: STANDARD.encode(cipher::random(32)?),
            description: String::new(),
            created: Timestamp::now(),
            enabled: true,
            deletion: None,
            policy: policy.to_string(),
            rotates: false,
            tags: Default::default(),
            multi_region: is_multi.then(|| MultiRegion { primary: region.to_owned(), replicas: Vec::new() }),
        })
    }

    pub(super) fn keep(&self, region: &str, key: Key) -> Result<(), ServiceError> {
        self.regions.of(region)?.change(|state| {
            state.keys.insert(key.id().to_owned(), key);
            Ok(())
        })
    }

    /// The same key in another region, not kept yet.
    pub(super) fn replica_of(&self, primary: &Key, target: &str) -> Result<Key, ServiceError> {
        let here = primary.arn.split(':').nth(3).unwrap_or_default();
        let Some(family) = primary.multi_region.as_ref().filter(|family| family.primary == here) else {
            let message = format!("{} is not a multi-Region primary key.", primary.arn);
            return Err(ServiceError::new("UnsupportedOperationException", message));
        };
        if family.primary == target {
            let message = "The replica must be in another region than its primary key.";
            return Err(ServiceError::new("ValidationException", message));
        }
        primary.check_usable()?;
        Ok(Key {
            owner: None,
            arn: format!("arn:aws:kms:{target}:{}:key/{}", self.account, primary.id()),
            created: Timestamp::now(),
            ..primary.clone()
        })
    }

    /// Keeps a replica and tells the whole family.
    pub(super) fn add_replica(&self, primary: &Key, mut replica: Key, target: &str) -> Result<Key, ServiceError> {
        let known = self.regions.of(target)?.read(|state| state.keys.get(replica.id()).cloned());
        match known {
            Some(known) if known.owner.is_some() && known.owner == replica.owner => return Ok(known),
            Some(known) => {
                let message = format!("{} already exists", known.arn);
                return Err(ServiceError::new("AlreadyExistsException", message));
            }
            None => {}
        }
        let mut family = primary.multi_region.clone();
        if let Some(family) = &mut family {
            family.replicas.push(target.to_owned());
        }
        replica.multi_region = family.clone();
        self.keep(target, replica.clone())?;
        self.tell_family(primary.id(), family)?;
        Ok(replica)
    }

    /// Gives every member of a family the same list of members.
    pub(super) fn tell_family(&self, id: &str, family: Option<MultiRegion>) -> Result<(), ServiceError> {
        let Some(known) = &family else { return Ok(()) };
        for region in known.replicas.iter().chain([&known.primary]) {
            self.regions.of(region)?.change(|state| {
                if let Some(key) = state.keys.get_mut(id) {
                    key.multi_region.clone_from(&family);
                }
                Ok::<_, ServiceError>(())
            })?;
        }
        Ok(())
    }
}

fn not_offered(what: &str) -> ServiceError {
    let message = format!("the rehearsal cloud does not offer KMS keys of {what}, only SYMMETRIC_DEFAULT");
    ServiceError::new("UnsupportedOperationException", message)
}
