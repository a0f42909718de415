//! What an account has once, whoever made it: stacks that environments share take it over instead of failing on it.
//!
//! CloudFormation's own `ImportExistingResources` takes in only what has a name in its template, and these have none: an
//! identity provider, how images are copied and scanned. So each is asked for by its identifier, which follows from the account:
//! a change set that imports it is ready if it exists and fails if not. What exists is imported with the fewest properties
//! that its type takes, and the stack's first update brings it to what the template says; were it imported with all of them,
//! CloudFormation would see no difference and leave it as it was.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html>
//!
//! API Gateway's logging role of an account is none of these: making it is setting it, whatever was set before.

use crate::change_set::ChangeSetStatus;
use crate::code::Code;
use crate::create::{Halt, Work, not_accepted};
use crate::error::CloudError;
use crate::event::About;
use crate::port::{ChangeSetKind, CreateChangeSet, Import};
use crate::propose::{discard, propose};
use crate::stack::{StackDescription, StackStatus};
use crate::watch::{Begin, Watched, watch};
use como_core::assembly::StackArtifact;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A resource of the template that may exist already.
struct Singleton {
    import: Import,
    /// As the template of the import has it.
    declared: Json,
}

impl Work<'_> {
    /// Makes the stack of what exists already; `None` where nothing does.
    pub(crate) async fn take_over(&self) -> Result<Option<StackDescription>, Halt> {
        if !self.stack.artifact.shared {
            return Ok(None);
        }
        let mut existing = Vec::new();
        for singleton in singletons(self.stack.artifact) {
            if self.exists(&singleton).await? {
                existing.push(singleton);
            }
        }
        if existing.is_empty() {
            return Ok(None);
        }
        let request = self.import(&existing, "import");
        let set = propose(self.run, self.subject, &request).await?;
        if set.status != ChangeSetStatus::Ready {
            discard(self.run, self.subject, &request.name).await;
            return Err(not_accepted(set.reason));
        }
        let token = self.execute("import", &request.name, false).await?;
        let mut watched = watch(self.run, self.subject, &set.stack_id, Begin::Request(&token)).await?;
        match watched.description.take() {
            Some(found) if watched.status == StackStatus::ImportComplete => {
                existing.iter().for_each(|singleton| self.tell_of(&singleton.import));
                Ok(Some(found))
            }
            description => Err(Watched { description, ..watched }.into()),
        }
    }

    /// Whether it exists and is no stack's; one that is another stack's is an error.
    async fn exists(&self, singleton: &Singleton) -> Result<bool, Halt> {
        let purpose = format!("look-{}", singleton.import.logical_id);
        let request = self.import(std::slice::from_ref(singleton), &purpose);
        let set = match propose(self.run, self.subject, &request).await {
            Ok(set) => set,
            // A type that cannot be imported can only be made.
            Err(CloudError::Rejected(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        discard(self.run, self.subject, &request.name).await;
        match set.status {
            ChangeSetStatus::Ready => Ok(true),
            // Nothing but the reason tells this from what is wrong.
            _ if set.reason.as_deref().is_some_and(|reason| reason.contains("was not found")) => Ok(false),
            _ => {
                if self.stack.found.is_none() {
                    // The name that the change set was made under: nothing is in it.
                    self.delete(&set.stack_id).await?;
                }
                Err(not_accepted(set.reason))
            }
        }
    }

    fn import(&self, singletons: &[Singleton], purpose: &str) -> CreateChangeSet {
        let declared: Map<String, Json> =
            singletons.iter().map(|one| (one.import.logical_id.clone(), one.declared.clone())).collect();
        let template = json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": declared });
        CreateChangeSet {
            template_body: template.to_string(),
            imports: singletons.iter().map(|one| one.import.clone()).collect(),
            ..self.request(ChangeSetKind::Import, purpose, &BTreeMap::new())
        }
    }

    fn tell_of(&self, import: &Import) {
        let about = About {
            logical_id: Some(import.logical_id.clone()),
            path: self.subject.paths.get(&import.logical_id).cloned(),
            resource_type: Some(import.resource_type.clone()),
            physical_id: Some(import.value.clone()),
            ..self.subject.about()
        };
        self.run.tell(Code::ResourceAdopted, about);
    }
}

fn singletons(artifact: &StackArtifact) -> Vec<Singleton> {
    let resources = artifact.template.resources.iter();
    let found = resources.filter_map(|(logical_id, resource)| {
        let (property, value, properties) = identify(artifact, &resource.resource_type, &resource.properties)?;
        let resource_type = resource.resource_type.clone();
        let declared = json!({ "Type": resource_type, "DeletionPolicy": "Retain", "Properties": properties });
        let import = Import { logical_id: logical_id.clone(), resource_type, property, value };
        Some(Singleton { import, declared })
    });
    found.collect()
}

/// The property that identifies the type, its value, and the fewest properties; `None` for what an account has many of.
fn identify(artifact: &StackArtifact, resource_type: &str, properties: &Json) -> Option<(&'static str, String, Json)> {
    let account = &artifact.account;
    match resource_type {
        "AWS::IAM::OIDCProvider" => {
            let url = properties.get("Url")?.as_str()?;
            let host = url.strip_prefix("https://").unwrap_or(url);
            Some(("Arn", format!("arn:aws:iam::{account}:oidc-provider/{host}"), json!({ "Url": url })))
        }
        "AWS::ECR::ReplicationConfiguration" => {
            Some(("RegistryId", account.clone(), json!({ "ReplicationConfiguration": { "Rules": [] } })))
        }
        "AWS::ECR::RegistryScanningConfiguration" => {
            Some(("RegistryId", account.clone(), json!({ "Rules": [], "ScanType": "BASIC" })))
        }
        _ => None,
    }
}
