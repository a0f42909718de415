//! What the command line tells the supervisor.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that a supervisor needs to know; it is handed over as a file, since it may contain secrets.
#[derive(Debug, Clone)]
pub struct SupervisorOptions {
    /// Lock, log and state live here.
    pub dir: PathBuf,
    /// The twelve digits of the account that it plays.
    pub account: String,
    /// Simulated seconds per second of waiting.
    pub speed: f64,
    /// Loopback port of the AWS endpoint; 0 takes any free one.
    pub api_port: u16,
    /// First choice for the port of a deployed REST API; the next free one is taken after it.
    pub router_port: u16,
    pub program: TaskProgram,
    pub seeds: Seeds,
    /// Arguments by which the program plays the partners, with `{memberson}` and `{sevenrooms}` for their addresses
    /// (`127.0.0.1:port`). Without arguments nobody plays them.
    pub doubles: Vec<String>,
}

/// The program that an ECS task runs in place of its image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProgram {
    pub executable: PathBuf,
    /// Come before the container's `Command`, for example `["task"]`.
    pub arguments_prefix: Vec<String>,
}

/// What a person would put into a new account by hand: secrets' values and first configuration rows. Strings in it may
/// contain `{memberson}` and `{sevenrooms}`, which become the base URLs of the partners' doubles.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seeds {
    /// Secret name to value.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Table name to items in DynamoDB's JSON.
    #[serde(default)]
    pub rows: BTreeMap<String, Vec<Map<String, Value>>>,
}

impl std::fmt::Debug for Seeds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secrets: Vec<_> = self.secrets.keys().collect();
        let tables: Vec<_> = self.rows.keys().collect();
        formatter.debug_struct("Seeds").field("secrets", &secrets).field("tables", &tables).finish()
    }
}
