//! Calls with up to ten entries, each with an answer of its own.

use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Runs every entry and sorts the answers.
pub(super) fn each(
    input: &Value,
    mut run: impl FnMut(&Value) -> Result<Value, ServiceError>,
) -> Result<Value, ServiceError> {
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        let message = "There should be at least one entry in the request.";
        return Err(ServiceError::new("EmptyBatchRequest", message));
    }
    if 10 < entries.len() {
        let message = format!("Maximum number of entries per request are 10. You have sent {}.", entries.len());
        return Err(ServiceError::new("TooManyEntriesInBatchRequest", message));
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry["Id"].as_str().unwrap_or_default()).collect();
    if ids.len() != entries.len() {
        return Err(ServiceError::new("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id."));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match run(entry) {
            Ok(Value::Object(mut answer)) => {
                answer.insert("Id".to_owned(), entry["Id"].clone());
                successful.push(Value::Object(answer));
            }
            Ok(_) => successful.push(json!({ "Id": entry["Id"] })),
            Err(error) => failed.push(json!({
                "Id": entry["Id"], "SenderFault": error.status < 500, "Message": error.message,
                "Code": super::service::query_code(&error.code),
            })),
        }
    }
    let mut answer = json!({ "Successful": successful });
    if !failed.is_empty() {
        answer["Failed"] = Value::Array(failed);
    }
    Ok(answer)
}
