//! Idempotency keys: the first reply to a key is the reply to it, 500s included, once execution has begun.
//!
//! A key is free, in flight, or answered. In flight, the same key is a conflict; answered, the same call gets the same reply
//! and another call an error. What is wrong with a request before anything is done leaves its key free.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::stripe::error::ApiError;
use crate::stripe::state::{State, StoredReply};

#[derive(Debug, Clone, Default)]
pub(super) struct InFlight {
    keys: Arc<Mutex<BTreeSet<String>>>,
}

/// Frees the key when the call has ended, however it ended.
pub(super) struct Flight {
    of: InFlight,
    key: String,
}

pub(super) enum Admitted {
    Begun(Flight),
    Answered(StoredReply),
}

impl InFlight {
    /// Under the lock of the state, so that nobody is answered in between.
    pub(super) fn admit(&self, state: &State, key: &str, fingerprint: &str) -> Result<Admitted, ApiError> {
        if let Some(reply) = state.replies.get(key) {
            return match reply.fingerprint == fingerprint {
                true => Ok(Admitted::Answered(reply.clone())),
                false => Err(ApiError::key_reused(key)),
            };
        }
        match self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned()) {
            true => Ok(Admitted::Begun(Flight { of: self.clone(), key: key.to_owned() })),
            false => Err(ApiError::key_in_use(key)),
        }
    }
}

impl Flight {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// In the same change of the state as the effect.
    pub(super) fn keep(
        &self,
        state: &mut State,
        now: Timestamp,
        fingerprint: &str,
        result: &Result<serde_json::Value, ApiError>,
    ) {
        let (status, body) = match result {
            Ok(document) => (200, document.clone()),
            Err(error) if error.is_stored => (error.status, error.document()),
            Err(_) => return,
        };
        let reply = StoredReply { at: now, fingerprint: fingerprint.to_owned(), status, body };
        state.replies.insert(self.key.clone(), reply);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.of.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
