//! Fills new secrets and tables, and starts the partners' doubles when somebody first needs them.

use crate::options::{Seeds, TaskProgram};
use crate::process::{Child, SpawnError, spawn};
use crate::status::Seeded;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum SeedingError {
    #[error("could not find a free loopback port for a partner's double")]
    Port(#[source] std::io::Error),
    #[error("could not start the partners' doubles")]
    Spawn(#[source] SpawnError),
    #[error("could not write where the partners' doubles listen")]
    Remember(#[source] std::io::Error),
}

/// Where the doubles listen; kept, because their addresses are in tables.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Addresses {
    memberson: SocketAddr,
    sevenrooms: SocketAddr,
}

#[derive(Default)]
struct Doubles {
    addresses: Option<Addresses>,
    child: Option<Child>,
    seeded: Vec<Seeded>,
}

/// What is put into secrets and tables as they are created.
pub struct Seeding {
    seeds: Mutex<Seeds>,
    program: TaskProgram,
    arguments: Vec<String>,
    dir: PathBuf,
    doubles: Mutex<Doubles>,
}

impl Seeding {
    /// Starts the doubles at once when an earlier supervisor had them running, at their old addresses.
    pub fn open(
        seeds: Seeds,
        program: TaskProgram,
        arguments: Vec<String>,
        dir: PathBuf,
    ) -> Result<Self, SeedingError> {
        let seeding = Self { seeds: Mutex::new(seeds), program, arguments, dir, doubles: Mutex::default() };
        if let Ok(text) = fs_err::read(seeding.dir.join("doubles.json"))
            && let Ok(addresses) = serde_json::from_slice(&text)
        {
            seeding.start(&mut seeding.doubles.lock().unwrap_or_else(PoisonError::into_inner), addresses)?;
        }
        Ok(seeding)
    }

    /// The value that a new secret gets, if the seeds name it.
    pub fn secret(&self, region: &str, name: &str) -> Result<Option<String>, SeedingError> {
        let value = self.lock_seeds().secrets.get(name).cloned();
        let Some(value) = value else { return Ok(None) };
        let value = self.fill_in(&value)?;
        self.remember(region, "secret", name, 1);
        Ok(Some(value))
    }

    /// The items that a new table gets, in DynamoDB's JSON.
    pub fn rows(&self, region: &str, table: &str) -> Result<Vec<Map<String, Value>>, SeedingError> {
        let rows = self.lock_seeds().rows.get(table).cloned();
        let Some(rows) = rows else { return Ok(Vec::new()) };
        let rows = rows
            .iter()
            .map(|row| match self.fill_in_value(&Value::Object(row.clone()))? {
                Value::Object(row) => Ok(row),
                _ => Ok(Map::new()),
            })
            .collect::<Result<Vec<_>, SeedingError>>()?;
        self.remember(region, "table", table, rows.len());
        Ok(rows)
    }

    /// Adds seeds, for instance those of another environment; what exists already is not touched.
    pub fn add(&self, seeds: Seeds) {
        let mut known = self.lock_seeds();
        known.secrets.extend(seeds.secrets);
        known.rows.extend(seeds.rows);
    }

    pub fn seeded(&self) -> Vec<Seeded> {
        self.doubles.lock().unwrap_or_else(PoisonError::into_inner).seeded.clone()
    }

    /// Ends the doubles.
    pub fn stop(&self) {
        let child = self.doubles.lock().unwrap_or_else(PoisonError::into_inner).child.take();
        drop(child);
    }

    fn lock_seeds(&self) -> std::sync::MutexGuard<'_, Seeds> {
        self.seeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, region: &str, kind: &str, name: &str, count: usize) {
        tracing::info!(region, kind, name, count, "seeded {kind} {name} in {region}");
        let entry = Seeded { region: region.to_owned(), kind: kind.to_owned(), name: name.to_owned(), count };
        self.doubles.lock().unwrap_or_else(PoisonError::into_inner).seeded.push(entry);
    }

    fn fill_in_value(&self, value: &Value) -> Result<Value, SeedingError> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill_in(text)?),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.fill_in_value(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let mut filled = Map::new();
                for (key, field) in fields {
                    filled.insert(key.clone(), self.fill_in_value(field)?);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        })
    }

    fn fill_in(&self, text: &str) -> Result<String, SeedingError> {
        let mut doubles = self.doubles.lock().unwrap_or_else(PoisonError::into_inner);
        if doubles.child.is_none() && !self.arguments.is_empty() {
            let addresses = match doubles.addresses {
                Some(addresses) => addresses,
                None => self.choose_addresses()?,
            };
            self.start(&mut doubles, addresses)?;
        }
        let Some(addresses) = doubles.addresses else { return Ok(text.to_owned()) };
        Ok(text
            .replace("{memberson}", &format!("http://{}", addresses.memberson))
            .replace("{sevenrooms}", &format!("http://{}", addresses.sevenrooms)))
    }

    fn choose_addresses(&self) -> Result<Addresses, SeedingError> {
        // Both are held until both are known, so that they differ.
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(SeedingError::Port)?;
        let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(SeedingError::Port)?;
        let addresses = Addresses {
            memberson: first.local_addr().map_err(SeedingError::Port)?,
            sevenrooms: second.local_addr().map_err(SeedingError::Port)?,
        };
        let text = serde_json::to_vec(&addresses).map_err(|error| SeedingError::Remember(error.into()))?;
        fs_err::write(self.dir.join("doubles.json"), text).map_err(SeedingError::Remember)?;
        Ok(addresses)
    }

    fn start(&self, doubles: &mut Doubles, addresses: Addresses) -> Result<(), SeedingError> {
        doubles.addresses = Some(addresses);
        if self.arguments.is_empty() {
            return Ok(());
        }
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .map(|argument| {
                argument
                    .replace("{memberson}", &addresses.memberson.to_string())
                    .replace("{sevenrooms}", &addresses.sevenrooms.to_string())
            })
            .collect();
        let log = self.dir.join("logs").join("doubles.log");
        doubles.child = Some(spawn(&self.program.executable, &arguments, [], &log).map_err(SeedingError::Spawn)?);
        Ok(())
    }
}
