//! Images that are copied to other regions, over the links that everything else takes.
//!
//! What is pushed after a registry was told to replicate is copied; what was there before is not, and deleting is not copied
//! (the ECR user guide, "Private image replication in Amazon ECR"). Layers are shared by all regions here, so a copy is a
//! matter of the books, which still takes the link's lag and waits while it is cut. What is to be copied outlives the
//! supervisor.

use super::manifests::move_tag;
use super::state::{Ecr, Image, Repository, State};
use crate::provision::{CreateRequest, ProvisionError, Provisioned};
use crate::services::adoption::Claim;
use crate::services::events::News;
use crate::services::identifiers::owner;
use crate::services::store::StoreError;
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// When there is nothing to wait for.
const PAUSE: Duration = Duration::from_secs(1);
/// The user guide, "Amazon ECR service quotas".
const MOST_RULES: usize = 10;

/// What a region's registry copies.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Replication {
    /// The stack and logical id that it was made for; none when a call made it.
    owner: Option<String>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Rule {
    regions: Vec<String>,
    /// Of names; none means all.
    prefixes: Vec<String>,
}

/// One image on its way to one region, or there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ImageCopy {
    from: String,
    to: String,
    repository: String,
    digest: String,
    tags: BTreeSet<String>,
    pushed: Timestamp,
    status: Status,
}

/// Waiting until it is there or can never be; a push of the same image makes it wait again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
    Waiting,
    Complete,
    Failed(String),
}

impl State {
    /// Notes what has to be copied of a push.
    pub(super) fn pushed(&mut self, region: &str, repository: &str, digest: &str, tag: Option<&str>) {
        let Some(replication) = self.replication.get(region) else { return };
        let fits = |rule: &&Rule| {
            rule.prefixes.is_empty() || rule.prefixes.iter().any(|prefix| repository.starts_with(prefix.as_str()))
        };
        let targets: BTreeSet<String> =
            replication.rules.iter().filter(fits).flat_map(|rule| rule.regions.iter().cloned()).collect();
        for to in targets {
            let fresh = || ImageCopy {
                from: region.to_owned(),
                to: to.clone(),
                repository: repository.to_owned(),
                digest: digest.to_owned(),
                tags: BTreeSet::new(),
                pushed: Timestamp::now(),
                status: Status::Waiting,
            };
            let copy = self.copies.entry(format!("{region} {to} {repository} {digest}")).or_insert_with(fresh);
            copy.tags.extend(tag.map(str::to_owned));
            (copy.pushed, copy.status) = (Timestamp::now(), Status::Waiting);
        }
    }
}

impl Ecr {
    pub(super) fn put_replication(&self, region: &str, input: &Value) -> Result<Value, ServiceError> {
        let rules = self.rules(region, &input["replicationConfiguration"])?;
        self.store.change(|state| {
            let owner = state.replication.get(region).and_then(|known| known.owner.clone());
            state.replication.insert(region.to_owned(), Replication { owner, rules });
            Ok::<_, ServiceError>(())
        })?;
        Ok(json!({ "replicationConfiguration": self.shown_replication(region) }))
    }

    pub(super) fn describe_registry(&self, region: &str) -> Value {
        json!({ "registryId": self.account, "replicationConfiguration": self.shown_replication(region) })
    }

    pub(super) fn replication_status(&self, region: &str, name: &str, input: &Value) -> Result<Value, ServiceError> {
        let id = &input["imageId"];
        let reference = id["imageDigest"].as_str().or_else(|| id["imageTag"].as_str()).unwrap_or_default();
        self.store.read(|state| {
            let repository = state.repository(region, name).ok_or_else(|| self.not_found(name))?;
            let digest = repository.resolve(reference).ok_or_else(|| self.no_image(name, id))?;
            let copies = state.copies.values().filter(|copy| {
                (copy.from.as_str(), copy.repository.as_str(), copy.digest.as_str()) == (region, name, digest)
            });
            let statuses = copies.map(|copy| {
                let mut shown = json!({ "region": copy.to, "registryId": self.account });
                match &copy.status {
                    Status::Waiting => shown["status"] = json!("IN_PROGRESS"),
                    Status::Complete => shown["status"] = json!("COMPLETE"),
                    Status::Failed(why) => (shown["status"], shown["failureCode"]) = (json!("FAILED"), json!(why)),
                }
                shown
            });
            let statuses: Vec<Value> = statuses.collect();
            Ok(json!({ "repositoryName": name, "imageId": { "imageDigest": digest }, "replicationStatuses": statuses }))
        })
    }

    /// `AWS::ECR::ReplicationConfiguration`, of which a registry has one.
    pub(super) fn provision_replication(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let configuration = request.properties.get("ReplicationConfiguration").unwrap_or(&Value::Null);
        let rules = self.rules(&request.region, configuration);
        let rules = rules.map_err(|error| ProvisionError::Refused { message: error.message })?;
        let owner = Some(owner(request));
        self.store.change(|state| {
            let known = state.replication.get(&request.region);
            if known.is_some_and(|known| known.owner != owner && !known.rules.is_empty()) {
                return Err(ProvisionError::AlreadyExists { identifier: self.account.clone() });
            }
            state.replication.insert(request.region.clone(), Replication { owner, rules });
            Ok(())
        })?;
        Ok(self.replication())
    }

    /// A registry without rules has no configuration.
    pub(super) fn claim_replication(
        &self,
        request: &CreateRequest,
        claim: Claim,
    ) -> Result<Option<Provisioned>, ProvisionError> {
        let is_known = self.store.change(|state| {
            let known = state.replication.get_mut(&request.region);
            let Some(known) = known.filter(|known| !known.rules.is_empty()) else { return Ok(false) };
            if claim == Claim::Take {
                known.owner = Some(owner(request));
            }
            Ok::<_, ProvisionError>(true)
        })?;
        Ok(is_known.then(|| self.replication()))
    }

    fn replication(&self) -> Provisioned {
        let attributes = BTreeMap::from([("RegistryId".to_owned(), json!(self.account))]);
        Provisioned { physical_id: self.account.clone(), attributes }
    }

    pub(super) fn forget_replication(&self, region: &str) -> Result<(), ProvisionError> {
        self.store.change(|state| {
            state.replication.remove(region);
            Ok(())
        })
    }

    /// The API's names start with a small letter, a template's with a capital.
    fn rules(&self, region: &str, configuration: &Value) -> Result<Vec<Rule>, ServiceError> {
        let invalid = |message: String| Err(ServiceError::new("ValidationException", message));
        let either = |value: &Value, small: &str, capital: &str| {
            if value[small].is_null() { value[capital].clone() } else { value[small].clone() }
        };
        let list = |value: Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let given = list(either(configuration, "rules", "Rules"));
        if configuration.is_null() || MOST_RULES < given.len() {
            return invalid(format!("replicationConfiguration must have 0 to {MOST_RULES} rules"));
        }
        let mut rules = Vec::new();
        for rule in given {
            let mut regions = Vec::new();
            for destination in list(either(&rule, "destinations", "Destinations")) {
                let target = text(either(&destination, "region", "Region"));
                let registry = text(either(&destination, "registryId", "RegistryId"));
                if registry != self.account {
                    return invalid(format!(
                        "the rehearsal cloud does not offer replication to the account {registry}"
                    ));
                }
                if target.is_empty() || target == region {
                    return invalid("Invalid parameter: a destination must be another region".to_owned());
                }
                regions.push(target);
            }
            let mut prefixes = Vec::new();
            for filter in list(either(&rule, "repositoryFilters", "RepositoryFilters")) {
                let kind = text(either(&filter, "filterType", "FilterType"));
                if kind != "PREFIX_MATCH" {
                    return invalid(format!("the rehearsal cloud does not offer the repository filter {kind}"));
                }
                prefixes.push(text(either(&filter, "filter", "Filter")));
            }
            rules.push(Rule { regions, prefixes });
        }
        Ok(rules)
    }

    fn shown_replication(&self, region: &str) -> Value {
        let rules = self.store.read(|state| state.replication.get(region).map(|known| known.rules.clone()));
        let shown = rules.unwrap_or_default().into_iter().map(|rule| {
            let to = rule.regions.iter().map(|region| json!({ "region": region, "registryId": self.account }));
            let filters = rule.prefixes.iter().map(|one| json!({ "filter": one, "filterType": "PREFIX_MATCH" }));
            json!({
                "destinations": to.collect::<Vec<_>>(), "repositoryFilters": filters.collect::<Vec<_>>(),
            })
        });
        json!({ "rules": shown.collect::<Vec<_>>() })
    }

    /// Copies what is due, again and again, until it is told to stop.
    pub(crate) async fn replicate_until(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = self.regions.seen();
        while !stop.is_cancelled() {
            let pause = self.copy_due().unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "could not replicate images");
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
    fn copy_due(&self) -> Result<Duration, StoreError> {
        let mut pause = PAUSE;
        let waiting: Vec<(String, ImageCopy)> = self.store.read(|state| {
            let waiting = state.copies.iter().filter(|(_, copy)| copy.status == Status::Waiting);
            waiting.map(|(key, copy)| (key.clone(), copy.clone())).collect()
        });
        for (key, copy) in waiting {
            if !self.regions.passes(&copy.from, &copy.to) {
                continue;
            }
            let delay = self.regions.delay(&copy.from, &copy.to, &format!("{} {}", copy.digest, copy.pushed));
            let age = Duration::try_from(Timestamp::now().duration_since(copy.pushed)).unwrap_or_default();
            if age < delay {
                pause = pause.min(delay - age);
                continue;
            }
            self.copy(&key, &copy)?;
        }
        Ok(pause)
    }

    fn copy(&self, key: &str, copy: &ImageCopy) -> Result<(), StoreError> {
        let manifest = self.blobs.read(&copy.digest).unwrap_or_default();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let parts = manifest["layers"].as_array().into_iter().flatten().chain(manifest.get("config"));
        let layers: Vec<String> = parts.filter_map(|part| part["digest"].as_str()).map(str::to_owned).collect();
        let result = self.store.change(|state| {
            let source = state.repository(&copy.from, &copy.repository);
            let Some(image) = source.and_then(|source| source.images.get(&copy.digest)).cloned() else {
                // It was deleted on the way.
                state.copies.remove(key);
                return Ok::<_, StoreError>(None);
            };
            let there = state.repositories.entry(copy.to.clone()).or_default();
            let fresh = || Repository::new(&self.account, &copy.to, &copy.repository, "replication".to_owned(), false);
            let target = there.entry(copy.repository.clone()).or_insert_with(fresh);
            let moved = copy
                .tags
                .iter()
                .try_for_each(|tag| move_tag(target, &copy.repository, Some(tag.as_str()), &copy.digest));
            let status = match moved {
                Ok(()) => {
                    target.layers.extend(layers);
                    let fresh = || Image { tags: BTreeSet::new(), pushed: Timestamp::now(), ..image };
                    let image = target.images.entry(copy.digest.clone()).or_insert_with(fresh);
                    image.is_seeded = false;
                    image.tags.extend(copy.tags.iter().cloned());
                    Status::Complete
                }
                Err(refusal) => Status::Failed(refusal.message),
            };
            if let Some(copy) = state.copies.get_mut(key) {
                copy.status = status.clone();
            }
            Ok(Some(status))
        })?;
        if let Some(status) = result {
            self.tell_of(copy, &status);
        }
        Ok(())
    }

    /// In the region that has the image now.
    fn tell_of(&self, copy: &ImageCopy, status: &Status) {
        let arn = format!("arn:aws:ecr:{}:{}:repository/{}", copy.to, self.account, copy.repository);
        let result = if *status == Status::Complete { "SUCCESS" } else { "FAILED" };
        let mut detail = json!({
            "result": result, "repository-name": copy.repository, "image-digest": copy.digest,
            "source-account": self.account, "action-type": "REPLICATE", "source-region": copy.from,
        });
        if let Some(tag) = copy.tags.iter().next_back() {
            detail["image-tag"] = json!(tag);
        }
        let news = News { source: "aws.ecr", kind: "ECR Replication Action", resources: vec![arn], detail };
        self.events.announce(&copy.to, news);
    }

    /// How many images are on their way, by `<from> <to>`.
    pub(crate) fn waiting(&self) -> BTreeMap<String, usize> {
        self.store.read(|state| {
            let mut waiting = BTreeMap::new();
            for copy in state.copies.values().filter(|copy| copy.status == Status::Waiting) {
                *waiting.entry(format!("{} {}", copy.from, copy.to)).or_default() += 1;
            }
            waiting
        })
    }
}
