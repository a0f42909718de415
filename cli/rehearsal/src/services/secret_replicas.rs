//! Secrets that are copied to other regions, over the links that everything else takes.
//!
//! The primary is the truth and a replica is a copy of all of it: values, stages, tags. A change starts the link's lag
//! anew, and a cut link leaves the replica as it was. What is to be copied outlives the supervisor.

use super::secrets::Secrets;
use super::store::StoreError;
use super::wire::{self, Request, Response, ServiceError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// When there is nothing to wait for.
const PAUSE: Duration = Duration::from_secs(1);

/// By primary region and name, with a space between.
pub(super) type Book = BTreeMap<String, Replicated>;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Replicated {
    /// How often the primary has changed.
    changes: u64,
    changed_us: u64,
    replicas: BTreeMap<String, Replica>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Replica {
    kms_key_id: Option<String>,
    /// The change of the primary that it has; 0 before the first.
    has: u64,
    /// Why it will never be.
    failure: Option<String>,
}

impl Secrets {
    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let operation = wire::operation(request).unwrap_or_default().to_owned();
        let input = match wire::body(request) {
            Ok(input) => input,
            Err(error) => return wire::error_response(&error),
        };
        match operation.as_str() {
            "ReplicateSecretToRegions" => wire::respond(self.replicate(region, &input)),
            "RemoveRegionsFromReplication" => wire::respond(self.remove_regions(region, &input)),
            "StopReplicationToReplica" => wire::respond(self.promote(region, &input)),
            "DescribeSecret" => wire::respond(self.describe(region, &input)),
            _ => self.handle_own(region, &operation, &input, request),
        }
    }

    fn handle_own(&self, region: &str, operation: &str, input: &Value, request: &Request) -> Response {
        let is_change = !["Get", "List", "BatchGet", "Validate"].iter().any(|prefix| operation.starts_with(prefix));
        let name = match input["SecretId"].as_str() {
            Some(id) if is_change => self.name(region, id).ok(),
            _ => None,
        };
        if let Some(name) = &name
            && let Some(refusal) = self.refusal(region, name, operation)
        {
            return wire::error_response(&refusal);
        }
        let response = self.vault.handle(region, request);
        if !response.status().is_success() {
            return response;
        }
        let followed = match (&name, operation) {
            (Some(name), _) => self.touch(region, name).map_err(ServiceError::from),
            (None, "CreateSecret") if input.get("AddReplicaRegions").is_some() => {
                let wanted = json!({
                    "SecretId": input["Name"], "AddReplicaRegions": input["AddReplicaRegions"],
                    "ForceOverwriteReplicaSecret": input["ForceOverwriteReplicaSecret"],
                });
                self.replicate(region, &wanted).map(drop)
            }
            _ => Ok(()),
        };
        match followed {
            Ok(()) => response,
            Err(error) => wire::error_response(&error),
        }
    }

    /// What a replica, or a primary that has replicas, does not take.
    fn refusal(&self, region: &str, name: &str, operation: &str) -> Option<ServiceError> {
        let invalid = |message: &str| Some(ServiceError::new("InvalidRequestException", message));
        if self.primary_of(region, name).is_some() {
            return invalid(
                "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
            );
        }
        let has_replicas =
            self.replicas.read(|book| book.get(&key(region, name)).is_some_and(|one| !one.replicas.is_empty()));
        if operation == "DeleteSecret" && has_replicas {
            return invalid(
                "You can't delete a secret that is replicated to other Regions. Remove its replicas first, with \
                 RemoveRegionsFromReplication.",
            );
        }
        None
    }

    /// Adds regions to a secret; those that it has already are left alone.
    pub(super) fn replicate(&self, region: &str, input: &Value) -> Result<Value, ServiceError> {
        let described = self.describe(region, input)?;
        let name = described["Name"].as_str().unwrap_or_default();
        if let Some(refusal) = self.refusal(region, name, "ReplicateSecretToRegions") {
            return Err(refusal);
        }
        let force = input["ForceOverwriteReplicaSecret"].as_bool().unwrap_or(false);
        for wanted in input["AddReplicaRegions"].as_array().into_iter().flatten() {
            let target = wanted["Region"].as_str().unwrap_or_default();
            if target.is_empty() || target == region {
                let message = "Invalid replica region: it must be another region than the primary's";
                return Err(ServiceError::new("InvalidParameterException", message));
            }
            let is_known = self
                .replicas
                .read(|book| book.get(&key(region, name)).is_some_and(|one| one.replicas.contains_key(target)));
            if is_known {
                continue;
            }
            let in_the_way = !force && self.vault.call(target, "DescribeSecret", &json!({ "SecretId": name })).is_ok();
            let failure = in_the_way
                .then(|| format!("Replication failed: Secret name {name} already exists in region {target}."));
            let kms_key_id = wanted["KmsKeyId"].as_str().map(str::to_owned);
            self.replicas.change(|book| {
                let one = book.entry(key(region, name)).or_default();
                if one.changes == 0 {
                    (one.changes, one.changed_us) = (1, now_us());
                }
                one.replicas.insert(target.to_owned(), Replica { kms_key_id, has: 0, failure });
                Ok::<_, StoreError>(())
            })?;
        }
        self.wake.notify_one();
        Ok(json!({ "ARN": described["ARN"], "ReplicationStatus": self.statuses(region, name) }))
    }

    fn remove_regions(&self, region: &str, input: &Value) -> Result<Value, ServiceError> {
        let described = self.describe(region, input)?;
        let name = described["Name"].as_str().unwrap_or_default();
        for target in input["RemoveReplicaRegions"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.remove_region(region, name, target)?;
        }
        Ok(json!({ "ARN": described["ARN"], "ReplicationStatus": self.statuses(region, name) }))
    }

    /// Deletes a replica; a region that has none is no error.
    pub(super) fn remove_region(&self, region: &str, name: &str, target: &str) -> Result<(), ServiceError> {
        if self.primary_of(target, name).as_deref() == Some(region) {
            let input = json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true });
            match self.vault.call(target, "DeleteSecret", &input) {
                Err(error) if error.code != "ResourceNotFoundException" => return Err(error),
                _ => {}
            }
        }
        Ok(self.forget_replica(region, name, target)?)
    }

    /// Makes a replica a secret of its own, in its region alone: the primary's may be gone.
    fn promote(&self, region: &str, input: &Value) -> Result<Value, ServiceError> {
        let id = input["SecretId"].as_str().unwrap_or_default();
        let name = self.name(region, id)?;
        let Some(primary) = self.primary_of(region, &name) else {
            return Err(ServiceError::new("InvalidRequestException", "The secret is not a replica."));
        };
        self.forget_replica(&primary, &name, region)?;
        let described = self.describe(region, input)?;
        Ok(json!({ "ARN": described["ARN"] }))
    }

    pub(super) fn describe(&self, region: &str, input: &Value) -> Result<Value, ServiceError> {
        let input = json!({ "SecretId": input["SecretId"] });
        let mut answer = self.vault.call(region, "DescribeSecret", &input)?;
        let name = answer["Name"].as_str().unwrap_or_default().to_owned();
        for key in ["PrimaryRegion", "ReplicationStatus"] {
            if let Some(fields) = answer.as_object_mut() {
                fields.remove(key);
            }
        }
        let statuses = self.statuses(region, &name);
        if let Some(primary) = self.primary_of(region, &name) {
            answer["PrimaryRegion"] = json!(primary);
        } else if statuses.as_array().is_some_and(|statuses| !statuses.is_empty()) {
            answer["PrimaryRegion"] = json!(region);
            answer["ReplicationStatus"] = statuses;
        }
        Ok(answer)
    }

    /// The regions of a primary's replicas.
    pub(super) fn replica_regions(&self, region: &str, name: &str) -> Vec<String> {
        self.replicas.read(|book| {
            book.get(&key(region, name)).map(|one| one.replicas.keys().cloned().collect()).unwrap_or_default()
        })
    }

    /// A primary has changed; its replicas have to follow.
    pub(super) fn touch(&self, region: &str, name: &str) -> Result<(), StoreError> {
        let key = key(region, name);
        if self.replicas.read(|book| book.contains_key(&key)) {
            self.replicas.change(|book| {
                if let Some(one) = book.get_mut(&key) {
                    (one.changes, one.changed_us) = (one.changes + 1, now_us());
                }
                Ok::<_, StoreError>(())
            })?;
            self.wake.notify_one();
        }
        Ok(())
    }

    pub(super) fn name(&self, region: &str, id: &str) -> Result<String, ServiceError> {
        let described = self.vault.call(region, "DescribeSecret", &json!({ "SecretId": id }))?;
        Ok(described["Name"].as_str().unwrap_or_default().to_owned())
    }

    /// Copies what is due, again and again, until it is told to stop.
    pub(crate) async fn replicate_until(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = self.regions.seen();
        while !stop.is_cancelled() {
            let pause = self.copy_due(now_us()).unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "could not replicate secrets");
                PAUSE
            });
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified() => {}
                () = self.regions.changed(&mut seen) => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One round; returns how long nothing will be due.
    fn copy_due(&self, now_us: u64) -> Result<Duration, ServiceError> {
        let mut pause = PAUSE;
        for (of, one) in self.replicas.read(Clone::clone) {
            let Some((primary, name)) = of.split_once(' ') else { continue };
            for (target, replica) in &one.replicas {
                let is_settled = one.changes <= replica.has || replica.failure.is_some();
                if is_settled || !self.regions.passes(primary, target) {
                    continue;
                }
                let delay = self.regions.delay(primary, target, &format!("{name} {}", one.changes));
                let at = one.changed_us + u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
                if now_us < at {
                    pause = pause.min(Duration::from_micros(at - now_us));
                    continue;
                }
                self.vault.copy(primary, name, target)?;
                self.replicas.change(|book| {
                    if let Some(replica) = book.get_mut(&of).and_then(|one| one.replicas.get_mut(target)) {
                        replica.has = one.changes;
                    }
                    Ok::<_, StoreError>(())
                })?;
            }
        }
        Ok(pause)
    }

    /// How many replicas do not have the last change, by `<from> <to>`.
    pub(crate) fn waiting(&self) -> BTreeMap<String, usize> {
        self.replicas.read(|book| {
            let mut waiting = BTreeMap::new();
            for (of, one) in book {
                let primary = of.split(' ').next().unwrap_or_default();
                let late =
                    one.replicas.iter().filter(|(_, replica)| replica.has < one.changes && replica.failure.is_none());
                for (target, _) in late {
                    *waiting.entry(format!("{primary} {target}")).or_default() += 1;
                }
            }
            waiting
        })
    }

    fn statuses(&self, region: &str, name: &str) -> Value {
        self.replicas.read(|book| {
            let Some(one) = book.get(&key(region, name)) else { return json!([]) };
            let status = |(target, replica): (&String, &Replica)| {
                let mut status = json!({ "Region": target });
                status["KmsKeyId"] = json!(replica.kms_key_id.as_deref().unwrap_or("alias/aws/secretsmanager"));
                (status["Status"], status["StatusMessage"]) = match &replica.failure {
                    Some(failure) => (json!("Failed"), json!(failure)),
                    None if replica.has < one.changes => (json!("InProgress"), json!("Replication in progress")),
                    None => (json!("InSync"), json!("Replication succeeded")),
                };
                status
            };
            one.replicas.iter().map(status).collect()
        })
    }

    /// The region of the primary, when the secret is a replica there.
    fn primary_of(&self, region: &str, name: &str) -> Option<String> {
        self.replicas.read(|book| {
            book.iter().find_map(|(of, one)| {
                let (primary, of) = of.split_once(' ')?;
                let replica = one.replicas.get(region)?;
                (of == name && replica.failure.is_none()).then(|| primary.to_owned())
            })
        })
    }

    fn forget_replica(&self, region: &str, name: &str, target: &str) -> Result<(), StoreError> {
        self.replicas.change(|book| {
            let key = key(region, name);
            if let Some(one) = book.get_mut(&key) {
                one.replicas.remove(target);
                if one.replicas.is_empty() {
                    book.remove(&key);
                }
            }
            Ok(())
        })
    }
}

fn key(region: &str, name: &str) -> String {
    format!("{region} {name}")
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
