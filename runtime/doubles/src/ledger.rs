//! Every call that reached a double, in order. Tests judge by it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    /// From 1.
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) path: String,
    /// What the caller was told; 0 when the double hung up.
    pub(crate) status: u16,
    /// The fault that was in force for this call, or `none`.
    pub(crate) fault: &'static str,
    /// Whether the double did its part; a fault may have kept the answer back all the same.
    pub(crate) served: bool,
    /// The caller's own key for the effect: idempotency key, receipt number, external id.
    pub(crate) key: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    /// `entry` is given its sequence number.
    pub(crate) fn record(&self, mut entry: Entry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entry.sequence = entries.len() as u64 + 1;
        entries.push(entry);
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Travels with a request; whoever serves it writes the caller's key down.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyNote(Arc<OnceLock<String>>);

impl KeyNote {
    pub(crate) fn write(&self, key: &str) {
        // The first key is the call's.
        let _ = self.0.set(key.to_owned());
    }

    pub(crate) fn read(&self) -> Option<String> {
        self.0.get().cloned()
    }
}
