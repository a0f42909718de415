//! What the command line tells the supervisor.

use fs_err as fs;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

const OPTIONS_FILE: &str = "options.json";

/// Everything that a supervisor needs to know; it is handed over as a file, since it may contain secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Arguments by which the program plays the partners, with `{memberson}`, `{sevenrooms}` and `{stripe}` for their addresses
    /// (`127.0.0.1:port`). Without arguments nobody plays them.
    pub doubles: Vec<String>,
}

#[derive(Debug, Error)]
pub enum OptionsError {
    #[error("could not read {file}")]
    Read {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("could not understand {file}")]
    Parse {
        file: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("could not write {file}")]
    Write {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl SupervisorOptions {
    /// Reads what [`SupervisorOptions::write`] left in the folder.
    pub fn read(dir: &Path) -> Result<Self, OptionsError> {
        let file = dir.join(OPTIONS_FILE);
        let text = fs::read(&file).map_err(|source| OptionsError::Read { file: file.clone(), source })?;
        serde_json::from_slice(&text).map_err(|source| OptionsError::Parse { file, source })
    }

    /// Leaves the options in `dir`, readable by the owner only, since seeds are secrets.
    pub fn write(&self) -> Result<(), OptionsError> {
        let file = self.dir.join(OPTIONS_FILE);
        let fail = |source| OptionsError::Write { file: file.clone(), source };
        create_private_dir(&self.dir).map_err(fail)?;
        let text = serde_json::to_vec(self).map_err(|error| fail(error.into()))?;
        let new = file.with_extension("new");
        fs::write(&new, text).map_err(fail)?;
        fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
        fs::rename(&new, &file).map_err(fail)
    }
}

/// Makes a folder that only the owner may look into.
pub fn create_private_dir(dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}

/// The program that an ECS task runs in place of its image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProgram {
    pub executable: PathBuf,
    /// Come before the container's `Command`, for example `["task"]`.
    pub arguments_prefix: Vec<String>,
}

/// What a person would put into a new account by hand: secrets' values, first configuration rows and images. Strings in it may
/// contain `{memberson}`, `{sevenrooms}` and `{stripe}`, which become the base URLs of the partners' doubles.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seeds {
    /// Secret name to value.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Table name to items in DynamoDB's JSON.
    #[serde(default)]
    pub rows: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Repository name to digests of images that count as pushed.
    #[serde(default)]
    pub images: BTreeMap<String, BTreeSet<String>>,
}

impl std::fmt::Debug for Seeds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secrets: Vec<_> = self.secrets.keys().collect();
        let tables: Vec<_> = self.rows.keys().collect();
        formatter
            .debug_struct("Seeds")
            .field("secrets", &secrets)
            .field("tables", &tables)
            .field("images", &self.images)
            .finish()
    }
}
