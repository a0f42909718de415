//! State that reaches the disk before anybody hears of it.

use crate::services::wire::ServiceError;
use fs_err as fs;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("could not read a service's state")]
    Read(#[source] std::io::Error),
    #[error("{} is not the state of a service", path.display())]
    Parse {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("could not write a service's state")]
    Write(#[source] std::io::Error),
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

/// One JSON file and its copy in memory. The file is replaced atomically, so that a killed supervisor finds the old or
/// the new state; it is not synced, since a rehearsal need not survive a power cut.
pub(crate) struct Store<T> {
    path: PathBuf,
    state: Mutex<T>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Store<T> {
    pub(crate) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let state = read(&path)?.unwrap_or_default();
        Ok(Self { path, state: Mutex::new(state) })
    }

    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies a change wholly or, when it fails or cannot be written, not at all.
    pub(crate) fn change<R, E: From<StoreError>>(&self, change: impl FnOnce(&mut T) -> Result<R, E>) -> Result<R, E> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = state.clone();
        let result = change(&mut next)?;
        write(&self.path, &next)?;
        *state = next;
        Ok(result)
    }
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|source| StoreError::Parse { path: path.to_owned(), source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Read(error)),
    }
}

pub(crate) fn write<T: Serialize>(path: &Path, state: &T) -> Result<(), StoreError> {
    let text =
        serde_json::to_vec_pretty(state).map_err(|source| StoreError::Parse { path: path.to_owned(), source })?;
    let draft = path.with_extension("draft");
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(StoreError::Write)?;
    }
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, path)).map_err(StoreError::Write)
}
