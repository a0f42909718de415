//! `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`.

use super::bucket::{self, Bucket, Versioning, check_name};
use super::failure::Failure;
use super::service::S3;
use super::xml::{document, element};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::declared::describe;
use crate::services::identifiers::{fill, generated_name, owner};
use crate::services::property::{Properties, object, objects, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn create(s3: &S3, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    if request.resource_type == "AWS::S3::BucketPolicy" {
        let name = text(&request.properties, "Bucket").unwrap_or_default().to_owned();
        put_policy(s3, &name, &request.properties)?;
        return Ok(Provisioned { physical_id: name, attributes: BTreeMap::new() });
    }
    // Buckets have no capitals.
    let generated = || generated_name(request).to_lowercase();
    let name = text(&request.properties, "BucketName").map_or_else(generated, str::to_owned);
    check_name(&name).map_err(refused)?;
    let wanted = configured(Bucket::new(&request.region, Some(owner(request))), &request.properties);
    s3.buckets.change(|buckets| match buckets.get(&name) {
        // One that is asked for again keeps its objects.
        Some(known) if known.owner == wanted.owner => Ok(()),
        Some(_) => Err(ProvisionError::AlreadyExists { identifier: name.clone() }),
        None => {
            buckets.insert(name.clone(), wanted);
            Ok(())
        }
    })?;
    described(request, &name)
}

pub(super) fn claim(s3: &S3, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
    let Some(name) = text(&request.properties, "BucketName") else { return Ok(None) };
    let is_here = s3.buckets.change(|buckets| {
        let bucket = buckets.get_mut(name).filter(|bucket| bucket.region == request.region);
        let is_here = bucket.is_some();
        if let Some(bucket) = bucket.filter(|_| claim == Claim::Take) {
            bucket.owner = Some(owner(request));
        }
        Ok::<_, ProvisionError>(is_here)
    })?;
    is_here.then(|| described(request, name)).transpose()
}

pub(super) fn update(s3: &S3, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    let (name, properties) = (&request.physical_id, &request.wanted.properties);
    if request.wanted.resource_type == "AWS::S3::BucketPolicy" {
        put_policy(s3, name, properties)?;
        return Ok(Provisioned { physical_id: name.clone(), attributes: request.attributes.clone() });
    }
    bucket::change(s3, name, |bucket| *bucket = configured(bucket.clone(), properties)).map_err(refused)?;
    described(&request.wanted, name)
}

pub(super) fn delete(s3: &S3, request: &DeleteRequest) -> Result<(), ProvisionError> {
    let name = &request.physical_id;
    if request.resource_type == "AWS::S3::BucketPolicy" {
        // A bucket that is gone took its policy along.
        let _ = bucket::change(s3, name, |bucket| drop(bucket.settings.remove("policy")));
        return Ok(());
    }
    if request.despite_protection {
        s3.shelf().remove_bucket(name).map_err(refused)?;
    }
    match bucket::delete(s3, name) {
        Err(failure) if failure.status != 404 => Err(refused(failure)),
        _ => Ok(()),
    }
}

fn put_policy(s3: &S3, name: &str, properties: &Properties) -> Result<(), ProvisionError> {
    let policy = properties.get("PolicyDocument").unwrap_or(&Value::Null);
    let policy = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
    bucket::change(s3, name, |bucket| drop(bucket.settings.insert("policy".to_owned(), policy))).map_err(refused)
}

/// The settings of a template that can be asked for over the wire.
fn configured(mut bucket: Bucket, properties: &Properties) -> Bucket {
    let status = object(properties, "VersioningConfiguration").and_then(|versioning| text(versioning, "Status"));
    bucket.versioning = match (status, bucket.versioning) {
        (Some("Enabled"), _) => Versioning::Enabled,
        // Versioning cannot be undone, only suspended.
        (_, Versioning::Enabled | Versioning::Suspended) | (Some("Suspended"), _) => Versioning::Suspended,
        _ => Versioning::Never,
    };
    let mut set = |name: &str, value: Option<String>| match value {
        Some(value) => drop(bucket.settings.insert(name.to_owned(), value)),
        None => drop(bucket.settings.remove(name)),
    };
    let block = object(properties, "PublicAccessBlockConfiguration").map(|block| {
        let flags = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
        let flag = |name: &str| crate::services::property::flag(block, name).unwrap_or(false).to_string();
        let content: String = flags.iter().map(|name| element(name, flag(name))).collect();
        document("PublicAccessBlockConfiguration", &content)
    });
    set("publicAccessBlock", block);
    let tags: String = objects(properties, "Tags")
        .map(|tag| {
            let part = |name: &str| element(name, text(tag, name).unwrap_or_default());
            format!("<Tag>{}{}</Tag>", part("Key"), part("Value"))
        })
        .collect();
    set("tagging", (!tags.is_empty()).then(|| document("Tagging", &format!("<TagSet>{tags}</TagSet>"))));
    let rules = object(properties, "BucketEncryption");
    let rules = rules.and_then(|rules| objects(rules, "ServerSideEncryptionConfiguration").next());
    let encryption = rules.and_then(|rule| object(rule, "ServerSideEncryptionByDefault")).map(|default| {
        let part = |name: &str| text(default, name).map(|value| element(name, value)).unwrap_or_default();
        let default = part("SSEAlgorithm") + &part("KMSMasterKeyID");
        let default =
            format!("<Rule><ApplyServerSideEncryptionByDefault>{default}</ApplyServerSideEncryptionByDefault></Rule>");
        document("ServerSideEncryptionConfiguration", &default)
    });
    set("encryption", encryption);
    bucket
}

/// With the attributes that only the schema knows.
fn described(request: &CreateRequest, name: &str) -> Result<Provisioned, ProvisionError> {
    let mut provisioned = describe(request)?;
    name.clone_into(&mut provisioned.physical_id);
    for (key, pattern) in [
        ("Arn", "arn:aws:s3:::{ref}"),
        ("DomainName", "{ref}.s3.amazonaws.com"),
        ("DualStackDomainName", "{ref}.s3.dualstack.{region}.amazonaws.com"),
        ("RegionalDomainName", "{ref}.s3.{region}.amazonaws.com"),
        ("WebsiteURL", "http://{ref}.s3-website-{region}.amazonaws.com"),
    ] {
        provisioned.attributes.insert(key.to_owned(), json!(fill(pattern, request, name)));
    }
    Ok(provisioned)
}

fn refused(failure: Failure) -> ProvisionError {
    ProvisionError::Refused { message: failure.message().to_owned() }
}
