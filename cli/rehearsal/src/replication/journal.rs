//! A ledger whose entries reach the disk before they count.

use super::ledger::{Entry, Ledger};
use crate::services::StoreError;
use fs_err as fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// One region's ledger and its journal: a line of JSON an entry. A line that was cut off by a kill has not happened.
pub(crate) struct Journal {
    file: fs::File,
    ledger: Ledger,
}

impl Journal {
    /// Reads the journal and writes it anew without what no longer matters. Before that, `settle` may add entries for
    /// what a kill has left open.
    pub(crate) fn open<E: From<StoreError>>(
        path: &Path,
        settle: impl FnOnce(&mut Ledger) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut ledger = Ledger::default();
        for entry in read(path)? {
            ledger.fold(entry);
        }
        settle(&mut ledger)?;
        let entries = ledger.entries();
        let file = rewrite(path, &entries)?;
        Ok(Self { file, ledger })
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn add(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.file.write_all(&lines(&entries)).map_err(StoreError::Write)?;
        for entry in entries {
            self.ledger.fold(entry);
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<Entry>, StoreError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::Read(error)),
    };
    let mut entries = Vec::new();
    for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        let entry = serde_json::from_str(line);
        entries.push(entry.map_err(|source| StoreError::Parse { path: PathBuf::from(path), source })?);
    }
    Ok(entries)
}

fn rewrite(path: &Path, entries: &[Entry]) -> Result<fs::File, StoreError> {
    let draft = path.with_extension("draft");
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(StoreError::Write)?;
    }
    fs::write(&draft, lines(entries)).and_then(|()| fs::rename(&draft, path)).map_err(StoreError::Write)?;
    fs::OpenOptions::new().append(true).open(path).map_err(StoreError::Write)
}

fn lines(entries: &[Entry]) -> Vec<u8> {
    let mut text = Vec::new();
    for entry in entries {
        // An entry is plain data; writing it cannot fail.
        if let Ok(line) = serde_json::to_vec(entry) {
            text.extend(line);
            text.push(b'\n');
        }
    }
    text
}
