//! A double's state: one lock, and a file of its own where a directory was given.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::error;

#[derive(Debug)]
pub(crate) struct Store<S> {
    state: Mutex<S>,
    file: Option<PathBuf>,
}

impl<S: Serialize + DeserializeOwned> Store<S> {
    /// The state ends with the process.
    pub(crate) fn in_memory(state: S) -> Self {
        Self { state: Mutex::new(state), file: None }
    }

    /// Goes on with what `<directory>/<name>.json` has, or begins with the seed.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else.
    pub(crate) fn in_directory(directory: &Path, name: &str, seed: S) -> io::Result<Self> {
        fs_err::create_dir_all(directory)?;
        let file = directory.join(format!("{name}.json"));
        let state = match fs_err::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => seed,
            Err(error) => return Err(error),
        };
        Ok(Self { state: Mutex::new(state), file: Some(file) })
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&S) -> T) -> T {
        read(&self.lock())
    }

    /// Nobody sees the state between its beginning and its end; it is kept before anybody hears of it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        if let Some(file) = &self.file
            && let Err(error) = keep(&*state, file)
        {
            error!(double.file = %file.display(), "cannot keep the state of a double: {error}");
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is cut off by a kill never takes the place of a whole one.
fn keep(state: &impl Serialize, file: &Path) -> io::Result<()> {
    let new = file.with_extension("new");
    fs_err::write(&new, serde_json::to_vec_pretty(state)?)?;
    fs_err::rename(&new, file)
}
