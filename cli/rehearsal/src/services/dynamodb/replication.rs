//! Global tables: what is written in one region is applied in the others, item by item, after the link's lag.
//!
//! A table's stream is the log that replication reads, as in DynamoDB itself; the engine writes it in the transaction of
//! the item. A region's journal remembers how far it was read and what is on its way, so a killed supervisor goes on
//! where it stopped. Writers hold a region's journal shared, and replication holds it alone: while it applies what comes
//! from elsewhere nobody else writes, so that every change which the stream then shows is its own.

use super::engine::{self, changes_after, newest_change};
use super::tables::DynamoDb;
use crate::replication::journal::Journal;
use crate::replication::ledger::{Entry, Found, Ledger, Write};
use crate::replication::regions::Regions;
use crate::services::store::StoreError;
use dynoxide::{Database, DynoxideError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};
use thiserror::Error;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// After something went wrong, or when there is nothing to wait for.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Error)]
pub enum ReplicationError {
    #[error("could not keep what replicates")]
    Journal(#[from] StoreError),
    #[error("could not read or write what replicates")]
    Engine(#[from] DynoxideError),
}

pub(super) struct Replication {
    dir: PathBuf,
    pub(super) regions: Arc<Regions>,
    journals: Mutex<BTreeMap<String, Arc<RwLock<Journal>>>>,
    /// Regions in which something may have been written since replication last looked.
    written: Mutex<BTreeSet<String>>,
    wake: Notify,
}

impl Replication {
    pub(super) fn new(dir: PathBuf, regions: Arc<Regions>) -> Self {
        Self { dir, regions, journals: Mutex::default(), written: Mutex::default(), wake: Notify::new() }
    }

    /// To be called by who has written in a region while holding its journal.
    pub(super) fn written(&self, region: &str) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(region.to_owned());
        self.wake.notify_one();
    }

    fn known_regions(&self) -> Vec<String> {
        self.journals.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

impl DynamoDb {
    /// Brings back what was on its way when the last supervisor ended.
    pub(super) fn resume_replication(&self) -> Result<(), ReplicationError> {
        let entries = match fs_err::read_dir(&self.replication.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(StoreError::Read(error).into()),
        };
        for entry in entries {
            let name = entry.map_err(StoreError::Read)?.file_name();
            if let Some(region) = name.to_string_lossy().strip_suffix(".journal") {
                self.journal(region)?;
                self.replication.written(region);
            }
        }
        Ok(())
    }

    /// Applies what is due, again and again, until it is told to stop.
    pub(crate) async fn replicate_until(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = self.replication.regions.seen();
        while !stop.is_cancelled() {
            let this = Arc::clone(&self);
            let pause = match tokio::task::spawn_blocking(move || this.replicate(now_us())).await {
                Ok(Ok(pause)) => pause,
                Ok(Err(error)) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "could not replicate tables");
                    PAUSE
                }
                Err(_) => PAUSE,
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.replication.wake.notified() => {}
                () = self.replication.regions.changed(&mut seen) => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One round; returns how long nothing will be due.
    fn replicate(&self, now_us: u64) -> Result<Duration, ReplicationError> {
        let written = std::mem::take(&mut *self.replication.written.lock().unwrap_or_else(PoisonError::into_inner));
        for region in &written {
            let journal = self.journal(region)?;
            let mut journal = alone(&journal);
            self.capture(region, &mut journal)?;
        }
        let mut pause = PAUSE;
        for from in self.replication.known_regions() {
            let journal = self.journal(&from)?;
            let targets = shared(&journal).ledger().targets();
            for to in targets {
                if !self.replication.regions.passes(&from, &to) {
                    continue;
                }
                let (due, next) = self.due(shared(&journal).ledger(), &from, &to, now_us);
                pause = pause.min(next);
                if !due.is_empty() {
                    let arrived = self.apply(&to, &due)?;
                    let sent = arrived.into_iter().map(|number| Entry::Sent { number, to: to.clone() });
                    alone(&journal).add(sent.collect())?;
                }
            }
        }
        Ok(pause)
    }

    /// What has waited long enough, and how long until there is more.
    fn due(&self, ledger: &Ledger, from: &str, to: &str, now_us: u64) -> (Vec<(u64, Arc<Write>)>, Duration) {
        let mut due = BTreeMap::new();
        let mut pause = PAUSE;
        for (number, write) in ledger.waiting(to) {
            let delay = self.replication.regions.delay(from, to, &format!("{} {number}", write.table));
            let at = write.sent_us + u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
            if at <= now_us {
                due.insert((at, number), Arc::clone(write));
            } else {
                pause = pause.min(Duration::from_micros(at - now_us));
            }
        }
        (due.into_iter().map(|((_, number), write)| (number, write)).collect(), pause)
    }

    /// Reads what was written in a region into its journal.
    fn capture(&self, region: &str, journal: &mut Journal) -> Result<(), ReplicationError> {
        let database = self.database(region)?;
        for table in journal.ledger().tables() {
            let to = self.other_replicas(region, &table);
            while let Some(position) = journal.ledger().position(&table) {
                let changes = present(changes_after(&database, &table, position))?;
                if changes.is_empty() {
                    break;
                }
                for change in changes {
                    let found = Found {
                        table: table.clone(),
                        key: change.key,
                        image: change.image,
                        clock_us: change
                            .sequence
                            .saturating_add_signed(self.replication.regions.clock_ahead(region) * 1000),
                        sent_us: change.sequence,
                        sequence: change.sequence,
                        is_backfill: false,
                    };
                    let entry = journal.ledger().capture(found, region, to.clone());
                    journal.add(vec![entry])?;
                }
            }
        }
        Ok(())
    }

    /// Applies writes of another region where they are the latest; returns those that are settled.
    fn apply(&self, region: &str, writes: &[(u64, Arc<Write>)]) -> Result<Vec<u64>, ReplicationError> {
        let journal = self.journal(region)?;
        let mut journal = alone(&journal);
        self.capture(region, &mut journal)?;
        let database = self.database(region)?;
        let mut settled = Vec::new();
        let mut touched = BTreeSet::new();
        for (number, write) in writes {
            // Until the table is here its items wait.
            if journal.ledger().position(&write.table).is_none() {
                continue;
            }
            if journal.ledger().wins(write) {
                let (table, key, version) = (write.table.clone(), write.key.clone(), write.version.clone());
                journal.add(vec![Entry::Applying { table: table.clone(), key, version }])?;
                touched.insert(table);
                if let Err(error) = put(&database, write) {
                    let table = &write.table;
                    tracing::warn!(region, table, error = &error as &dyn std::error::Error, "an item has to wait");
                    continue;
                }
            }
            settled.push(*number);
        }
        for table in touched {
            let sequence = newest_change(&database, &table)?;
            journal.add(vec![Entry::Applied { table, sequence }])?;
        }
        Ok(settled)
    }

    /// From now on the table's items travel, in a region in which it exists; those that it has count as written now.
    pub(super) fn start_replication(
        &self,
        region: &str,
        table: &str,
        backfill: &[String],
    ) -> Result<(), ReplicationError> {
        let journal = self.journal(region)?;
        let mut journal = alone(&journal);
        let database = self.database(region)?;
        if journal.ledger().position(table).is_none() {
            let sequence = newest_change(&database, table)?;
            journal.add(vec![Entry::Started { table: table.to_owned(), sequence }])?;
        }
        if !backfill.is_empty() {
            self.capture(region, &mut journal)?;
            copy_all(&database, region, table, backfill, &mut journal)?;
        }
        drop(journal);
        self.replication.written(region);
        Ok(())
    }

    /// The table is gone from a region; what its others still had for it goes too.
    pub(super) fn end_replication(&self, region: &str, table: &str) -> Result<(), ReplicationError> {
        for known in self.replication.known_regions() {
            let journal = self.journal(&known)?;
            let mut journal = alone(&journal);
            let (table, gone) = (table.to_owned(), region.to_owned());
            let entry = if known == region { Entry::Forgotten { table } } else { Entry::Left { table, region: gone } };
            journal.add(vec![entry])?;
        }
        Ok(())
    }

    pub(super) fn replicates(&self, region: &str, table: &str) -> bool {
        self.journal(region).is_ok_and(|journal| shared(&journal).ledger().position(table).is_some())
    }

    /// Whether a region still gets the items that the table had when it joined.
    pub(super) fn is_filling(&self, to: &str, table: &str) -> bool {
        self.replication.known_regions().iter().any(|from| {
            self.journal(from).is_ok_and(|journal| {
                shared(&journal).ledger().waiting(to).any(|(_, write)| write.is_backfill && write.table == table)
            })
        })
    }

    /// How many writes have not arrived, by `<from> <to>`.
    pub(crate) fn waiting(&self) -> BTreeMap<String, usize> {
        let mut waiting = BTreeMap::new();
        for from in self.replication.known_regions() {
            let Ok(journal) = self.journal(&from) else { continue };
            let journal = shared(&journal);
            for to in journal.ledger().targets() {
                waiting.insert(format!("{from} {to}"), journal.ledger().waiting(&to).count());
            }
        }
        waiting
    }

    pub(super) fn journal(&self, region: &str) -> Result<Arc<RwLock<Journal>>, ReplicationError> {
        let mut journals = self.replication.journals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(journal) = journals.get(region) {
            return Ok(Arc::clone(journal));
        }
        let database = self.database(region)?;
        let journal = Journal::open(&self.replication.dir.join(format!("{region}.journal")), |ledger| {
            let tables: Vec<String> = ledger.applying().cloned().collect();
            for table in tables {
                // Whoever was killed while it applied was alone, so what the stream shows since is its own.
                let sequence = present(newest_change(&database, &table))?;
                ledger.fold(Entry::Applied { table, sequence });
            }
            Ok::<_, ReplicationError>(())
        })?;
        let journal = Arc::new(RwLock::new(journal));
        journals.insert(region.to_owned(), Arc::clone(&journal));
        Ok(journal)
    }
}

/// Everything that a table holds, on its way to regions that have just joined.
fn copy_all(
    database: &Database,
    region: &str,
    table: &str,
    to: &[String],
    journal: &mut Journal,
) -> Result<(), ReplicationError> {
    let described = engine::run(database, "DescribeTable", &json!({ "TableName": table }))?;
    let schema = described["Table"]["KeySchema"].as_array().cloned().unwrap_or_default();
    let names: Vec<&str> = schema.iter().filter_map(|element| element["AttributeName"].as_str()).collect();
    let mut input = json!({ "TableName": table });
    loop {
        let page = engine::run(database, "Scan", &input)?;
        for item in page["Items"].as_array().into_iter().flatten() {
            let found = Found {
                table: table.to_owned(),
                key: names.iter().map(|name| ((*name).to_owned(), item[*name].clone())).collect(),
                image: Some(item.clone()),
                clock_us: now_us(),
                sent_us: now_us(),
                sequence: 0,
                is_backfill: true,
            };
            let entry = journal.ledger().capture(found, region, to.to_vec());
            journal.add(vec![entry])?;
        }
        match page.get("LastEvaluatedKey") {
            Some(last) => input["ExclusiveStartKey"] = last.clone(),
            None => return Ok(()),
        }
    }
}

fn put(database: &Database, write: &Write) -> Result<(), DynoxideError> {
    match &write.image {
        Some(image) => engine::run(database, "PutItem", &json!({ "TableName": write.table, "Item": image })),
        None => engine::run(database, "DeleteItem", &json!({ "TableName": write.table, "Key": write.key })),
    }
    .map(|_| ())
}

/// A table that is gone has no changes.
fn present<T: Default>(result: Result<T, DynoxideError>) -> Result<T, DynoxideError> {
    match result {
        Err(DynoxideError::ResourceNotFoundException(_)) => Ok(T::default()),
        other => other,
    }
}

pub(super) fn shared(journal: &RwLock<Journal>) -> RwLockReadGuard<'_, Journal> {
    journal.read().unwrap_or_else(PoisonError::into_inner)
}

fn alone(journal: &RwLock<Journal>) -> RwLockWriteGuard<'_, Journal> {
    journal.write().unwrap_or_else(PoisonError::into_inner)
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
