//! Events that nobody waits for: tried three times, then given to the dead letters.

use super::instance::Outcome;
use super::service::Lambda;
use super::state::Waiting;
use crate::services::access::{self, Caller};
use crate::services::sqs::Delivery;
use crate::services::wire::ServiceError;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
const ATTEMPTS: u32 = 3;
/// Before the second and the third attempt.
const PAUSES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

impl Lambda {
    /// Takes an event of another service, which the function's policy has to let in.
    pub(crate) fn enqueue_for(
        self: &Arc<Self>,
        caller: Caller<'_>,
        arn: &str,
        payload: &str,
    ) -> Result<(), ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let statements: Vec<Value> = self.regions.of(region)?.read(|state| {
            let function = state.function(arn)?;
            Ok::<_, ServiceError>(function.permissions.values().cloned().collect())
        })?;
        access::check(&json!({ "Statement": statements }), caller, "lambda:InvokeFunction", arn)?;
        self.enqueue(arn, &uuid::Uuid::new_v4().to_string(), payload)
    }

    /// Takes an event and returns as soon as it is kept.
    pub(super) fn enqueue(self: &Arc<Self>, arn: &str, id: &str, payload: &str) -> Result<(), ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let waiting = Waiting { function: arn.to_owned(), payload: payload.to_owned(), attempts: 0 };
        self.regions.of(region)?.change(|state| {
            state.function(arn)?;
            state.waiting.insert(id.to_owned(), waiting);
            Ok::<_, ServiceError>(())
        })?;
        self.work_off(region, id.to_owned());
        Ok(())
    }

    pub(super) fn work_off(self: &Arc<Self>, region: &str, id: String) {
        let (this, region) = (Arc::clone(self), region.to_owned());
        self.tasks.spawn(async move {
            let worked = this.stop.run_until_cancelled(this.try_until_done(&region, &id)).await;
            if let Some(Err(error)) = worked {
                tracing::error!(%error, "could not work off the event {id}");
            }
        });
    }

    async fn try_until_done(&self, region: &str, id: &str) -> Result<(), ServiceError> {
        let store = self.regions.of(region)?;
        loop {
            let Some(waiting) = store.read(|state| state.waiting.get(id).cloned()) else { return Ok(()) };
            let pause =
                usize::try_from(waiting.attempts).ok().and_then(|attempts| PAUSES.get(attempts.checked_sub(1)?));
            if let Some(pause) = pause {
                self.surroundings.clock.wait(*pause).await;
            }
            self.surroundings.regions.until_alive(region).await;
            let payload = Bytes::from(waiting.payload.clone());
            let outcome = self.invoke(region, &waiting.function, id, payload).await;
            let is_over = match &outcome {
                Ok(Outcome::Success(_)) => true,
                // A function that is gone will not come back.
                Err(_) => true,
                Ok(Outcome::Failure(_)) => ATTEMPTS <= waiting.attempts + 1,
            };
            if let (true, Ok(Outcome::Failure(reason))) = (is_over, &outcome) {
                self.bury(region, id, &waiting, &String::from_utf8_lossy(reason));
            }
            store.change(|state| {
                if is_over {
                    state.waiting.remove(id);
                } else if let Some(waiting) = state.waiting.get_mut(id) {
                    waiting.attempts += 1;
                }
                Ok::<_, ServiceError>(())
            })?;
        }
    }

    fn bury(&self, region: &str, id: &str, waiting: &Waiting, reason: &str) {
        let target = self.regions.of(region).ok().and_then(|store| {
            store.read(|state| {
                state.function(&waiting.function).ok().and_then(|known| known.settings.dead_letters.clone())
            })
        });
        let Some(target) = target else { return };
        let text = |value: &str| serde_json::json!({ "DataType": "String", "StringValue": value });
        let mut attributes = serde_json::Map::new();
        attributes.insert("RequestID".to_owned(), text(id));
        attributes.insert("ErrorMessage".to_owned(), text(reason));
        let delivery = Delivery { body: waiting.payload.clone(), attributes, ..Delivery::default() };
        if let Err(error) = self.surroundings.sqs.deliver(&target, delivery) {
            tracing::warn!(%error, "could not give the event {id} to the dead letters {target}");
        }
    }
}
