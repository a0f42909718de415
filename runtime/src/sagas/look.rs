//! Looks at the partners because one of them has told of a change. What was told is not believed, what is read is.

use como_domain::saga::call::{Call, CallId};
use como_domain::saga::event::{Event, Outcome};
use como_domain::saga_id::SagaId;
use como_domain::sagas::SagasError;

use crate::sagas::driver::Driver;

/// The number of no call: tries are counted from 1. So what is seen counts as evidence and ends no call.
const OF_ITS_OWN: u16 = 0;

impl Driver {
    /// What the partners hold for the saga, a leg each.
    pub(super) async fn look(&self, saga: &SagaId) -> Result<Vec<Event>, SagasError> {
        let reading = self.reading(saga).await?;
        let Some(intent) = reading.state.intent() else { return Ok(Vec::new()) };
        let mut events = Vec::new();
        for leg in intent.legs() {
            let read = Call::Read { attempt: OF_ITS_OWN, leg };
            match self.ports.partners.make(saga, &reading, intent, &read).await {
                Outcome::Done(seen) => {
                    let call = CallId { id: leg.read().alone(), attempt: OF_ITS_OWN };
                    events.push(Event::Finished { call, outcome: Outcome::Done(seen) });
                }
                // Whoever told tells again, and the saga looks by itself before long.
                Outcome::Refused(_) | Outcome::NotSent { .. } | Outcome::Unknown => {
                    return Err(SagasError::Store("a partner could not be read".into()));
                }
            }
        }
        Ok(events)
    }
}
