//! Event source mappings: a queue's messages, handed to a function in batches.

use super::instance::Outcome;
use super::service::Lambda;
use super::source::MOST_AT_ONCE;
use super::state::Mapping;
use crate::services::sqs::Taken;
use crate::services::wire::ServiceError;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
/// After an error of the queue itself, for example when it does not exist.
const PAUSE: Duration = Duration::from_secs(1);

impl Lambda {
    /// Polls for a mapping until it is gone or disabled; once, however often it is asked to.
    pub(super) fn follow(self: &Arc<Self>, region: &str, id: String) {
        let key = (region.to_owned(), id.clone());
        if !self.followed.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return;
        }
        let (this, region) = (Arc::clone(self), region.to_owned());
        self.tasks.spawn(async move {
            loop {
                let mapping = {
                    let mut followed = this.followed.lock().unwrap_or_else(PoisonError::into_inner);
                    let mapping = this.enabled(&region, &id);
                    // Under the lock, so that who enables it now either is seen or begins anew.
                    if mapping.is_none() {
                        followed.remove(&key);
                    }
                    mapping
                };
                let Some(mapping) = mapping else { return };
                match this.stop.run_until_cancelled(this.turn(&region, &id, &mapping)).await {
                    None => return,
                    Some(Ok(())) => {}
                    Some(Err(error)) => {
                        this.note(&region, &id, &format!("PROBLEM: {error}"));
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        });
    }

    fn enabled(&self, region: &str, id: &str) -> Option<Mapping> {
        let store = self.regions.of(region).ok()?;
        store.read(|state| state.mappings.get(id).filter(|mapping| mapping.enabled).cloned())
    }

    async fn turn(&self, region: &str, id: &str, mapping: &Mapping) -> Result<(), ServiceError> {
        let sqs = &self.surroundings.sqs;
        self.surroundings.regions.until_alive(region).await;
        let mut taken = sqs.take(&mapping.source, mapping.batch_size.min(MOST_AT_ONCE), PATIENCE).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let window = self.surroundings.clock.wall(Duration::from_secs(mapping.window_seconds));
        let until = tokio::time::Instant::now() + window;
        while taken.len() < mapping.batch_size && tokio::time::Instant::now() < until {
            let most = (mapping.batch_size - taken.len()).min(MOST_AT_ONCE);
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            taken.extend(sqs.take(&mapping.source, most, left).await?);
        }
        let records: Vec<&Value> = taken.iter().map(|message| &message.record).collect();
        let payload = Bytes::from(json!({ "Records": records }).to_string());
        let request_id = uuid::Uuid::new_v4().to_string();
        let outcome = self.invoke(region, &mapping.function, &request_id, payload).await?;
        let done = worked_off(mapping, &taken, &outcome);
        if !done.is_empty() {
            sqs.finish(&mapping.source, &done)?;
        }
        let result = if done.len() == taken.len() { "OK" } else { "PROBLEM: Function call failed" };
        self.note(region, id, result);
        Ok(())
    }

    fn note(&self, region: &str, id: &str, result: &str) {
        let Ok(store) = self.regions.of(region) else { return };
        let is_known = store.read(|state| state.mappings.get(id).is_none_or(|mapping| mapping.last_result == result));
        if is_known {
            return;
        }
        let noted = store.change(|state| {
            if let Some(mapping) = state.mappings.get_mut(id) {
                mapping.last_result = result.to_owned();
                mapping.modified = Timestamp::now();
            }
            Ok::<_, ServiceError>(())
        });
        if let Err(error) = noted {
            tracing::error!(%error, "could not note how the mapping {id} fares");
        }
    }
}

/// Receipts of the messages that need not come again.
fn worked_off(mapping: &Mapping, taken: &[Taken], outcome: &Outcome) -> Vec<String> {
    let Outcome::Success(body) = outcome else { return Vec::new() };
    let mut failed: BTreeSet<String> = BTreeSet::new();
    if mapping.reports_failures {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
        failed.extend(failures.filter_map(|failure| failure["itemIdentifier"].as_str()).map(str::to_owned));
        // An identifier that nobody knows fails the whole batch.
        if failed.iter().any(|id| !taken.iter().any(|message| message.id == *id)) {
            return Vec::new();
        }
    }
    let done = taken.iter().filter(|message| !failed.contains(&message.id));
    done.map(|message| message.receipt.clone()).collect()
}
