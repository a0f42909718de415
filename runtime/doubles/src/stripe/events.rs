//! Events: an object as it was when something happened to it.

use jiff::Timestamp;
use serde_json::Value;

use crate::stripe::state::{Event, State, new_id};

impl State {
    /// Notes that `kind` happened to the object, for whoever listens.
    pub(super) fn emit(&mut self, kind: &str, object: Value, now: Timestamp, key: Option<&str>) {
        let id = new_id("evt");
        let event = Event { id: id.clone(), created: now, kind: kind.to_owned(), object, key: key.map(str::to_owned) };
        self.events.insert(id.clone(), event);
        self.unsent.push(id);
    }

    pub(super) fn emit_intent(&mut self, kind: &str, id: &str, now: Timestamp, key: Option<&str>) {
        if let Some(object) = self.intents.get(id).map(|intent| self.intent(intent)) {
            self.emit(kind, object, now, key);
        }
    }

    pub(super) fn emit_charge(&mut self, kind: &str, id: &str, now: Timestamp, key: Option<&str>) {
        if let Some(object) = self.charges.get(id).map(|charge| self.charge(charge)) {
            self.emit(kind, object, now, key);
        }
    }

    pub(super) fn emit_session(&mut self, kind: &str, id: &str, now: Timestamp, key: Option<&str>) {
        if let Some(object) = self.sessions.get(id).map(|session| self.session(session)) {
            self.emit(kind, object, now, key);
        }
    }

    pub(super) fn emit_refund(&mut self, kind: &str, id: &str, now: Timestamp, key: Option<&str>) {
        if let Some(object) = self.refunds.get(id).map(|refund| self.refund(refund)) {
            self.emit(kind, object, now, key);
        }
    }
}
