//! Where the stores keep their state: a folder that was named, or one in memory that goes with the process.

use std::io;
use std::path::{Path, PathBuf};

/// Memory as a file system, on Linux.
const MEMORY: &str = "/dev/shm";
const PREFIX: &str = "como-local-";
const LOCK: &str = "lock";

/// A folder that nobody else uses.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    is_kept: bool,
    /// Held until the process ends.
    _lock: std::fs::File,
}

impl Folder {
    /// A folder that stays. `None` where another process uses it.
    pub(crate) fn kept(path: &Path) -> io::Result<Option<Self>> {
        como_rehearsal::options::create_private_dir(path)?;
        let path = std::path::absolute(path)?;
        Ok(lock(&path)?.map(|lock| Self { path, is_kept: true, _lock: lock }))
    }

    /// A folder that is gone with this value; those that killed processes have left go too.
    pub(crate) fn passing() -> io::Result<Self> {
        let memory = Path::new(MEMORY);
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        sweep(&base);
        loop {
            let path = base.join(format!("{PREFIX}{}", uuid::Uuid::new_v4().simple()));
            como_rehearsal::options::create_private_dir(&path)?;
            // Somebody who sweeps may have come in between.
            if let Ok(Some(lock)) = lock(&path)
                && path.join(LOCK).is_file()
            {
                return Ok(Self { path, is_kept: false, _lock: lock });
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn is_kept(&self) -> bool {
        self.is_kept
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = fs_err::remove_dir_all(&self.path)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a folder in memory is left behind");
        }
    }
}

/// None when somebody else holds it.
fn lock(folder: &Path) -> io::Result<Option<std::fs::File>> {
    let options = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
    let file = options.into_file();
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Removes what processes have left that were killed. What cannot be removed is somebody else's.
fn sweep(base: &Path) {
    let entries = fs_err::read_dir(base).into_iter().flatten().flatten();
    let left = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in left.map(|entry| entry.path()).filter(|folder| folder.join(LOCK).is_file()) {
        if let Ok(Some(_lock)) = lock(&folder) {
            let _ = fs_err::remove_dir_all(&folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passing_folder_goes_and_a_kept_one_is_one_process_s() {
        let passing = Folder::passing().unwrap();
        let path = passing.path().to_owned();
        // Another one that starts now leaves it alone.
        drop(Folder::passing().unwrap());
        assert!(path.is_dir());
        drop(passing);
        assert!(!path.exists());

        let dir = tempfile::tempdir().unwrap();
        let kept = Folder::kept(dir.path()).unwrap();
        assert!(kept.is_some() && Folder::kept(dir.path()).unwrap().is_none());
        drop(kept);
        assert!(dir.path().is_dir() && Folder::kept(dir.path()).unwrap().is_some());
    }

    #[test]
    fn what_a_killed_process_left_is_swept() {
        let base = tempfile::tempdir().unwrap();
        let left = base.path().join(format!("{PREFIX}left"));
        fs_err::create_dir(&left).unwrap();
        fs_err::write(left.join(LOCK), "").unwrap();
        sweep(base.path());
        assert!(!left.exists());
    }
}
