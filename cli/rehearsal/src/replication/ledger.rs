//! What one region knows of the replication of its items: a fold over its journal.
//!
//! An item's version is when its last writer's clock said that it was written, and where. The later version wins,
//! wherever the two meet; of two at the same microsecond the one of the region that comes later in the alphabet. A
//! region never stamps a write as older than what it overwrites, however slow its clock: otherwise its own readers would
//! see what all others refuse, for good. A deleted item keeps its version, so that an older write that arrives late does
//! not bring it back.
//!
//! What is written is captured once, with its image, and kept for each other region until it has been applied there.
//! Items travel alone: what was one transaction arrives as several writes, in any order.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// By the writer's clock, in microseconds since 1970.
    pub written_us: u64,
    pub region: String,
}

/// One item as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Write {
    pub table: String,
    /// The key attributes in DynamoDB's JSON, in the order of their names.
    pub key: Value,
    /// None when it was deleted.
    pub image: Option<Value>,
    pub version: Version,
    /// When it was captured by the machine's own clock, from which its lag counts.
    pub sent_us: u64,
    /// Not written now, but copied to a region that has just joined.
    pub is_backfill: bool,
}

/// A line of a region's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// A table replicates from here on; writes up to this sequence number of its stream are not news.
    Started { table: String, sequence: u64 },
    /// Somebody wrote an item here, and these regions have to learn of it.
    Captured { number: u64, sequence: u64, to: Vec<String>, write: Write },
    /// A region has it.
    Sent { number: u64, to: String },
    /// An item from elsewhere is about to be written here.
    Applying { table: String, key: Value, version: Version },
    /// Everything in the table's stream up to this sequence number came from elsewhere or has been captured.
    Applied { table: String, sequence: u64 },
    /// The version of an item, in a journal that has been written anew.
    Known { table: String, key: Value, version: Version },
    /// The table is gone from this region.
    Forgotten { table: String },
    /// The table is gone from that region.
    Left { table: String, region: String },
}

#[derive(Debug, Clone, Default)]
pub struct Ledger {
    positions: BTreeMap<String, u64>,
    /// By table and key.
    versions: BTreeMap<(String, String), Version>,
    /// What other regions have to learn, by region and number.
    outbox: BTreeMap<String, BTreeMap<u64, Arc<Write>>>,
    /// Tables whose stream may hold echoes of what was being applied when the supervisor was killed.
    applying: BTreeSet<String>,
    next_number: u64,
}

impl Ledger {
    pub fn fold(&mut self, entry: Entry) {
        match entry {
            Entry::Started { table, sequence } => {
                self.positions.insert(table, sequence);
            }
            Entry::Captured { number, sequence, to, write } => {
                let position = self.positions.entry(write.table.clone()).or_default();
                *position = sequence.max(*position);
                self.learn(&write.table, &write.key, &write.version);
                let write = Arc::new(write);
                for region in to {
                    self.outbox.entry(region).or_default().insert(number, Arc::clone(&write));
                }
                self.next_number = self.next_number.max(number + 1);
            }
            Entry::Sent { number, to } => {
                if let Some(writes) = self.outbox.get_mut(&to) {
                    writes.remove(&number);
                }
            }
            Entry::Applying { table, key, version } => {
                self.learn(&table, &key, &version);
                self.applying.insert(table);
            }
            Entry::Applied { table, sequence } => {
                self.applying.remove(&table);
                let position = self.positions.entry(table).or_default();
                *position = sequence.max(*position);
            }
            Entry::Known { table, key, version } => self.learn(&table, &key, &version),
            Entry::Forgotten { table } => {
                self.positions.remove(&table);
                self.applying.remove(&table);
                self.versions.retain(|(of, _), _| *of != table);
                for writes in self.outbox.values_mut() {
                    writes.retain(|_, write| write.table != table);
                }
            }
            Entry::Left { table, region } => {
                if let Some(writes) = self.outbox.get_mut(&region) {
                    writes.retain(|_, write| write.table != table);
                }
            }
        }
    }

    /// The shortest journal that folds to this.
    pub fn entries(&self) -> Vec<Entry> {
        let started = self.positions.iter();
        let mut entries: Vec<Entry> =
            started.map(|(table, sequence)| Entry::Started { table: table.clone(), sequence: *sequence }).collect();
        for ((table, key), version) in &self.versions {
            let key = serde_json::from_str(key).unwrap_or_default();
            entries.push(Entry::Known { table: table.clone(), key, version: version.clone() });
        }
        for (region, writes) in &self.outbox {
            for (number, write) in writes {
                let (number, to, write) = (*number, vec![region.clone()], Write::clone(write));
                entries.push(Entry::Captured { number, sequence: 0, to, write });
            }
        }
        entries
    }

    /// Where reading of a table's stream goes on; None when the table does not replicate.
    pub fn position(&self, table: &str) -> Option<u64> {
        self.positions.get(table).copied()
    }

    /// The tables that replicate.
    pub fn tables(&self) -> Vec<String> {
        self.positions.keys().cloned().collect()
    }

    pub fn replicates(&self) -> bool {
        !self.positions.is_empty()
    }

    pub fn applying(&self) -> impl Iterator<Item = &String> {
        self.applying.iter()
    }

    /// How a write that was found in a table's stream gets into the journal.
    pub fn capture(&self, found: Found, region: &str, to: Vec<String>) -> Entry {
        let Found { table, key, image, clock_us, sent_us, sequence, is_backfill } = found;
        let known = self.versions.get(&(table.clone(), canonical(&key)));
        let version = match known {
            // What is copied to a new region has been written before.
            Some(known) if is_backfill => known.clone(),
            Some(known) => Version { written_us: clock_us.max(known.written_us + 1), region: region.to_owned() },
            None => Version { written_us: clock_us, region: region.to_owned() },
        };
        let write = Write { table, key, image, version, sent_us, is_backfill };
        Entry::Captured { number: self.next_number, sequence, to, write }
    }

    /// Whether a write from elsewhere counts here. The version that is known counts again, since it may have been noted
    /// and not written when the supervisor was killed.
    pub fn wins(&self, write: &Write) -> bool {
        let known = self.versions.get(&(write.table.clone(), canonical(&write.key)));
        known.is_none_or(|known| *known <= write.version)
    }

    /// What a region has to learn, oldest first.
    pub fn waiting(&self, to: &str) -> impl Iterator<Item = (u64, &Arc<Write>)> {
        self.outbox.get(to).into_iter().flatten().map(|(number, write)| (*number, write))
    }

    /// The regions for which something waits.
    pub fn targets(&self) -> Vec<String> {
        self.outbox.iter().filter(|(_, writes)| !writes.is_empty()).map(|(region, _)| region.clone()).collect()
    }

    fn learn(&mut self, table: &str, key: &Value, version: &Version) {
        let known = self.versions.entry((table.to_owned(), canonical(key))).or_insert_with(|| version.clone());
        if *known < *version {
            *known = version.clone();
        }
    }
}

/// A write as a stream shows it.
#[derive(Debug, Clone)]
pub struct Found {
    pub table: String,
    pub key: Value,
    pub image: Option<Value>,
    /// By the region's clock.
    pub clock_us: u64,
    /// By the machine's clock.
    pub sent_us: u64,
    pub sequence: u64,
    pub is_backfill: bool,
}

/// Streams give a key's attributes in any order.
fn canonical(key: &Value) -> String {
    let Value::Object(attributes) = key else { return key.to_string() };
    let ordered: BTreeMap<&String, &Value> = attributes.iter().collect();
    serde_json::to_string(&ordered).unwrap_or_default()
}
