//! One region's table and what it makes of it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use como_domain::journal::{Entry, Journal, Region};
use como_domain::saga::state::State;

#[derive(Debug, Clone)]
pub(crate) struct Side {
    pub(crate) region: Region,
    /// By position.
    pub(crate) entries: Vec<Rc<Entry>>,
    pub(crate) state: Rc<State>,
    hash: u64,
}

impl Side {
    pub(crate) fn new(name: &str) -> Self {
        let region = Region::try_from(name.to_owned()).unwrap();
        Self { region, entries: Vec::new(), state: Rc::new(State::default()), hash: 0 }
    }

    /// Entries that came from the other region, or were read back: everything is folded afresh.
    pub(crate) fn take(&mut self, entries: impl IntoIterator<Item = Rc<Entry>>) {
        let mut journal = Journal::default();
        let all: Vec<Rc<Entry>> = self.entries.drain(..).chain(entries).collect();
        for entry in &all {
            journal.insert(Entry::clone(entry)).unwrap();
        }
        self.state = Rc::new(journal.fold());
        self.hash = 0;
        for entry in journal.entries() {
            self.note(entry);
            self.entries.push(Rc::new(entry.clone()));
        }
    }

    /// An entry of one's own.
    pub(crate) fn append(&mut self, entry: Entry, state: State) {
        self.note(&entry);
        self.entries.push(Rc::new(entry));
        self.state = Rc::new(state);
    }

    pub(crate) fn journal(&self) -> Journal {
        let mut journal = Journal::default();
        for entry in &self.entries {
            journal.insert(Entry::clone(entry)).unwrap();
        }
        journal
    }

    /// Stands for the entries.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    fn note(&mut self, entry: &Entry) {
        let mut hasher = DefaultHasher::new();
        (self.hash, entry).hash(&mut hasher);
        self.hash = hasher.finish();
    }
}
