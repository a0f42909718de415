//! Each operation on the keys of one region, as a function of the state, the input and the time.

use super::cipher::{self, CipherFailure, Context};
use super::state::{Alias, Key, State};
use crate::services::wire::ServiceError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One call.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) input: &'a Value,
    pub(super) now: Timestamp,
}

impl<'a> Call<'a> {
    pub(super) fn text(&self, name: &str) -> Result<&'a str, ServiceError> {
        let text = self.input[name].as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| invalid(format!("{name} must not be null")))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, ServiceError> {
        STANDARD.decode(self.text(name)?).map_err(|_| invalid(format!("{name} is not base64")))
    }

    fn context(&self) -> Context {
        let pairs = self.input["EncryptionContext"].as_object().into_iter().flatten();
        pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
    }
}

/// Operations that change nothing; none for all others.
pub(super) fn read(state: &State, operation: &str, call: Call<'_>) -> Option<Result<Value, ServiceError>> {
    let key = || call.text("KeyId").and_then(|reference| state.key(reference));
    Some(match operation {
        "DescribeKey" => key().map(|key| json!({ "KeyMetadata": metadata(key, call.account) })),
        "ListKeys" => {
            let keys = state.keys.values().map(|key| json!({ "KeyId": key.id(), "KeyArn": key.arn }));
            Ok(json!({ "Keys": keys.collect::<Vec<_>>(), "Truncated": false }))
        }
        "ListAliases" => list_aliases(state, call),
        "ListResourceTags" => key().map(|key| {
            let tags = key.tags.iter().map(|(name, value)| json!({ "TagKey": name, "TagValue": value }));
            json!({ "Tags": tags.collect::<Vec<_>>(), "Truncated": false })
        }),
        "GetKeyPolicy" => key().map(|key| json!({ "Policy": key.policy, "PolicyName": "default" })),
        "GetKeyRotationStatus" => key().map(|key| json!({ "KeyId": key.arn, "KeyRotationEnabled": key.rotates })),
        "Encrypt" => key().and_then(|key| encrypt(key, call)),
        "Decrypt" => decrypt(state, call),
        "ReEncrypt" => re_encrypt(state, call),
        "GenerateDataKey" => key().and_then(|key| data_key(key, call, true)),
        "GenerateDataKeyWithoutPlaintext" => key().and_then(|key| data_key(key, call, false)),
        "GenerateRandom" => {
            let length = call.input["NumberOfBytes"].as_u64().and_then(|length| usize::try_from(length).ok());
            length
                .filter(|length| (1..=1024).contains(length))
                .ok_or_else(|| invalid("NumberOfBytes must be between 1 and 1024".to_owned()))
                .and_then(|length| Ok(json!({ "Plaintext": STANDARD.encode(cipher::random(length)?) })))
        }
        _ => return None,
    })
}

/// Operations that change one region; none for all others.
pub(super) fn change(state: &mut State, operation: &str, call: Call<'_>) -> Option<Result<Value, ServiceError>> {
    let nothing = |()| json!({});
    Some(match operation {
        "CreateAlias" => create_alias(state, call).map(nothing),
        "UpdateAlias" => update_alias(state, call).map(nothing),
        "DeleteAlias" => call.text("AliasName").and_then(|name| {
            state.resolve(name)?;
            state.aliases.remove(name);
            Ok(json!({}))
        }),
        "EnableKey"
        | "DisableKey"
        | "EnableKeyRotation"
        | "DisableKeyRotation"
        | "PutKeyPolicy"
        | "UpdateKeyDescription"
        | "TagResource"
        | "UntagResource"
        | "ScheduleKeyDeletion"
        | "CancelKeyDeletion" => {
            call.text("KeyId").and_then(|reference| change_key(state.key_mut(reference)?, operation, call))
        }
        _ => return None,
    })
}

pub(super) fn metadata(key: &Key, account: &str) -> Value {
    let mut shown = json!({
        "AWSAccountId": account, "KeyId": key.id(), "Arn": key.arn, "CreationDate": seconds(key.created),
        "Enabled": key.state() == "Enabled", "Description": key.description, "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state(), "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT", "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": key.multi_region.is_some(),
    });
    if let Some(deletion) = key.deletion {
        shown["DeletionDate"] = seconds(deletion);
    }
    if let Some(family) = &key.multi_region {
        let region = key.arn.split(':').nth(3).unwrap_or_default();
        let member = |region: &String| json!({ "Region": region, "Arn": format!("arn:aws:kms:{region}:{account}:key/{}", key.id()) });
        shown["MultiRegionConfiguration"] = json!({
            "MultiRegionKeyType": if family.primary == region { "PRIMARY" } else { "REPLICA" },
            "PrimaryKey": member(&family.primary),
            "ReplicaKeys": family.replicas.iter().map(member).collect::<Vec<_>>(),
        });
    }
    shown
}

fn encrypt(key: &Key, call: Call<'_>) -> Result<Value, ServiceError> {
    key.check_usable()?;
    let blob = cipher::encrypt(key.id(), &material(key)?, &call.bytes("Plaintext")?, &call.context())?;
    Ok(json!({
        "CiphertextBlob": STANDARD.encode(blob), "KeyId": key.arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

fn decrypt(state: &State, call: Call<'_>) -> Result<Value, ServiceError> {
    let (key, plaintext) = open(state, call, "KeyId", &call.context())?;
    Ok(json!({
        "Plaintext": STANDARD.encode(plaintext), "KeyId": key.arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

fn re_encrypt(state: &State, call: Call<'_>) -> Result<Value, ServiceError> {
    let context = |name: &str| -> Context {
        let pairs = call.input[name].as_object().into_iter().flatten();
        pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
    };
    let (source, plaintext) = open(state, call, "SourceKeyId", &context("SourceEncryptionContext"))?;
    let target = state.key(call.text("DestinationKeyId")?)?;
    target.check_usable()?;
    let blob = cipher::encrypt(target.id(), &material(target)?, &plaintext, &context("DestinationEncryptionContext"))?;
    Ok(json!({ "CiphertextBlob": STANDARD.encode(blob), "SourceKeyId": source.arn, "KeyId": target.arn }))
}

/// The key that a blob was made with, and what is in it.
fn open<'a>(
    state: &'a State,
    call: Call<'_>,
    wanted: &str,
    context: &Context,
) -> Result<(&'a Key, Vec<u8>), ServiceError> {
    let blob = call.bytes("CiphertextBlob")?;
    let unreadable = || ServiceError::new("InvalidCiphertextException", "");
    let id = cipher::key_of(&blob).ok_or_else(unreadable)?;
    let key = state.keys.get(id).ok_or_else(|| {
        let message = "The ciphertext refers to a customer master key that does not exist, does not exist in this \
                       region, or you are not allowed to access.";
        ServiceError::new("AccessDeniedException", message)
    })?;
    if let Some(reference) = call.input[wanted].as_str()
        && state.resolve(reference)? != id
    {
        let message = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(ServiceError::new("IncorrectKeyException", message));
    }
    key.check_usable()?;
    let plaintext = cipher::decrypt(&material(key)?, &blob, context).map_err(|_| unreadable())?;
    Ok((key, plaintext))
}

fn data_key(key: &Key, call: Call<'_>, with_plaintext: bool) -> Result<Value, ServiceError> {
    key.check_usable()?;
    let length = match (call.input["KeySpec"].as_str(), call.input["NumberOfBytes"].as_u64()) {
        (Some("AES_256"), None) => 32,
        (Some("AES_128"), None) => 16,
        (None, Some(length @ 1..=1024)) => usize::try_from(length).unwrap_or(32),
        _ => return Err(invalid("Please specify either number of bytes or key spec.".to_owned())),
    };
    let plaintext = cipher::random(length)?;
    let blob = cipher::encrypt(key.id(), &material(key)?, &plaintext, &call.context())?;
    let mut answer = json!({ "CiphertextBlob": STANDARD.encode(blob), "KeyId": key.arn });
    if with_plaintext {
        answer["Plaintext"] = json!(STANDARD.encode(plaintext));
    }
    Ok(answer)
}

fn change_key(key: &mut Key, operation: &str, call: Call<'_>) -> Result<Value, ServiceError> {
    if key.deletion.is_some() && !matches!(operation, "CancelKeyDeletion" | "TagResource" | "UntagResource") {
        return Err(key.pending_deletion());
    }
    match operation {
        "EnableKey" => key.enabled = true,
        "DisableKey" => key.enabled = false,
        "EnableKeyRotation" => key.rotates = true,
        "DisableKeyRotation" => key.rotates = false,
        "PutKeyPolicy" => key.policy = call.text("Policy")?.to_owned(),
        "UpdateKeyDescription" => key.description = call.input["Description"].as_str().unwrap_or_default().to_owned(),
        "TagResource" => key.tags.extend(tags(&call.input["Tags"])),
        "UntagResource" => {
            let keys = call.input["TagKeys"].as_array().cloned().unwrap_or_default();
            key.tags.retain(|tag, _| !keys.iter().any(|key| key == tag));
        }
        "ScheduleKeyDeletion" => {
            let days = call.input["PendingWindowInDays"].as_i64().unwrap_or(30);
            if !(7..=30).contains(&days) {
                return Err(invalid("PendingWindowInDays must be between 7 and 30".to_owned()));
            }
            let deletion = call.now + SignedDuration::from_hours(24 * days);
            key.deletion = Some(deletion);
            return Ok(json!({
                "KeyId": key.arn, "DeletionDate": seconds(deletion), "KeyState": "PendingDeletion",
                "PendingWindowInDays": days,
            }));
        }
        _ => {
            if key.deletion.take().is_none() {
                let message = format!("{} is not pending deletion.", key.arn);
                return Err(ServiceError::new("KMSInvalidStateException", message));
            }
            key.enabled = false;
            return Ok(json!({ "KeyId": key.arn }));
        }
    }
    Ok(json!({}))
}

fn list_aliases(state: &State, call: Call<'_>) -> Result<Value, ServiceError> {
    let wanted = call.input["KeyId"].as_str().map(|reference| state.resolve(reference)).transpose()?;
    let aliases = state.aliases.iter().filter(|(_, alias)| wanted.as_ref().is_none_or(|key| *key == alias.key));
    let aliases: Vec<Value> = aliases
        .map(|(name, alias)| {
            let arn = format!("arn:aws:kms:{}:{}:{name}", call.region, call.account);
            json!({ "AliasName": name, "AliasArn": arn, "TargetKeyId": alias.key })
        })
        .collect();
    Ok(json!({ "Aliases": aliases, "Truncated": false }))
}

fn create_alias(state: &mut State, call: Call<'_>) -> Result<(), ServiceError> {
    let name = call.text("AliasName")?;
    check_alias(name)?;
    let key = state.resolve(call.text("TargetKeyId")?)?;
    if state.aliases.contains_key(name) {
        let arn = format!("arn:aws:kms:{}:{}:{name}", call.region, call.account);
        return Err(ServiceError::new(
            "AlreadyExistsException",
            format!("An alias with the name {arn} already exists"),
        ));
    }
    state.aliases.insert(name.to_owned(), Alias { owner: None, key });
    Ok(())
}

fn update_alias(state: &mut State, call: Call<'_>) -> Result<(), ServiceError> {
    let (name, key) = (call.text("AliasName")?, state.resolve(call.text("TargetKeyId")?)?);
    state.resolve(name)?;
    if let Some(alias) = state.aliases.get_mut(name) {
        alias.key = key;
    }
    Ok(())
}

pub(super) fn check_alias(name: &str) -> Result<(), ServiceError> {
    if name.starts_with("alias/") && !name.starts_with("alias/aws/") && name.len() <= 256 {
        return Ok(());
    }
    let message = "Alias must start with the prefix \"alias/\", and \"alias/aws/\" is reserved.";
    Err(ServiceError::new("InvalidAliasNameException", message))
}

pub(super) fn tags(list: &Value) -> BTreeMap<String, String> {
    let part = |tag: &Map<String, Value>, names: [&str; 2]| {
        let value = names.iter().find_map(|name| tag.get(*name)).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let tags = list.as_array().into_iter().flatten().filter_map(Value::as_object);
    tags.map(|tag| (part(tag, ["TagKey", "Key"]), part(tag, ["TagValue", "Value"]))).collect()
}

fn material(key: &Key) -> Result<Vec<u8>, ServiceError> {
    STANDARD.decode(&key.material).map_err(|_| CipherFailure.into())
}

/// Seconds since 1970, as the JSON protocols have times.
fn seconds(at: Timestamp) -> Value {
    json!(at.as_second())
}

fn invalid(message: String) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

impl From<CipherFailure> for ServiceError {
    fn from(_: CipherFailure) -> Self {
        Self {
            status: 500,
            code: "KMSInternalException".to_owned(),
            message: "the rehearsal cloud could not encrypt or decrypt".to_owned(),
        }
    }
}
