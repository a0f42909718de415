//! Keeps secrets out of what a change set shows.

use crate::change_set::PropertyChange;
use serde_json::Value as Json;

/// What stands in place of a value that nobody may read.
pub(crate) const MASK: &str = "****";
/// A name with one of these in it names a secret. `SecretArn` goes with them: better once too often.
const SECRET_WORDS: [&str; 5] = ["secret", "password", "token", "credential", "privatekey"];
const DYNAMIC_REFERENCE: &str = "{{resolve:";

pub(crate) fn mask(change: &mut PropertyChange) {
    let of_secret = change.path.split('/').any(names_secret);
    for value in [&mut change.before, &mut change.after].into_iter().flatten() {
        *value = if of_secret { MASK.to_owned() } else { masked(value) };
    }
}

/// A list or object comes as JSON text, and may hold secrets further down.
fn masked(value: &str) -> String {
    match serde_json::from_str(value) {
        Ok(json @ (Json::Object(_) | Json::Array(_))) => walk(json).to_string(),
        _ if value.contains(DYNAMIC_REFERENCE) => MASK.to_owned(),
        _ => value.to_owned(),
    }
}

fn walk(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let member = |(name, value): (String, Json)| {
                let value = if names_secret(&name) { Json::from(MASK) } else { walk(value) };
                (name, value)
            };
            Json::Object(members.into_iter().map(member).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(walk).collect()),
        Json::String(text) if text.contains(DYNAMIC_REFERENCE) => Json::from(MASK),
        other => other,
    }
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change_set::Replacement;

    fn check(path: &str, value: &str, expected: &str) {
        let mut change = PropertyChange {
            path: path.to_owned(),
            before: None,
            after: Some(value.to_owned()),
            recreation: Replacement::Never,
            certain: true,
            source: None,
            causing_entity: None,
        };
        mask(&mut change);
        assert_eq!(change.after.as_deref(), Some(expected), "{path}");
    }

    #[test]
    fn secrets_are_not_shown_however_deep() {
        check("Properties/Cpu", "512", "512");
        check("Properties/SecretString", "hunter2", MASK);
        check("Properties/Login/MasterUserPassword", "hunter2", MASK);
        check("Properties/Value", "{{resolve:secretsmanager:partner}}", MASK);
        check("Properties/Items", r#"[{"Name":"a","AuthToken":"b"}]"#, r#"[{"Name":"a","AuthToken":"****"}]"#);
    }
}
