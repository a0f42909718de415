//! DynamoDB's operations by name, over dynoxide's typed ones, whose own dispatcher is private.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Runs one operation on a request body; None when the engine does not have it.
pub(super) fn run(database: &Database, operation: &str, body: &str) -> Option<Result<String, DynoxideError>> {
    macro_rules! operations {
        ($($name:literal => $method:ident),* $(,)?) => {
            match operation {
                $($name => Some(parse(body).and_then(|request| print(&database.$method(request)?))),)*
                _ => None,
            }
        };
    }
    operations! {
        "BatchExecuteStatement" => batch_execute_statement,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "CreateTable" => create_table,
        "DeleteItem" => delete_item,
        "DeleteTable" => delete_table,
        "DescribeStream" => describe_stream,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "ExecuteStatement" => execute_statement,
        "ExecuteTransaction" => execute_transaction,
        "GetItem" => get_item,
        "GetRecords" => get_records,
        "GetShardIterator" => get_shard_iterator,
        "ListStreams" => list_streams,
        "ListTables" => list_tables,
        "ListTagsOfResource" => list_tags_of_resource,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "TagResource" => tag_resource,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UntagResource" => untag_resource,
        "UpdateItem" => update_item,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
    }
}

/// dynoxide marks the error class in serde's message; only its private dispatcher takes the mark off.
fn parse<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| {
        let message = error.to_string();
        let without_position = message.split(" at line ").next().unwrap_or_default();
        for prefix in ["VALIDATION:", "VALIDATION_REQUEST:", "VALIDATION_AS_READ:"] {
            if let Some(text) = without_position.strip_prefix(prefix) {
                return DynoxideError::ValidationException(text.to_owned());
            }
        }
        for prefix in ["SERIALIZATION:", "SERIALIZATION_AS_READ:"] {
            if let Some(text) = without_position.strip_prefix(prefix) {
                return DynoxideError::SerializationException(text.to_owned());
            }
        }
        let is_validation = ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"];
        if is_validation.iter().any(|words| message.contains(words)) {
            return DynoxideError::ValidationException(without_position.to_owned());
        }
        DynoxideError::SerializationException(without_position.to_owned())
    })
}

fn print<T: Serialize>(answer: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
