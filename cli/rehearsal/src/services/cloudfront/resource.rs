//! `AWS::CloudFront::Distribution`.

use super::config::Config;
use super::state::{CloudFront, Distribution};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::declared::describe;
use crate::services::identifiers::owner;
use serde_json::Value;
use std::sync::Arc;

impl CloudFront {
    pub(crate) fn owns(resource_type: &str) -> bool {
        resource_type == "AWS::CloudFront::Distribution"
    }

    pub(crate) async fn create(self: &Arc<Self>, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let provisioned = describe(request)?;
        let config = Config::parse(&request.properties).map_err(refused)?;
        let id = provisioned.physical_id.clone();
        let domain = provisioned.attributes.get("DomainName").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.store.change(|all| {
            refuse_taken(all, &id, &config)?;
            all.entry(id.clone()).or_insert_with(|| Distribution {
                owner: owner(request),
                stack: request.stack_name.clone(),
                region: request.region.clone(),
                domain,
                config,
                port: None,
                invalidations: Vec::new(),
            });
            Ok::<_, ProvisionError>(())
        })?;
        self.open_door(&id).await?;
        Ok(provisioned)
    }

    pub(crate) async fn update(self: &Arc<Self>, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let config = Config::parse(&request.wanted.properties).map_err(refused)?;
        let id = &request.physical_id;
        self.store.change(|all| {
            refuse_taken(all, id, &config)?;
            if let Some(distribution) = all.get_mut(id) {
                distribution.config = config;
            }
            Ok::<_, ProvisionError>(())
        })?;
        self.open_door(id).await?;
        Ok(Provisioned { physical_id: id.clone(), attributes: request.attributes.clone() })
    }

    /// CloudFormation disables a distribution before it deletes it.
    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.close_door(&request.physical_id).await;
        self.cache.forget(&request.physical_id, &["*".to_owned()]);
        self.store.change(|all| {
            all.remove(&request.physical_id);
            Ok(())
        })
    }
}

/// A name leads to one distribution only.
fn refuse_taken(
    all: &std::collections::BTreeMap<String, Distribution>,
    id: &str,
    config: &Config,
) -> Result<(), ProvisionError> {
    let others = all.iter().filter(|(other, _)| other.as_str() != id).flat_map(|(_, one)| &one.config.aliases);
    match others.into_iter().find(|name| config.aliases.contains(name)) {
        Some(_) => Err(refused(
            "One or more of the CNAMEs you provided are already associated with a different resource.".to_owned(),
        )),
        None => Ok(()),
    }
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
