//! Every call that reached a double, in order. Tests judge by it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    /// From 1.
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// The fault that was in force for this call, or `none`.
    pub(crate) fault: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    pub(crate) fn record(&self, method: &str, path: &str, status: u16, fault: &'static str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let sequence = entries.len() as u64 + 1;
        let (method, path) = (method.to_owned(), path.to_owned());
        entries.push(Entry { sequence, at: Timestamp::now(), method, path, status, fault });
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
