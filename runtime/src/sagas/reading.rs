//! A journal as the driver needs it: folded, with what stands in the outbox for it.

use como_domain::journal::{Entry, Journal, Position};
use como_domain::saga::action::ManualAction;
use como_domain::saga::call::Call;
use como_domain::saga::effect::Effect;
use como_domain::saga::event::{Event, Past};
use como_domain::saga::state::State;
use jiff::Timestamp;

#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub(crate) journal: Journal,
    pub(crate) state: State,
    /// The entry whose effect is pending, if one is.
    pub(crate) outstanding: Option<Position>,
    pub(crate) accepted: Option<Acceptance>,
    /// Everything that was ever put on the list of manual actions.
    pub(crate) listed: Vec<ManualAction>,
}

#[derive(Debug, Clone)]
pub(crate) struct Acceptance {
    pub(crate) at: Timestamp,
    pub(crate) epoch: u64,
    pub(crate) past: Past,
}

impl Reading {
    pub(crate) fn of(journal: Journal) -> Self {
        let mut reading = Self::default();
        for entry in journal.entries() {
            reading.take(entry);
        }
        reading.journal = journal;
        reading
    }

    /// With one entry more, which was appended.
    pub(crate) fn with(mut self, entry: Entry) -> Self {
        self.take(&entry);
        // A place that is taken by the very same entry is no change; another one cannot have been appended.
        let _ = self.journal.insert(entry);
        self
    }

    /// The outbox's row that `entry` ends when it is appended, and which leads to `after`.
    pub(crate) fn superseded_by(&self, entry: &Entry, after: &State) -> Option<Position> {
        let goes_on = entry.effect.is_none() && after.pending().is_some();
        if goes_on { None } else { self.outstanding.clone() }
    }

    fn take(&mut self, entry: &Entry) {
        self.state.absorb(entry);
        if let Event::Accepted { past, .. } = &entry.event {
            self.accepted.get_or_insert(Acceptance { at: entry.at, epoch: entry.position.epoch, past: *past });
        }
        match &entry.effect {
            Some(effect) => {
                self.outstanding = Some(entry.position.clone());
                if let Effect::Call(Call::RecordActions { actions, .. }) = effect {
                    self.listed.extend(actions);
                }
            }
            None if self.state.pending().is_none() => self.outstanding = None,
            None => {}
        }
    }
}
