//! Events as lines of files, one file a stream.

use super::state::Millis;
use fs_err as fs;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One event, as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "t")]
    pub(super) at: Millis,
    #[serde(rename = "i")]
    pub(super) ingested: Millis,
    #[serde(rename = "m")]
    pub(super) message: String,
    /// Up to where the output that it comes from has been followed.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(super) offset: Option<u64>,
}

/// What is known of a stream without reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) first: Option<Millis>,
    pub(super) last: Option<Millis>,
    pub(super) ingested: Option<Millis>,
    /// Of the messages, in bytes.
    pub(super) bytes: u64,
    /// Of the output that is followed.
    pub(super) offset: u64,
}

pub(super) struct Shelf {
    dir: PathBuf,
    /// Of the streams that somebody has used since the start. Files are opened for each use, since there may be as many of
    /// them as there ever were tasks.
    summaries: Mutex<BTreeMap<PathBuf, Summary>>,
}

/// Which stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
    pub(super) group: &'a str,
    pub(super) stream: &'a str,
}

impl Summary {
    fn add(&mut self, event: &Event) {
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
        self.last = Some(self.last.map_or(event.at, |last| last.max(event.at)));
        self.ingested = Some(event.ingested);
        self.bytes += u64::try_from(event.message.len()).unwrap_or(0);
        self.offset = event.offset.unwrap_or(self.offset);
    }
}

impl Shelf {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, summaries: Mutex::default() }
    }

    /// Returns when the events are on disk, all or none of them.
    pub(super) fn append(&self, place: Place<'_>, events: &[Event]) -> std::io::Result<()> {
        let mut text = Vec::new();
        for event in events {
            serde_json::to_writer(&mut text, event)?;
            text.push(b'\n');
        }
        let path = self.path(place);
        let mut summaries = self.lock();
        known(&mut summaries, &path)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&path)?;
        if let Err(error) = file.write_all(&text) {
            // Whatever got there is mended before the stream is used again.
            summaries.remove(&path);
            return Err(error);
        }
        let summary = summaries.entry(path).or_default();
        events.iter().for_each(|event| summary.add(event));
        Ok(())
    }

    pub(super) fn summary(&self, place: Place<'_>) -> std::io::Result<Summary> {
        known(&mut self.lock(), &self.path(place)).copied()
    }

    /// In the order of their times, those of the same time as they came.
    pub(super) fn read(&self, place: Place<'_>) -> std::io::Result<Vec<Event>> {
        let mut events = read(&self.path(place))?;
        events.sort_by_key(|event| event.at);
        Ok(events)
    }

    pub(super) fn remove(&self, place: Place<'_>) -> std::io::Result<()> {
        let path = self.path(place);
        let mut summaries = self.lock();
        summaries.remove(&path);
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Summary>> {
        self.summaries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names have slashes and may be longer than a file's.
    fn path(&self, place: Place<'_>) -> PathBuf {
        let digest = Sha256::digest(format!("{}\n{}", place.group, place.stream));
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        let region: String = place.region.chars().map(plain).collect();
        self.dir.join(region).join(format!("{name}.ndjson"))
    }
}

fn known<'a>(summaries: &'a mut BTreeMap<PathBuf, Summary>, path: &Path) -> std::io::Result<&'a mut Summary> {
    if !summaries.contains_key(path) {
        mend(path)?;
        let mut summary = Summary::default();
        read(path)?.iter().for_each(|event| summary.add(event));
        summaries.insert(path.to_owned(), summary);
    }
    Ok(summaries.entry(path.to_owned()).or_default())
}

/// A line that a kill has cut off was never answered, and goes.
fn mend(path: &Path) -> std::io::Result<()> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let whole = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < content.len() {
        fs::OpenOptions::new().write(true).open(path)?.set_len(u64::try_from(whole).unwrap_or(0))?;
    }
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Vec<Event>> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    lines.map(|line| serde_json::from_slice(line).map_err(std::io::Error::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Event, Place, Shelf};
    use std::io::Write as _;

    const PLACE: Place<'static> = Place { region: "here", group: "/a/b", stream: "s" };

    fn event(at: i64, message: &str) -> Event {
        Event { at, ingested: 9, message: message.to_owned(), offset: Some(at.unsigned_abs()) }
    }

    #[test]
    fn a_line_that_was_cut_off_has_not_happened() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path().to_owned());
        shelf.append(PLACE, &[event(5, "later"), event(2, "earlier")]).unwrap();
        let path = shelf.path(PLACE);
        fs_err::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"t\":7,\"i\"").unwrap();
        let shelf = Shelf::new(dir.path().to_owned());
        shelf.append(PLACE, &[event(6, "last")]).unwrap();
        let messages: Vec<String> = shelf.read(PLACE).unwrap().into_iter().map(|event| event.message).collect();
        assert_eq!(messages, ["earlier", "later", "last"]);
        let summary = shelf.summary(PLACE).unwrap();
        assert_eq!((summary.first, summary.last, summary.offset), (Some(2), Some(6), 6));
        shelf.remove(PLACE).unwrap();
        assert!(shelf.read(PLACE).unwrap().is_empty());
    }
}
