//! Dynamic references: `{{resolve:ssm:…}}`, `{{resolve:ssm-secure:…}}` and `{{resolve:secretsmanager:…}}`.
//!
//! They are resolved between CloudFormation and the services, so that no stack on disk ever holds a secret, and that an
//! unchanged reference is no change of the stack, whatever it refers to.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>

use super::schema;
use crate::provision::{
    CreateRequest, DeleteRequest, Found, Lookup, Notice, ProvisionError, Provisioned, Provisioner, ReadRequest,
    Reading, UpdateRequest,
};
use async_trait::async_trait;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

const OPENING: &str = "{{resolve:";
const CLOSING: &str = "}}";
/// Where secure parameters may stand, of the types that the topology could have; the rest of AWS's list is of types
/// that are not there.
const SECURE: [(&str, &str); 4] = [
    ("AWS::IAM::User", "LoginProfile"),
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
    ("AWS::RDS::DBCluster", "MasterUserPassword"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
];

/// The services, given properties without references.
pub(super) struct Resolving(pub Arc<dyn Provisioner>);

/// One reference as it is written, without its braces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    lookup: Lookup,
    is_secure: bool,
    /// Of a secret that is a JSON document.
    key: Option<String>,
}

/// Whether a value, or anything within, has a reference.
pub(crate) fn is_dynamic(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(OPENING),
        Value::Array(items) => items.iter().any(is_dynamic),
        Value::Object(fields) => fields.values().any(is_dynamic),
        _ => false,
    }
}

impl Resolving {
    async fn resolve(
        &self,
        region: &str,
        resource_type: &str,
        properties: &Map<String, Value>,
    ) -> Result<Map<String, Value>, ProvisionError> {
        let mut found = BTreeMap::new();
        for (name, value) in properties {
            let mut references = BTreeMap::new();
            collect(value, &mut references)?;
            for (text, reference) in references {
                if reference.is_secure && !SECURE.contains(&(resource_type, name.as_str())) {
                    let place = format!("[{resource_type}/Properties/{name}]");
                    return Err(refused(format!("SSM Secure reference is not supported in: {place}")));
                }
                let value = self.value(region, &reference).await?;
                found.insert(text, value);
            }
        }
        let resolved = properties.iter().map(|(name, value)| (name.clone(), replace(value, &found)));
        Ok(resolved.collect())
    }

    async fn value(&self, region: &str, reference: &Reference) -> Result<String, ProvisionError> {
        let Found { value, kind } = self.0.look_up(region, &reference.lookup).await?;
        if matches!(reference.lookup, Lookup::Parameter { .. }) && (kind == "SecureString") != reference.is_secure {
            let wanted = if reference.is_secure { "ssm" } else { "ssm-secure" };
            return Err(refused(format!("a parameter of type {kind} is referenced by {wanted} only")));
        }
        let Some(key) = &reference.key else { return Ok(value) };
        let document: Value =
            serde_json::from_str(&value).map_err(|_| refused("Could not parse SecretString JSON".to_owned()))?;
        match document.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Ok(other.to_string()),
            None => Err(refused("Could not find a value associated with JSONKey in SecretString".to_owned())),
        }
    }

    async fn resolved(&self, mut request: CreateRequest) -> Result<CreateRequest, ProvisionError> {
        if request.properties.values().any(is_dynamic) {
            let properties = self.resolve(&request.region, &request.resource_type, &request.properties).await?;
            // The schema could not judge what was not known.
            if let Some(message) = schema::refusal(&request.logical_id, &request.resource_type, &properties) {
                return Err(refused(message));
            }
            request.properties = properties;
        }
        Ok(request)
    }

    /// As much as can be resolved still: a resource must be deletable when its secret is gone.
    async fn as_known(&self, region: &str, resource_type: &str, properties: &mut Map<String, Value>) {
        if properties.values().any(is_dynamic)
            && let Ok(resolved) = self.resolve(region, resource_type, properties).await
        {
            *properties = resolved;
        }
    }
}

#[async_trait]
impl Provisioner for Resolving {
    async fn create(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.0.create(self.resolved(request).await?).await
    }

    async fn stabilise(&self, request: &CreateRequest, provisioned: &Provisioned) -> Result<(), ProvisionError> {
        self.0.stabilise(request, provisioned).await
    }

    async fn update(&self, mut request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let (region, resource_type) = (request.wanted.region.clone(), request.wanted.resource_type.clone());
        request.wanted = self.resolved(request.wanted).await?;
        self.as_known(&region, &resource_type, &mut request.before).await;
        self.0.update(request).await
    }

    async fn look_up(&self, region: &str, lookup: &Lookup) -> Result<Found, ProvisionError> {
        self.0.look_up(region, lookup).await
    }

    async fn read(&self, request: &ReadRequest) -> Result<Reading, ProvisionError> {
        self.0.read(request).await
    }

    async fn contents(&self, request: &ReadRequest) -> Result<Option<usize>, ProvisionError> {
        self.0.contents(request).await
    }

    async fn find(&self, request: &CreateRequest) -> Result<Option<String>, ProvisionError> {
        self.0.find(request).await
    }

    async fn adopt(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.0.adopt(self.resolved(request).await?).await
    }

    async fn is_ringing(&self, region: &str, alarm: &str) -> Option<bool> {
        self.0.is_ringing(region, alarm).await
    }

    async fn announce(&self, notice: Notice) {
        self.0.announce(notice).await;
    }

    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), ProvisionError> {
        self.0.publish(topic, subject, text).await
    }

    async fn delete(&self, mut request: DeleteRequest) -> Result<(), ProvisionError> {
        let (region, resource_type) = (request.region.clone(), request.resource_type.clone());
        self.as_known(&region, &resource_type, &mut request.properties).await;
        self.0.delete(request).await
    }
}

impl Reference {
    fn parse(text: &str) -> Result<Self, ProvisionError> {
        let invalid = || refused(format!("Invalid dynamic reference: {OPENING}{text}{CLOSING}"));
        let (service, rest) = text.split_once(':').ok_or_else(invalid)?;
        match service {
            "ssm" | "ssm-secure" => {
                // Names may not hold a colon, but the ARN of a shared parameter does.
                let arn = rest.starts_with("arn:");
                let (name, version) = match rest.rsplit_once(':') {
                    Some((name, version)) if version.chars().all(|digit| digit.is_ascii_digit()) => {
                        (name, Some(version.to_owned()))
                    }
                    Some(_) if !arn => return Err(invalid()),
                    _ => (rest, None),
                };
                let lookup = Lookup::Parameter { name: name.to_owned(), version };
                Ok(Self { lookup, is_secure: service == "ssm-secure", key: None })
            }
            "secretsmanager" => {
                let parts: Vec<&str> = rest.split(':').collect();
                let length = if rest.starts_with("arn:") { 7 } else { 1 };
                let id = parts.get(..length).ok_or_else(invalid)?.join(":");
                let part = |index: usize| {
                    parts.get(length + index).filter(|part| !part.is_empty()).map(|part| (*part).to_owned())
                };
                if part(0).is_some_and(|what| what != "SecretString") || length + 4 < parts.len() || id.is_empty() {
                    return Err(invalid());
                }
                let (key, stage, version) = (part(1), part(2), part(3));
                if stage.is_some() && version.is_some() {
                    return Err(invalid());
                }
                Ok(Self { lookup: Lookup::Secret { id, stage, version }, is_secure: false, key })
            }
            _ => Err(invalid()),
        }
    }
}

/// Every reference within, by its text.
fn collect(value: &Value, found: &mut BTreeMap<String, Reference>) -> Result<(), ProvisionError> {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some((_, after)) = rest.split_once(OPENING) {
                let Some((reference, remainder)) = after.split_once(CLOSING) else { break };
                found.insert(reference.to_owned(), Reference::parse(reference)?);
                rest = remainder;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().try_for_each(|field| collect(field, found)),
        _ => Ok(()),
    }
}

fn replace(value: &Value, found: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(replace_text(text, found)),
        Value::Array(items) => items.iter().map(|item| replace(item, found)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| (name.clone(), replace(field, found)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// A value that looks like a reference itself is left as it is.
fn replace_text(text: &str, found: &BTreeMap<String, String>) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(OPENING) {
        let Some((reference, remainder)) = after.split_once(CLOSING) else { break };
        result.push_str(before);
        result.push_str(found.get(reference).map_or("", String::as_str));
        rest = remainder;
    }
    result.push_str(rest);
    result
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}

#[cfg(test)]
mod tests {
    use super::{Lookup, Reference};

    fn check(text: &str, expected: Option<(Lookup, bool, Option<&str>)>) {
        let parsed = Reference::parse(text).ok().map(|parsed| (parsed.lookup, parsed.is_secure, parsed.key));
        assert_eq!(parsed, expected.map(|(lookup, secure, key)| (lookup, secure, key.map(str::to_owned))), "{text}");
    }

    #[test]
    fn references_are_read_as_documented() {
        let parameter = |name: &str, version: Option<&str>| Lookup::Parameter {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        };
        let secret = |id: &str, stage: Option<&str>, version: Option<&str>| Lookup::Secret {
            id: id.to_owned(),
            stage: stage.map(str::to_owned),
            version: version.map(str::to_owned),
        };
        let arn = "arn:aws:secretsmanager:here:123456789012:secret:partners-AbCdEf";
        check("ssm:/como/size:3", Some((parameter("/como/size", Some("3")), false, None)));
        check("ssm:size", Some((parameter("size", None), false, None)));
        check("ssm-secure:key", Some((parameter("key", None), true, None)));
        check("secretsmanager:partners", Some((secret("partners", None, None), false, None)));
        check("secretsmanager:partners:SecretString:user", Some((secret("partners", None, None), false, Some("user"))));
        check(
            &format!("secretsmanager:{arn}:SecretString:user:AWSPREVIOUS"),
            Some((secret(arn, Some("AWSPREVIOUS"), None), false, Some("user"))),
        );
        check("secretsmanager:partners:SecretString:::v1", Some((secret("partners", None, Some("v1")), false, None)));
        for wrong in
            ["s3:bucket", "ssm:name:latest", "secretsmanager:a:SecretBinary", "secretsmanager:a:SecretString:k:s:v"]
        {
            check(wrong, None);
        }
    }
}
