//! `AWS::SecretsManager::Secret`.

use super::secret_replicas::Book;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use crate::seeding::Seeding;
use crate::services::adoption::Claim;
use crate::services::identifiers::generated_name;
use crate::services::password::{PasswordError, PasswordRules};
use crate::services::property::{flag, number, object, objects, text};
use crate::services::store::{Store, StoreError};
use crate::services::vault::Vault;
use crate::services::wire::ServiceError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

pub(crate) struct Secrets {
    pub(super) vault: Vault,
    pub(super) replicas: Store<Book>,
    pub(super) regions: Arc<Regions>,
    /// Something has to be copied.
    pub(super) wake: Notify,
    seeding: Arc<Seeding>,
}

impl Secrets {
    pub(crate) fn open(
        dir: &Path,
        account: &str,
        seeding: Arc<Seeding>,
        regions: Arc<Regions>,
    ) -> Result<Self, StoreError> {
        let replicas = Store::open(dir.join("secret-replicas.json"))?;
        Ok(Self { vault: Vault::open(dir, account)?, replicas, regions, wake: Notify::new(), seeding })
    }

    /// The current value, for a task that names the secret. A name or an ARN, with `:json-key:stage:version` after the
    /// ARN as task definitions write it.
    pub(crate) fn value(&self, region: &str, reference: &str) -> Result<String, ServiceError> {
        let parts: Vec<&str> = reference.splitn(10, ':').collect();
        let (id, key) = match parts.as_slice() {
            [arn @ .., key, _stage, _version] if arn.len() == 7 => (arn.join(":"), *key),
            [arn @ .., key] if arn.len() == 7 => (arn.join(":"), *key),
            _ => (reference.to_owned(), ""),
        };
        let answer = self.vault.call(region, "GetSecretValue", &json!({ "SecretId": id }))?;
        let value = answer["SecretString"].as_str().unwrap_or_default();
        if key.is_empty() {
            return Ok(value.to_owned());
        }
        let document: Value = serde_json::from_str(value).unwrap_or_default();
        match document.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Ok(other.to_string()),
            None => Err(ServiceError::new(
                "ResourceInitializationError",
                format!("retrieved secret from Secrets Manager did not contain json key {key}"),
            )),
        }
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let properties = &request.properties;
        let name = text(properties, "Name").map_or_else(|| generated_name(request), str::to_owned);
        let seeded = self.seeding.secret(&request.region, &name).map_err(|error| refused(error.to_string()))?;
        let value = match seeded {
            Some(value) => Some(value),
            None => own_value(properties).map_err(|error| refused(error.to_string()))?,
        };
        let mut input = json!({ "Name": name, "ClientRequestToken": uuid::Uuid::new_v4().to_string() });
        if let Some(value) = value {
            input["SecretString"] = Value::String(value);
        }
        for key in ["Description", "KmsKeyId"] {
            if let Some(value) = properties.get(key) {
                input[key] = value.clone();
            }
        }
        let own = properties.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
        input["Tags"] = own.into_iter().chain(origin(request)).collect();
        let answer = match self.vault.call(&request.region, "CreateSecret", &input) {
            Err(error) if error.code == "ResourceExistsException" => self.found_again(request, &name)?,
            other => other.map_err(|error| refused(error.message))?,
        };
        let arn = answer["ARN"].as_str().unwrap_or_default().to_owned();
        self.replicate_as_declared(&request.region, &arn, properties).map_err(|error| refused(error.message))?;
        let attributes = BTreeMap::from([("Id".to_owned(), Value::String(arn.clone()))]);
        Ok(Provisioned { physical_id: arn, attributes })
    }

    fn replicate_as_declared(
        &self,
        region: &str,
        id: &str,
        properties: &Map<String, Value>,
    ) -> Result<(), ServiceError> {
        let Some(wanted) = properties.get("ReplicaRegions") else { return Ok(()) };
        self.replicate(region, &json!({ "SecretId": id, "AddReplicaRegions": wanted })).map(drop)
    }

    /// A secret that this very resource has made before, if it is that.
    fn found_again(&self, request: &CreateRequest, name: &str) -> Result<Value, ProvisionError> {
        let described = self.vault.call(&request.region, "DescribeSecret", &json!({ "SecretId": name }));
        let described = described.map_err(|error| refused(error.message))?;
        let tags = described["Tags"].as_array().cloned().unwrap_or_default();
        if origin(request).iter().all(|tag| tags.contains(tag)) {
            return Ok(described);
        }
        Err(ProvisionError::AlreadyExists { identifier: name.to_owned() })
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        let Some(name) = text(&request.properties, "Name") else { return Ok(None) };
        let found = match self.vault.call(&request.region, "DescribeSecret", &json!({ "SecretId": name })) {
            Err(error) if error.code == "ResourceNotFoundException" => return Ok(None),
            found => found.map_err(|error| refused(error.message))?,
        };
        // One that waits for its deletion is as good as gone.
        if !found["DeletedDate"].is_null() {
            return Ok(None);
        }
        if claim == Claim::Take {
            let input = json!({ "SecretId": name, "Tags": origin(request) });
            let tagged = self.vault.call(&request.region, "TagResource", &input);
            tagged.map_err(|error| refused(error.message))?;
        }
        let arn = found["ARN"].as_str().unwrap_or_default().to_owned();
        let attributes = BTreeMap::from([("Id".to_owned(), Value::String(arn.clone()))]);
        Ok(Some(Provisioned { physical_id: arn, attributes }))
    }

    /// A value is written only where the template's own has changed, so that one that was rotated stays.
    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let (region, properties) = (&request.wanted.region, &request.wanted.properties);
        let mut input = json!({ "SecretId": request.physical_id });
        for key in ["Description", "KmsKeyId"] {
            if let Some(value) = properties.get(key) {
                input[key] = value.clone();
            }
        }
        self.vault.call(region, "UpdateSecret", &input).map_err(|error| refused(error.message))?;
        let has_changed = |key| properties.get(key) != request.before.get(key);
        if has_changed("SecretString") || has_changed("GenerateSecretString") {
            let value = own_value(properties).map_err(|error| refused(error.to_string()))?;
            if let Some(value) = value {
                let token = uuid::Uuid::new_v4().to_string();
                let input =
                    json!({ "SecretId": request.physical_id, "ClientRequestToken": token, "SecretString": value });
                let written = self.vault.call(region, "PutSecretValue", &input);
                written.map_err(|error| refused(error.message))?;
            }
        }
        let replicated = || {
            let name = self.name(region, &request.physical_id)?;
            self.touch(region, &name)?;
            let wanted = declared_regions(properties);
            for gone in self.replica_regions(region, &name).iter().filter(|known| !wanted.contains(&known.as_str())) {
                self.remove_region(region, &name, gone)?;
            }
            self.replicate_as_declared(region, &request.physical_id, properties)
        };
        replicated().map_err(|error: ServiceError| refused(error.message))?;
        let attributes = request.attributes.clone();
        Ok(Provisioned { physical_id: request.physical_id.clone(), attributes })
    }

    /// CloudFormation deletes without a recovery window, so that the name is free at once.
    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        if let Ok(name) = self.name(&request.region, &request.physical_id) {
            for replica in self.replica_regions(&request.region, &name) {
                let removed = self.remove_region(&request.region, &name, &replica);
                removed.map_err(|error| refused(error.message))?;
            }
        }
        let input = json!({ "SecretId": request.physical_id, "ForceDeleteWithoutRecovery": true });
        match self.vault.call(&request.region, "DeleteSecret", &input) {
            Err(error) if error.code != "ResourceNotFoundException" => Err(refused(error.message)),
            _ => Ok(()),
        }
    }
}

fn declared_regions(properties: &Map<String, Value>) -> Vec<&str> {
    objects(properties, "ReplicaRegions").filter_map(|replica| text(replica, "Region")).collect()
}

/// The tags by which CloudFormation marks what it has made.
fn origin(request: &CreateRequest) -> [Value; 3] {
    [
        json!({ "Key": "aws:cloudformation:stack-name", "Value": request.stack_name }),
        json!({ "Key": "aws:cloudformation:stack-id", "Value": request.stack_id }),
        json!({ "Key": "aws:cloudformation:logical-id", "Value": request.logical_id }),
    ]
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}

/// What the template gives: a literal, or a generated one, perhaps inside a JSON document.
fn own_value(properties: &Map<String, Value>) -> Result<Option<String>, PasswordError> {
    if let Some(value) = text(properties, "SecretString") {
        return Ok(Some(value.to_owned()));
    }
    let Some(rules) = object(properties, "GenerateSecretString") else { return Ok(None) };
    let excluded = |name| flag(rules, name).unwrap_or(false);
    let password = PasswordRules {
        length: number(rules, "PasswordLength").unwrap_or(32),
        excluded: text(rules, "ExcludeCharacters").unwrap_or_default(),
        lower_case: !excluded("ExcludeLowercase"),
        upper_case: !excluded("ExcludeUppercase"),
        digits: !excluded("ExcludeNumbers"),
        punctuation: !excluded("ExcludePunctuation"),
        space: excluded("IncludeSpace"),
        one_of_each: flag(rules, "RequireEachIncludedType").unwrap_or(true),
    }
    .generate()?;
    let (Some(template), Some(key)) = (text(rules, "SecretStringTemplate"), text(rules, "GenerateStringKey")) else {
        return Ok(Some(password));
    };
    let mut document: Map<String, Value> = serde_json::from_str(template).map_err(|_| PasswordError::Template)?;
    document.insert(key.to_owned(), Value::String(password));
    Ok(Some(Value::Object(document).to_string()))
}
