//! What ECR remembers, and what CloudFormation and ECS ask of it.

use super::blobs::Blobs;
use super::image::ImageReference;
use super::replication::{ImageCopy, Replication};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use crate::seeding::Seeding;
use crate::services::adoption::Claim;
use crate::services::events::Events;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{Properties, flag, objects, text};
use crate::services::store::{Store, StoreError};
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

pub(crate) struct Ecr {
    pub(super) account: String,
    /// The gateway's, which the registry shares.
    pub(super) endpoint: String,
    pub(super) store: Store<State>,
    pub(super) blobs: Blobs,
    pub(super) events: Arc<Events>,
    pub(super) regions: Arc<Regions>,
    /// Something is to be copied.
    pub(super) wake: Notify,
    seeding: Arc<Seeding>,
}

/// What images stand on.
pub(crate) struct Surroundings {
    pub(crate) account: String,
    pub(crate) endpoint: String,
    pub(crate) seeding: Arc<Seeding>,
    pub(crate) events: Arc<Events>,
    pub(crate) regions: Arc<Regions>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By region and name.
    pub(super) repositories: BTreeMap<String, BTreeMap<String, Repository>>,
    /// By region.
    #[serde(default)]
    pub(super) replication: BTreeMap<String, Replication>,
    /// By where from, where to, repository and digest.
    #[serde(default)]
    pub(super) copies: BTreeMap<String, ImageCopy>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Repository {
    /// The stack and logical id that it was made for; empty when the seeds or a call made it.
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) created: Timestamp,
    pub(super) immutable_tags: bool,
    /// Digests of layers and configurations.
    pub(super) layers: BTreeSet<String>,
    /// By digest.
    pub(super) images: BTreeMap<String, Image>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Image {
    pub(super) tags: BTreeSet<String>,
    pub(super) media_type: String,
    /// In bytes: the manifest's and its layers'.
    pub(super) size: u64,
    pub(super) pushed: Timestamp,
    /// Only said to be there: nobody has pushed it, so it has no manifest.
    pub(super) is_seeded: bool,
}

impl State {
    pub(super) fn repository(&self, region: &str, name: &str) -> Option<&Repository> {
        self.repositories.get(region)?.get(name)
    }

    pub(super) fn repository_mut(&mut self, region: &str, name: &str) -> Option<&mut Repository> {
        self.repositories.get_mut(region)?.get_mut(name)
    }
}

impl Repository {
    pub(super) fn new(account: &str, region: &str, name: &str, owner: String, immutable_tags: bool) -> Self {
        Self {
            owner,
            arn: format!("arn:aws:ecr:{region}:{account}:repository/{name}"),
            created: Timestamp::now(),
            immutable_tags,
            layers: BTreeSet::new(),
            images: BTreeMap::new(),
        }
    }

    /// The digest of a digest or tag.
    pub(super) fn resolve(&self, reference: &str) -> Option<&str> {
        let found = self
            .images
            .iter()
            .find(|(digest, image)| digest.as_str() == reference || image.tags.iter().any(|tag| tag == reference));
        found.map(|(digest, _)| digest.as_str())
    }
}

impl Ecr {
    pub(crate) fn open(dir: &Path, surroundings: Surroundings) -> Result<Self, StoreError> {
        let Surroundings { account, endpoint, seeding, events, regions } = surroundings;
        Ok(Self {
            account,
            endpoint,
            store: Store::open(dir.join("ecr.json"))?,
            blobs: Blobs::new(&dir.join("ecr")),
            events,
            regions,
            wake: Notify::new(),
            seeding,
        })
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        if request.resource_type == "AWS::ECR::ReplicationConfiguration" {
            return self.provision_replication(request);
        }
        let properties = &request.properties;
        // CloudFormation's own names have capitals, a repository's have none.
        let name =
            text(properties, "RepositoryName").map_or_else(|| generated_name(request).to_lowercase(), str::to_owned);
        let immutable = text(properties, "ImageTagMutability").is_some_and(|word| word.starts_with("IMMUTABLE"));
        let arn = self.store.change(|state| {
            let here = state.repositories.entry(request.region.clone()).or_default();
            let fresh = || Repository::new(&self.account, &request.region, &name, owner(request), immutable);
            let repository = here.entry(name.clone()).or_insert_with(fresh);
            let is_seeded = repository.owner.is_empty() && repository.images.values().all(|image| image.is_seeded);
            if repository.owner != owner(request) && !is_seeded {
                return Err(ProvisionError::AlreadyExists { identifier: name.clone() });
            }
            repository.owner = owner(request);
            repository.immutable_tags = immutable;
            Ok(repository.arn.clone())
        })?;
        Ok(self.provisioned(&request.region, name, arn))
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        if request.resource_type == "AWS::ECR::ReplicationConfiguration" {
            return self.claim_replication(request, claim);
        }
        let Some(name) = text(&request.properties, "RepositoryName") else { return Ok(None) };
        let arn = self.store.change(|state| {
            let here = state.repositories.get_mut(&request.region);
            let Some(repository) = here.and_then(|here| here.get_mut(name)) else { return Ok(None) };
            if claim == Claim::Take {
                repository.owner = owner(request);
            }
            Ok::<_, ProvisionError>(Some(repository.arn.clone()))
        })?;
        Ok(arn.map(|arn| self.provisioned(&request.region, name.to_owned(), arn)))
    }

    fn provisioned(&self, region: &str, name: String, arn: String) -> Provisioned {
        let attributes = [("Arn", arn), ("RepositoryUri", self.uri(region, &name))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
        Provisioned { physical_id: name, attributes: BTreeMap::from(attributes) }
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let mut named = request.wanted.clone();
        named.properties.insert("RepositoryName".to_owned(), json!(request.physical_id));
        self.create(&named)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        if request.resource_type == "AWS::ECR::ReplicationConfiguration" {
            return self.forget_replication(&request.region);
        }
        let empties = flag(&request.properties, "EmptyOnDelete").unwrap_or(false) || request.despite_protection;
        match self.remove(&request.region, &request.physical_id, empties) {
            Err(error) if error.code == "RepositoryNotFoundException" => Ok(()),
            Err(error) => Err(ProvisionError::Refused { message: error.message }),
            Ok(_) => Ok(()),
        }
    }

    /// Whether a task's images are there, and if not, why ECS could not start it. Images of other registries are not
    /// looked at: nothing here could fetch them, and tasks run this machine's program anyway.
    pub(crate) fn pull(&self, region: &str, definition: &Properties) -> Result<(), String> {
        for container in objects(definition, "ContainerDefinitions") {
            let image = text(container, "Image").unwrap_or_default();
            let Some(reference) = ImageReference::parse(image, &self.account) else { continue };
            self.find(region, image, &reference)?;
        }
        Ok(())
    }

    fn find(&self, region: &str, image: &str, reference: &ImageReference) -> Result<(), String> {
        let ImageReference { region: home, repository: name, version } = reference;
        let is_there = |state: &State| state.repository(home, name).is_some_and(|one| one.resolve(version).is_some());
        if self.store.read(is_there) {
            return Ok(());
        }
        let seeded = self.seeding.image(home, name, version).map_err(|error| error.to_string())?;
        if seeded {
            let put = self.store.change(|state| {
                let here = state.repositories.entry(home.clone()).or_default();
                let fresh = || Repository::new(&self.account, home, name, String::new(), false);
                let repository = here.entry(name.clone()).or_insert_with(fresh);
                let image = Image {
                    tags: BTreeSet::new(),
                    media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
                    size: 0,
                    pushed: Timestamp::now(),
                    is_seeded: true,
                };
                repository.images.insert(version.clone(), image);
                Ok::<_, StoreError>(())
            });
            return put.map_err(|error| error.to_string());
        }
        tracing::warn!(region, image, "a task asks for image {image}, which nobody has pushed");
        let why = if self.store.read(|state| state.repository(home, name).is_none()) {
            format!(
                "repository {name} not found: name unknown: The repository with name '{name}' does not exist in the \
                 registry with id '{}'",
                self.account
            )
        } else {
            format!("{image}: not found")
        };
        Err(format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {why}"
        ))
    }

    pub(super) fn uri(&self, region: &str, name: &str) -> String {
        format!("{}.dkr.ecr.{region}.amazonaws.com/{name}", self.account)
    }

    /// Makes a repository by a call; an existing one is an error.
    pub(super) fn add(&self, region: &str, name: &str, immutable_tags: bool) -> Result<Repository, ServiceError> {
        self.store.change(|state| {
            let here = state.repositories.entry(region.to_owned()).or_default();
            if here.contains_key(name) {
                let message = format!(
                    "The repository with name '{name}' already exists in the registry with id '{}'",
                    self.account
                );
                return Err(ServiceError::new("RepositoryAlreadyExistsException", message));
            }
            let repository = Repository::new(&self.account, region, name, "a call".to_owned(), immutable_tags);
            here.insert(name.to_owned(), repository.clone());
            Ok(repository)
        })
    }

    pub(super) fn remove(&self, region: &str, name: &str, with_images: bool) -> Result<Repository, ServiceError> {
        self.store.change(|state| {
            let repository = state.repository(region, name).ok_or_else(|| self.not_found(name))?;
            if !with_images && !repository.images.is_empty() {
                let message = format!(
                    "The repository with name '{name}' in registry with id '{}' cannot be deleted because it still \
                     contains images",
                    self.account
                );
                return Err(ServiceError::new("RepositoryNotEmptyException", message));
            }
            let removed = state.repositories.get_mut(region).and_then(|here| here.remove(name));
            removed.ok_or_else(|| self.not_found(name))
        })
    }

    pub(super) fn not_found(&self, name: &str) -> ServiceError {
        let message =
            format!("The repository with name '{name}' does not exist in the registry with id '{}'", self.account);
        ServiceError::new("RepositoryNotFoundException", message)
    }
}
