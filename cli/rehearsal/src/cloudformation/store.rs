//! Stacks in memory and on disk, one file for each.
//!
//! A change is written (to a new file, then renamed) before the lock is released, so nobody sees what is not kept. Files
//! are not synced: what a killed process has written stays, and a rehearsal need not survive a power cut.

use super::announce::Happening;
use super::drift::DriftStore;
use super::notification::Audience;
use super::stack::{Phase, Stack};
use fs_err as fs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;
use tokio::sync::mpsc::UnboundedSender;

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("could not read the stacks of an earlier rehearsal")]
    Read(#[source] std::io::Error),
    #[error("could not understand {file}, which an earlier rehearsal wrote")]
    Parse {
        file: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("could not load what drift detections found")]
    Drift(#[source] crate::services::StoreError),
    #[error("could not keep a stack on disk")]
    Write(#[source] std::io::Error),
}

pub(crate) struct Store {
    dir: PathBuf,
    /// Where everything that happens is told.
    happenings: UnboundedSender<Happening>,
    pub(super) drift: DriftStore,
    /// By stack id.
    stacks: Mutex<BTreeMap<String, Stack>>,
}

impl Store {
    pub(crate) fn open(dir: PathBuf, happenings: UnboundedSender<Happening>) -> Result<Self, StoreError> {
        fs::create_dir_all(&dir).map_err(StoreError::Read)?;
        let mut stacks = BTreeMap::new();
        for entry in fs::read_dir(&dir).map_err(StoreError::Read)? {
            let path = entry.map_err(StoreError::Read)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let stack = read(&path)?;
                stacks.insert(stack.id().to_owned(), stack);
            }
        }
        let drift = DriftStore::open(&dir).map_err(StoreError::Drift)?;
        Ok(Self { dir, happenings, drift, stacks: Mutex::new(stacks) })
    }

    /// Adds a stack unless the region has one of this name that is not deleted.
    pub(crate) fn insert(&self, stack: Stack) -> Result<bool, StoreError> {
        let mut stacks = self.lock();
        let (region, name) = (&stack.pseudo.region, stack.name());
        if live(&stacks, region, name).is_some() {
            return Ok(false);
        }
        self.write(&stack)?;
        self.tell(&stack, 0);
        stacks.insert(stack.id().to_owned(), stack);
        Ok(true)
    }

    /// Finds a stack by its id, or one that is not deleted by its name.
    pub(crate) fn find<T>(&self, region: &str, name_or_id: &str, read: impl FnOnce(&Stack) -> T) -> Option<T> {
        let stacks = self.lock();
        let stack = match stacks.get(name_or_id) {
            Some(stack) if stack.pseudo.region == region => Some(stack),
            _ => live(&stacks, region, name_or_id),
        };
        stack.map(read)
    }

    pub(crate) fn read<T>(&self, id: &str, read: impl FnOnce(&Stack) -> T) -> Option<T> {
        self.lock().get(id).map(read)
    }

    /// Changes a stack; None when there is none. A disk that refuses is logged, since the caller cannot mend it, and
    /// the operation goes on.
    pub(crate) fn change<T>(&self, id: &str, change: impl FnOnce(&mut Stack) -> T) -> Option<T> {
        let mut stacks = self.lock();
        let stack = stacks.get_mut(id)?;
        let events = stack.events.len();
        let result = change(stack);
        if let Err(error) = self.write(stack) {
            tracing::error!(stack.id = id, error = &error as &dyn std::error::Error, "could not keep stack {id}");
        }
        self.tell(stack, events);
        Some(result)
    }

    /// Changes a stack in memory only; it reaches the disk with the next change.
    pub(crate) fn note(&self, id: &str, note: impl FnOnce(&mut Stack)) {
        if let Some(stack) = self.lock().get_mut(id) {
            note(stack);
        }
    }

    /// Every stack of every region, the deleted included, newest first as CloudFormation lists them.
    pub(crate) fn all<T>(&self, mut read: impl FnMut(&Stack) -> Option<T>) -> Vec<T> {
        let stacks = self.lock();
        let mut ordered: Vec<&Stack> = stacks.values().collect();
        ordered.sort_by(|one, other| other.created.cmp(&one.created).then_with(|| one.id().cmp(other.id())));
        ordered.into_iter().filter_map(&mut read).collect()
    }

    /// Of what happened since the stack had so many events.
    fn tell(&self, stack: &Stack, known: usize) {
        for event in stack.events.iter().skip(known) {
            let (region, stack_id) = (stack.pseudo.region.clone(), stack.id().to_owned());
            let audience = Audience::of(stack, event);
            // Nobody listens any more when the supervisor ends.
            let _ = self.happenings.send(Happening { region, stack_id, event: event.clone(), audience });
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Stack>> {
        self.stacks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, stack: &Stack) -> Result<(), StoreError> {
        let unique = stack.id().rsplit('/').next().unwrap_or_default();
        let path = self.dir.join(format!("{}-{}-{unique}.json", stack.pseudo.region, stack.name()));
        let text = serde_json::to_vec(stack).map_err(|error| StoreError::Write(error.into()))?;
        let new = path.with_extension("new");
        fs::write(&new, text).map_err(StoreError::Write)?;
        fs::rename(&new, &path).map_err(StoreError::Write)
    }
}

fn read(path: &Path) -> Result<Stack, StoreError> {
    let text = fs::read(path).map_err(StoreError::Read)?;
    serde_json::from_slice(&text).map_err(|source| StoreError::Parse { file: path.display().to_string(), source })
}

fn live<'a>(stacks: &'a BTreeMap<String, Stack>, region: &str, name: &str) -> Option<&'a Stack> {
    stacks
        .values()
        .find(|stack| stack.pseudo.region == region && stack.name() == name && stack.status != Phase::DeleteComplete)
}
