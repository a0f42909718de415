//! Operations that change something.

use super::find::text;
use super::state::{CURRENT, Content, Deletion, Secret, State, Version, invalid_parameter, invalid_request, seconds};
use crate::services::wire::ServiceError;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Answer = Result<Value, ServiceError>;

/// One call: where and when it came.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) input: &'a Value,
    pub(super) now: Timestamp,
}

/// None for an operation that is not there.
pub(super) fn run(state: &mut State, operation: &str, call: Call<'_>) -> Option<Answer> {
    let id = text(call.input, "SecretId");
    let change: fn(&mut Secret, Call<'_>) -> Answer = match operation {
        "CreateSecret" => return Some(create(state, call)),
        "DeleteSecret" => return Some(delete(state, id, call)),
        "RestoreSecret" => return Some(state.find_mut(id).map(restore)),
        "PutSecretValue" => put,
        "UpdateSecret" => update,
        "UpdateSecretVersionStage" => move_stage,
        "TagResource" => tag,
        "UntagResource" => untag,
        "PutResourcePolicy" => put_policy,
        "DeleteResourcePolicy" => delete_policy,
        _ => return None,
    };
    Some(state.living_mut(id).and_then(|secret| change(secret, call)))
}

fn restore(secret: &mut Secret) -> Value {
    secret.deletion = None;
    named(secret)
}

fn tag(secret: &mut Secret, call: Call<'_>) -> Answer {
    secret.tags.extend(tags(&call.input["Tags"]));
    Ok(json!({}))
}

fn untag(secret: &mut Secret, call: Call<'_>) -> Answer {
    for key in call.input["TagKeys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        secret.tags.remove(key);
    }
    Ok(json!({}))
}

fn delete_policy(secret: &mut Secret, _: Call<'_>) -> Answer {
    secret.policy = None;
    Ok(named(secret))
}

fn named(secret: &Secret) -> Value {
    json!({ "ARN": secret.arn, "Name": secret.name })
}

fn tags(list: &Value) -> BTreeMap<String, String> {
    let pair = |tag: &Value| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str()?.to_owned()));
    list.as_array().into_iter().flatten().filter_map(pair).collect()
}

/// The client's token is the new version's id.
fn version_id(input: &Value) -> Result<String, ServiceError> {
    match input["ClientRequestToken"].as_str() {
        None => Ok(uuid::Uuid::new_v4().to_string()),
        Some(token) if (32..=64).contains(&token.len()) => Ok(token.to_owned()),
        Some(_) => Err(invalid_parameter("ClientRequestToken must be 32-64 characters long.")),
    }
}

fn content(input: &Value) -> Result<Option<Content>, ServiceError> {
    match (input["SecretString"].as_str(), input["SecretBinary"].as_str()) {
        (Some(_), Some(_)) => {
            Err(invalid_parameter("You can't specify both a binary secret value and a string secret value."))
        }
        (Some(text), None) => Ok(Some(Content::Text(text.to_owned()))),
        (None, Some(binary)) => Ok(Some(Content::Binary(binary.to_owned()))),
        (None, None) => Ok(None),
    }
}

fn create(state: &mut State, call: Call<'_>) -> Answer {
    let input = call.input;
    let name = text(input, "Name");
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/_+=.@-".contains(letter);
    if name.is_empty() || 512 < name.len() || !name.chars().all(is_plain) {
        let message =
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
        return Err(ServiceError::new("ValidationException", message));
    }
    let (id, content) = (version_id(input)?, content(input)?);
    if let Some(known) = state.secrets.get(name) {
        if known.deletion.is_some() {
            return Err(invalid_request(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ));
        }
        let same = known.versions.get(&id).is_some_and(|version| Some(&version.content) == content.as_ref());
        if same {
            return Ok(json!({ "ARN": known.arn, "Name": name, "VersionId": id }));
        }
        let message = format!("The operation failed because the secret {name} already exists.");
        return Err(ServiceError::new("ResourceExistsException", message));
    }
    let end = uuid::Uuid::new_v4().simple().to_string();
    let end = end.get(..6).unwrap_or_default();
    let mut secret = Secret {
        name: name.to_owned(),
        arn: format!("arn:aws:secretsmanager:{}:{}:secret:{name}-{end}", call.region, call.account),
        description: input["Description"].as_str().map(str::to_owned),
        kms_key: input["KmsKeyId"].as_str().map(str::to_owned),
        created: call.now,
        changed: call.now,
        deletion: None,
        tags: tags(&input["Tags"]),
        policy: None,
        versions: BTreeMap::new(),
    };
    let mut answer = named(&secret);
    if let Some(content) = content {
        answer["VersionId"] = json!(id);
        add(&mut secret, &id, content, &[CURRENT], call.now);
    }
    state.secrets.insert(name.to_owned(), secret);
    Ok(answer)
}

fn add(secret: &mut Secret, id: &str, content: Content, stages: &[&str], now: Timestamp) {
    secret.changed = now;
    secret.versions.insert(id.to_owned(), Version { created: now, content, stages: BTreeSet::new() });
    for stage in stages {
        secret.stage(stage, id);
    }
    // What nobody can name by a stage any more is kept for a while on AWS; here as long as the last hundred.
    while 100 < secret.versions.len() {
        let oldest = secret.versions.iter().filter(|(_, version)| version.stages.is_empty());
        let Some(oldest) = oldest.min_by_key(|(_, version)| version.created).map(|(id, _)| id.clone()) else { break };
        secret.versions.remove(&oldest);
    }
}

fn put(secret: &mut Secret, call: Call<'_>) -> Answer {
    let Some(content) = content(call.input)? else {
        return Err(invalid_request("You must provide either SecretString or SecretBinary."));
    };
    let id = version_id(call.input)?;
    let given: Vec<&str> =
        call.input["VersionStages"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut stages = if given.is_empty() { vec![CURRENT] } else { given };
    if secret.at_stage(CURRENT).is_none() && !stages.contains(&CURRENT) {
        stages.push(CURRENT);
    }
    write(secret, &id, content, &stages, call.now)?;
    let mut answer = named(secret);
    answer["VersionId"] = json!(id);
    answer["VersionStages"] = json!(secret.versions.get(&id).map(|version| &version.stages));
    Ok(answer)
}

/// The same token with the same value is the same request once more.
fn write(secret: &mut Secret, id: &str, content: Content, stages: &[&str], now: Timestamp) -> Result<(), ServiceError> {
    match secret.versions.get(id) {
        Some(known) if known.content == content => Ok(()),
        Some(_) => {
            let message =
                "You can't use ClientRequestToken for this version because it already exists with another value.";
            Err(ServiceError::new("ResourceExistsException", message))
        }
        None => {
            add(secret, id, content, stages, now);
            Ok(())
        }
    }
}

fn update(secret: &mut Secret, call: Call<'_>) -> Answer {
    let (id, content) = (version_id(call.input)?, content(call.input)?);
    for (key, field) in [("Description", &mut secret.description), ("KmsKeyId", &mut secret.kms_key)] {
        if let Some(value) = call.input[key].as_str() {
            *field = Some(value.to_owned());
        }
    }
    secret.changed = call.now;
    let mut answer = named(secret);
    if let Some(content) = content {
        write(secret, &id, content, &[CURRENT], call.now)?;
        answer["VersionId"] = json!(id);
    }
    Ok(answer)
}

fn move_stage(secret: &mut Secret, call: Call<'_>) -> Answer {
    let stage = text(call.input, "VersionStage");
    let (to, from) = (call.input["MoveToVersionId"].as_str(), call.input["RemoveFromVersionId"].as_str());
    let holder = secret.at_stage(stage).map(|(id, _)| id.clone());
    for id in [to, from].into_iter().flatten() {
        if !secret.versions.contains_key(id) {
            let message = format!("Secrets Manager can't find the specified secret value for VersionId: {id}");
            return Err(ServiceError::new("ResourceNotFoundException", message));
        }
    }
    if from.is_some() && holder.as_deref() != from {
        return Err(invalid_parameter(format!(
            "The parameter RemoveFromVersionId can't be the version to which {stage} is not attached."
        )));
    }
    match to {
        Some(to) if holder.is_some() && from.is_none() && holder.as_deref() != Some(to) => {
            return Err(invalid_parameter(
                "The parameter RemoveFromVersionId can't be empty. Staging label is currently attached to another version, so you must explicitly reference that version in RemoveFromVersionId.",
            ));
        }
        Some(to) => secret.stage(stage, to),
        None if stage == CURRENT => {
            return Err(invalid_parameter(
                "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
            ));
        }
        None => {
            if let Some(version) = holder.and_then(|id| secret.versions.get_mut(&id)) {
                version.stages.remove(stage);
            }
        }
    }
    secret.changed = call.now;
    Ok(named(secret))
}

fn put_policy(secret: &mut Secret, call: Call<'_>) -> Answer {
    let policy = text(call.input, "ResourcePolicy");
    if !serde_json::from_str::<Value>(policy).is_ok_and(|policy| policy.is_object()) {
        let message = "This resource policy contains a syntax error.";
        return Err(ServiceError::new("MalformedPolicyDocumentException", message));
    }
    secret.policy = Some(policy.to_owned());
    Ok(named(secret))
}

fn delete(state: &mut State, id: &str, call: Call<'_>) -> Answer {
    let is_forced = call.input["ForceDeleteWithoutRecovery"].as_bool().unwrap_or(false);
    let days = call.input["RecoveryWindowInDays"].as_i64();
    if is_forced && days.is_some() {
        return Err(invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
    }
    let secret = state.find_mut(id)?;
    if is_forced {
        let mut answer = named(secret);
        answer["DeletionDate"] = seconds(call.now);
        let name = secret.name.clone();
        state.secrets.remove(&name);
        return Ok(answer);
    }
    secret.check_lives()?;
    let due = call.now + SignedDuration::from_hours(24 * days);
    secret.deletion = Some(Deletion { asked: call.now, due });
    let mut answer = named(secret);
    answer["DeletionDate"] = seconds(due);
    Ok(answer)
}
