//! Fills new secrets, tables and repositories, and starts the partners' doubles when somebody first needs them.

use crate::options::{Seeds, TaskProgram};
use crate::process::{Child, SpawnError, spawn};
use crate::status::Seeded;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::task::JoinHandle;

const MEMORY: &str = "seeding.json";
/// Between the end of the doubles and their next start.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug, Error)]
pub enum SeedingError {
    #[error("could not find a free loopback port for a partner's double")]
    Port(#[source] std::io::Error),
    #[error("could not start the partners' doubles")]
    Spawn(#[source] SpawnError),
    #[error("could not keep what was seeded")]
    Remember(#[source] std::io::Error),
}

/// What has to outlive the supervisor.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Memory {
    /// Where the doubles listen; these addresses are in tables.
    addresses: Option<Addresses>,
    seeded: Vec<Seeded>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Addresses {
    memberson: SocketAddr,
    sevenrooms: SocketAddr,
    stripe: SocketAddr,
}

#[derive(Default)]
struct State {
    memory: Memory,
    /// Starts the doubles again when they end.
    keeper: Option<JoinHandle<()>>,
}

/// What is put into secrets and tables as they are created.
pub struct Seeding {
    seeds: Mutex<Seeds>,
    program: TaskProgram,
    arguments: Vec<String>,
    dir: PathBuf,
    state: Mutex<State>,
}

impl Seeding {
    /// Starts the doubles at once when an earlier supervisor had them running, at their old addresses. Needs a runtime.
    pub fn open(
        seeds: Seeds,
        program: TaskProgram,
        arguments: Vec<String>,
        dir: PathBuf,
    ) -> Result<Self, SeedingError> {
        let memory = fs_err::read(dir.join(MEMORY)).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let state = Mutex::new(State { memory: memory.unwrap_or_default(), keeper: None });
        let seeding = Self { seeds: Mutex::new(seeds), program, arguments, dir, state };
        {
            let mut state = seeding.lock_state();
            if let Some(addresses) = state.memory.addresses {
                seeding.start(&mut state, addresses)?;
            }
        }
        Ok(seeding)
    }

    /// The value that a new secret gets, if the seeds name it.
    pub fn secret(&self, region: &str, name: &str) -> Result<Option<String>, SeedingError> {
        let value = self.lock_seeds().secrets.get(name).cloned();
        let Some(value) = value else { return Ok(None) };
        let value = self.fill_in(&value)?;
        self.remember(region, "secret", name, 1)?;
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
        self.remember(region, "table", table, rows.len())?;
        Ok(rows)
    }

    /// Whether an image counts as pushed although nobody has pushed it.
    pub fn image(&self, region: &str, repository: &str, digest: &str) -> Result<bool, SeedingError> {
        let is_seeded = self.lock_seeds().images.get(repository).is_some_and(|digests| digests.contains(digest));
        if is_seeded {
            self.remember(region, "image", &format!("{repository}@{digest}"), 1)?;
        }
        Ok(is_seeded)
    }

    /// Adds seeds, for instance those of another environment; what exists already is not touched.
    pub fn add(&self, seeds: Seeds) {
        let mut known = self.lock_seeds();
        known.secrets.extend(seeds.secrets);
        known.rows.extend(seeds.rows);
        for (repository, digests) in seeds.images {
            known.images.entry(repository).or_default().extend(digests);
        }
    }

    pub fn seeded(&self) -> Vec<Seeded> {
        self.lock_state().memory.seeded.clone()
    }

    /// Ends the doubles.
    pub async fn stop(&self) {
        let keeper = self.lock_state().keeper.take();
        if let Some(keeper) = keeper {
            keeper.abort();
            let _ = keeper.await;
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_seeds(&self) -> MutexGuard<'_, Seeds> {
        self.seeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, region: &str, kind: &str, name: &str, count: usize) -> Result<(), SeedingError> {
        tracing::info!(region, kind, name, count, "seeded {kind} {name} in {region}");
        let entry = Seeded { region: region.to_owned(), kind: kind.to_owned(), name: name.to_owned(), count };
        let mut state = self.lock_state();
        // A table of the name may have been deleted and made again.
        state
            .memory
            .seeded
            .retain(|other| (&other.region, &other.kind, &other.name) != (&entry.region, &entry.kind, &entry.name));
        state.memory.seeded.push(entry);
        self.save(&state.memory)
    }

    fn save(&self, memory: &Memory) -> Result<(), SeedingError> {
        let write = || {
            let new = self.dir.join(MEMORY).with_extension("new");
            fs_err::write(&new, serde_json::to_vec(memory)?)?;
            fs_err::rename(&new, self.dir.join(MEMORY))
        };
        write().map_err(SeedingError::Remember)
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
        if self.arguments.is_empty() {
            return Ok(text.to_owned());
        }
        let mut state = self.lock_state();
        let addresses = match state.memory.addresses {
            Some(addresses) => addresses,
            None => {
                let addresses = choose_addresses()?;
                state.memory.addresses = Some(addresses);
                self.save(&state.memory)?;
                addresses
            }
        };
        if state.keeper.is_none() {
            self.start(&mut state, addresses)?;
        }
        Ok(text
            .replace("{memberson}", &format!("http://{}", addresses.memberson))
            .replace("{sevenrooms}", &format!("http://{}", addresses.sevenrooms))
            .replace("{stripe}", &format!("http://{}", addresses.stripe)))
    }

    fn start(&self, state: &mut State, addresses: Addresses) -> Result<(), SeedingError> {
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
                    .replace("{stripe}", &addresses.stripe.to_string())
            })
            .collect();
        let log = self.dir.join("logs").join("doubles.log");
        let executable = self.program.executable.clone();
        let first = spawn(&executable, &arguments, [], &log).map_err(SeedingError::Spawn)?;
        state.keeper = Some(tokio::spawn(keep(first, executable, arguments, log)));
        Ok(())
    }
}

/// Doubles of a supervisor that was killed may still hold the ports for a moment, and end these at once.
async fn keep(first: Child, executable: PathBuf, arguments: Vec<String>, log: PathBuf) {
    let mut child = Some(first);
    loop {
        if let Some(mut running) = child.take() {
            let ended = running.wait().await;
            tracing::warn!(status = ?ended.ok(), "the partners' doubles ended and are started again");
        }
        tokio::time::sleep(PAUSE).await;
        match spawn(&executable, &arguments, [], &log) {
            Ok(running) => child = Some(running),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "could not start the partners' doubles")
            }
        }
    }
}

fn choose_addresses() -> Result<Addresses, SeedingError> {
    // All are held until all are known, so that they differ.
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(SeedingError::Port);
    let (first, second, third) = (bind()?, bind()?, bind()?);
    Ok(Addresses {
        memberson: first.local_addr().map_err(SeedingError::Port)?,
        sevenrooms: second.local_addr().map_err(SeedingError::Port)?,
        stripe: third.local_addr().map_err(SeedingError::Port)?,
    })
}

#[cfg(test)]
mod tests {
    use super::Seeding;
    use crate::options::{Seeds, TaskProgram};
    use serde_json::json;
    use std::path::Path;

    fn open(dir: &Path) -> Seeding {
        let seeds: Seeds = serde_json::from_value(json!({
            "secrets": {"partners": "{memberson}|{sevenrooms}", "plain": "text"},
            "rows": {"config": [{"pk": {"S": "partners"}, "base": {"S": "{sevenrooms}/api"}}]},
        }))
        .unwrap();
        // Lives as long as its standard input.
        let program = TaskProgram { executable: "/bin/sh".into(), arguments_prefix: Vec::new() };
        let arguments = ["-c", "cat", "{memberson}"].map(str::to_owned).to_vec();
        Seeding::open(seeds, program, arguments, dir.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn seeds_name_the_doubles_addresses_which_outlive_the_supervisor() {
        let dir = tempfile::tempdir().unwrap();
        let seeding = open(dir.path());
        assert_eq!(seeding.secret("here", "unheard-of").unwrap(), None);
        assert_eq!(seeding.secret("here", "plain").unwrap().as_deref(), Some("text"));
        let partners = seeding.secret("here", "partners").unwrap().unwrap();
        let (memberson, sevenrooms) = partners.split_once('|').unwrap();
        assert!(memberson.starts_with("http://127.0.0.1:") && memberson != sevenrooms);
        let rows = seeding.rows("here", "config").unwrap();
        assert_eq!(json!(rows), json!([{"pk": {"S": "partners"}, "base": {"S": format!("{sevenrooms}/api")}}]));
        let seeded = seeding.seeded();
        assert_eq!(seeded.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["plain", "partners", "config"]);
        seeding.stop().await;

        let again = open(dir.path());
        assert_eq!(again.seeded(), seeded);
        assert_eq!(again.secret("here", "partners").unwrap(), Some(partners.clone()));
        again.stop().await;
    }
}
