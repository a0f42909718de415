//! What replication needs of the engine beyond the wire's operations.

use super::operations;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::{decode_shard_iterator, encode_shard_iterator};
use dynoxide::streams::{shard_id, stream_arn};
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

/// Public sequence numbers are the stored ones plus this. A stored one is the microsecond in which the write was
/// committed, or one more than the last, whichever is later: it is the writer's clock.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// One record of a table's stream.
pub(super) struct Change {
    pub(super) sequence: u64,
    pub(super) key: Value,
    pub(super) image: Option<Value>,
}

/// The next changes of a table after a sequence number; none when there are no more.
pub(super) fn changes_after(database: &Database, table: &str, sequence: u64) -> Result<Vec<Change>, DynoxideError> {
    let position = i64::try_from(sequence).unwrap_or(i64::MAX);
    let shard_iterator = encode_shard_iterator(table, &shard_id(table), position);
    let answer = database.get_records(GetRecordsRequest { shard_iterator, limit: None })?;
    let answer = to_value(&answer)?;
    let records = answer["Records"].as_array().into_iter().flatten();
    let change = |record: &Value| {
        let record = &record["dynamodb"];
        let public: u128 = record["SequenceNumber"].as_str()?.parse().ok()?;
        let sequence = u64::try_from(public.checked_sub(SEQUENCE_OFFSET)?).ok()?;
        Some(Change { sequence, key: record["Keys"].clone(), image: record.get("NewImage").cloned() })
    };
    Ok(records.filter_map(change).collect())
}

/// The sequence number of a table's newest change.
pub(super) fn newest_change(database: &Database, table: &str) -> Result<u64, DynoxideError> {
    let input = json!({
        "StreamArn": stream_arn(table, "any"), "ShardId": shard_id(table), "ShardIteratorType": "LATEST",
    });
    let answer = run(database, "GetShardIterator", &input)?;
    let position = answer["ShardIterator"].as_str().and_then(decode_shard_iterator).map_or(0, |(_, _, at)| at);
    Ok(u64::try_from(position).unwrap_or_default())
}

/// One operation with the engine's own ARNs.
pub(super) fn run(database: &Database, operation: &str, input: &Value) -> Result<Value, DynoxideError> {
    let unknown = || DynoxideError::InternalServerError(format!("the engine has no {operation}"));
    let answer = operations::run(database, operation, &input.to_string()).ok_or_else(unknown)??;
    serde_json::from_str(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn to_value(answer: &impl serde::Serialize) -> Result<Value, DynoxideError> {
    serde_json::to_value(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
