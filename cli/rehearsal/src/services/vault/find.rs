//! Operations that change nothing.

use super::state::{CURRENT, Content, Secret, State, invalid_parameter, seconds};
use crate::services::password::PasswordRules;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

type Answer = Result<Value, ServiceError>;

/// Limits of AWS, by the API reference.
const PAGE: usize = 100;
const BATCH: usize = 20;

pub(super) fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap_or_default()
}

/// None for an operation that changes something or is not there.
pub(super) fn run(state: &State, operation: &str, input: &Value) -> Option<Answer> {
    let secret = || state.find(text(input, "SecretId"));
    Some(match operation {
        "BatchGetSecretValue" => batch(state, input),
        "DescribeSecret" => secret().map(Secret::described),
        "GetRandomPassword" => random_password(input),
        "GetResourcePolicy" => secret().map(|secret| {
            let mut answer = json!({ "ARN": secret.arn, "Name": secret.name });
            if let Some(policy) = &secret.policy {
                answer["ResourcePolicy"] = json!(policy);
            }
            answer
        }),
        "GetSecretValue" => secret().and_then(|secret| value(secret, input)),
        "ListSecretVersionIds" => secret().and_then(|secret| versions(secret, input)),
        "ListSecrets" => list(state, input),
        _ => return None,
    })
}

fn value(secret: &Secret, input: &Value) -> Answer {
    secret.check_lives()?;
    let (id, stage) = (input["VersionId"].as_str(), input["VersionStage"].as_str());
    let absent = |what: String| {
        let message = format!("Secrets Manager can't find the specified secret value for {what}");
        ServiceError::new("ResourceNotFoundException", message)
    };
    let (id, version) = match (id, stage) {
        (Some(id), _) => secret.versions.get_key_value(id).ok_or_else(|| absent(format!("VersionId: {id}")))?,
        (None, stage) => {
            let stage = stage.unwrap_or(CURRENT);
            secret.at_stage(stage).ok_or_else(|| absent(format!("staging label: {stage}")))?
        }
    };
    if stage.is_some_and(|stage| !version.stages.contains(stage)) {
        let message = "You provided a VersionStage that is not associated to the provided VersionId.";
        return Err(ServiceError::new("InvalidRequestException", message));
    }
    let mut answer = json!({
        "ARN": secret.arn, "Name": secret.name, "VersionId": id, "VersionStages": version.stages,
        "CreatedDate": seconds(version.created),
    });
    match &version.content {
        Content::Text(text) => answer["SecretString"] = json!(text),
        Content::Binary(binary) => answer["SecretBinary"] = json!(binary),
    }
    Ok(answer)
}

fn batch(state: &State, input: &Value) -> Answer {
    let ids: Vec<&str> = input["SecretIdList"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if ids.is_empty() || BATCH < ids.len() {
        return Err(invalid_parameter(format!(
            "the rehearsal cloud gets a batch by SecretIdList, of one to {BATCH} secrets"
        )));
    }
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match state.find(id).and_then(|secret| value(secret, &json!({}))) {
            Ok(value) => values.push(value),
            Err(error) => {
                errors.push(json!({ "SecretId": id, "ErrorCode": error.code, "Message": error.message }));
            }
        }
    }
    Ok(json!({ "SecretValues": values, "Errors": errors }))
}

fn versions(secret: &Secret, input: &Value) -> Answer {
    let with_deprecated = input["IncludeDeprecated"].as_bool().unwrap_or(false);
    let mut listed: Vec<_> =
        secret.versions.iter().filter(|(_, version)| with_deprecated || !version.stages.is_empty()).collect();
    listed.sort_by_key(|(_, version)| version.created);
    let listed = listed.into_iter().map(|(id, version)| {
        json!({ "VersionId": id, "VersionStages": version.stages, "CreatedDate": seconds(version.created) })
    });
    let mut answer = page(listed.collect(), "Versions", input)?;
    (answer["ARN"], answer["Name"]) = (json!(secret.arn), json!(secret.name));
    Ok(answer)
}

fn list(state: &State, input: &Value) -> Answer {
    let with_deleted = input["IncludePlannedDeletion"].as_bool().unwrap_or(false);
    let mut found = Vec::new();
    for secret in state.secrets.values() {
        if (with_deleted || secret.deletion.is_none()) && passes(secret, &input["Filters"])? {
            found.push(secret);
        }
    }
    found.sort_by_key(|secret| secret.created);
    if input["SortOrder"] != "asc" {
        found.reverse();
    }
    let shown = found.into_iter().map(|secret| {
        let mut shown = secret.described();
        if let Some(fields) = shown.as_object_mut()
            && let Some(stages) = fields.remove("VersionIdsToStages")
        {
            fields.insert("SecretVersionsToStages".to_owned(), stages);
        }
        shown
    });
    page(shown.collect(), "SecretList", input)
}

/// All filters have to hold, each by one of its values, as a prefix; `!` before a value turns it round.
fn passes(secret: &Secret, filters: &Value) -> Result<bool, ServiceError> {
    for filter in filters.as_array().into_iter().flatten() {
        let held: Vec<&str> = match text(filter, "Key") {
            "name" => vec![secret.name.as_str()],
            "description" => secret.description.iter().map(String::as_str).collect(),
            "tag-key" => secret.tags.keys().map(String::as_str).collect(),
            "tag-value" => secret.tags.values().map(String::as_str).collect(),
            "all" => {
                let tags = secret.tags.iter().flat_map(|(key, value)| [key, value]);
                tags.chain(&secret.description).chain([&secret.name]).map(String::as_str).collect()
            }
            other => {
                return Err(invalid_parameter(format!("the rehearsal cloud does not filter secrets by {other}")));
            }
        };
        let has = |value: &str| held.iter().any(|held| held.starts_with(value));
        let mut values = filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if !values.any(|value| value.strip_prefix('!').map_or_else(|| has(value), |not| !has(not))) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A token is the position at which the next page begins.
fn page(items: Vec<Value>, key: &str, input: &Value) -> Answer {
    let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE).clamp(1, PAGE);
    let start: usize = match input["NextToken"].as_str() {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| ServiceError::new("InvalidNextTokenException", "The NextToken value is invalid."))?,
    };
    let all = items.len();
    let page: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    let end = start + page.len();
    let mut answer = json!({ key: page });
    if end < all {
        answer["NextToken"] = json!(end.to_string());
    }
    Ok(answer)
}

fn random_password(input: &Value) -> Answer {
    let flag = |name: &str| input[name].as_bool().unwrap_or(false);
    let rules = PasswordRules {
        length: input["PasswordLength"].as_u64().unwrap_or(32),
        excluded: text(input, "ExcludeCharacters"),
        lower_case: !flag("ExcludeLowercase"),
        upper_case: !flag("ExcludeUppercase"),
        digits: !flag("ExcludeNumbers"),
        punctuation: !flag("ExcludePunctuation"),
        space: flag("IncludeSpace"),
        one_of_each: input["RequireEachIncludedType"].as_bool().unwrap_or(true),
    };
    let password = rules.generate().map_err(|error| invalid_parameter(error.to_string()))?;
    Ok(json!({ "RandomPassword": password }))
}
