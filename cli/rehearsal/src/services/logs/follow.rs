//! From a program's output to its stream.

use super::service::{Logs, now};
use super::shelf::{Event, Place};
use super::state::State;
use crate::services::store::StoreError;
use crate::services::wire::ServiceError;
use fs_err as fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Between looks at what programs have written.
const INTERVAL: Duration = Duration::from_millis(250);
/// In bytes; a longer line becomes several events.
const LONGEST_LINE: usize = 256 * 1024;
/// In bytes, of one look at one output.
const MOST_AT_ONCE: u64 = 1024 * 1024;

/// A file that a program writes, and where its lines belong.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) region: String,
    pub(crate) group: String,
    pub(crate) stream: String,
    pub(crate) path: PathBuf,
}

/// Follows an output until it is dropped; what is there by then gets into the stream.
pub(crate) struct Following {
    logs: Arc<Logs>,
    followed: Arc<Followed>,
}

pub(super) struct Followed {
    output: Output,
    /// Up to where it has been followed.
    offset: Mutex<u64>,
}

impl Following {
    /// Brings what the program has written by now into the stream.
    pub(crate) fn catch_up(&self) {
        self.logs.follow_once(&self.followed, false);
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.logs.follow_once(&self.followed, true);
        let Output { region, group, stream, .. } = &self.followed.output;
        let closed = self.logs.regions.of(region).map_err(ServiceError::from).and_then(|store| {
            store.change(|state| {
                note(state, group, stream, None);
                Ok::<_, ServiceError>(())
            })
        });
        if let Err(error) = closed {
            tracing::error!(%error, "could not close the stream {stream} of {group}");
        }
    }
}

impl Logs {
    /// The stream must be there.
    pub(crate) fn follow(self: &Arc<Self>, output: Output) -> Result<Following, ServiceError> {
        let Output { region, group, stream, path } = &output;
        self.regions.of(region)?.change(|state| {
            note(state, group, stream, Some(path.clone()));
            Ok::<_, ServiceError>(())
        })?;
        let followed = Arc::new(Followed { output, offset: Mutex::new(0) });
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&followed));
        Ok(Following { logs: Arc::clone(self), followed })
    }

    /// Follows all outputs until it is told to stop.
    pub(super) async fn collect(self: Arc<Self>) {
        while self.stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            let all: Vec<Arc<Followed>> = {
                let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
                followed.retain(|one| 0 < one.strong_count());
                followed.iter().filter_map(std::sync::Weak::upgrade).collect()
            };
            all.iter().for_each(|one| self.follow_once(one, false));
        }
    }

    /// What was being followed when the supervisor ended.
    pub(super) fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        for region in self.regions.regions() {
            let groups = self.regions.of(&region)?.read(|state| state.groups.clone());
            for (group, known) in groups {
                for (stream, known) in known.streams {
                    let Some(path) = known.source else { continue };
                    let output = Output { region: region.clone(), group: group.clone(), stream, path };
                    let place = Place { region: &region, group: &group, stream: &output.stream };
                    let offset = self.shelf.summary(place).map_err(StoreError::Read)?.offset;
                    let followed = Arc::new(Followed { output, offset: Mutex::new(offset) });
                    drop(Following { logs: Arc::clone(self), followed });
                }
            }
        }
        Ok(())
    }

    fn follow_once(&self, followed: &Followed, is_over: bool) {
        let Output { region, group, stream, .. } = &followed.output;
        let is_there = self.regions.of(region).is_ok_and(|store| {
            store.read(|state| state.groups.get(group).is_some_and(|group| group.streams.contains_key(stream)))
        });
        // Somebody has deleted the stream; the program does not care.
        if !is_there {
            return;
        }
        let mut offset = followed.offset.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match self.advance(&followed.output, *offset, is_over) {
                Ok(reached) if reached == *offset => return,
                Ok(reached) => *offset = reached,
                // A program that has written nothing yet.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
                Err(error) => {
                    tracing::error!(%error, "could not follow the output of {stream} of {group}");
                    return;
                }
            }
        }
    }

    /// Takes the next lines; returns up to where. The last line counts without an end when the program is gone.
    fn advance(&self, output: &Output, from: u64, is_over: bool) -> std::io::Result<u64> {
        let mut file = fs::File::open(&output.path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut content = Vec::new();
        file.take(MOST_AT_ONCE).read_to_end(&mut content)?;
        let is_last = u64::try_from(content.len()).is_ok_and(|length| length < MOST_AT_ONCE);
        let mut events = Vec::new();
        let (mut at, time) = (from, now());
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            let is_whole = line.ends_with(b"\n");
            if !is_whole && line.len() < LONGEST_LINE && !(is_over && is_last) {
                break;
            }
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
            for piece in bare.chunks(LONGEST_LINE) {
                let message = String::from_utf8_lossy(piece).into_owned();
                events.push(Event { at: time, ingested: time, message, offset: None });
            }
            at += u64::try_from(line.len()).unwrap_or(0);
            if let Some(event) = events.last_mut() {
                event.offset = Some(at);
            }
        }
        if !events.is_empty() {
            let Output { region, group, stream, .. } = output;
            self.shelf.append(Place { region, group, stream }, &events)?;
        }
        Ok(at)
    }
}

fn note(state: &mut State, group: &str, stream: &str, source: Option<PathBuf>) {
    if let Some(stream) = state.groups.get_mut(group).and_then(|group| group.streams.get_mut(stream)) {
        stream.source = source;
    }
}
