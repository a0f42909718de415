//! How the command line finds the supervisor, starts it and talks to it.

use crate::admin::faults::{Clearing, Step};
use crate::admin::{KeptSelection, Speed};
use crate::faults::{FaultStatus, Script};
use crate::options::{OptionsError, Seeds, SupervisorOptions, create_private_dir};
use crate::status::{KeptDeletion, Status};
use crate::supervisor::{read_record, take_lock};
use fs_err as fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use thiserror::Error;

/// A supervisor opens its databases before it answers; this is far more than it needs.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// Tasks finish what they are doing before they go.
const STOP_DEADLINE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(25);
/// For one answer of the administration.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
const LOG: &str = "log";

#[derive(Debug, Error)]
pub enum LaunchError {
    #[error("could not use the folder {dir}")]
    Folder {
        dir: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("could not hand the options to the supervisor")]
    Options(#[from] OptionsError),
    #[error("could not start {executable} as the supervisor")]
    Spawn {
        executable: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the supervisor ended before it answered; the end of {log}:\n{tail}")]
    Ended { log: PathBuf, tail: String },
    #[error("the supervisor did not answer within {} s; see {log}", START_DEADLINE.as_secs())]
    Silent { log: PathBuf },
    #[error("could not talk to the supervisor")]
    Call(#[from] CallError),
}

#[derive(Debug, Error)]
pub enum CallError {
    #[error("could not reach the supervisor at {endpoint}")]
    Reach {
        endpoint: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("the supervisor refused: {0}")]
    Refused(String),
    #[error("the supervisor did not stop within {} s", STOP_DEADLINE.as_secs())]
    DoesNotStop,
    #[error("could not look at the supervisor's lock")]
    Lock(#[source] std::io::Error),
}

/// A supervisor that answers.
#[derive(Debug, Clone)]
pub struct Running {
    dir: PathBuf,
    endpoint: String,
    client: reqwest::Client,
}

/// Finds the supervisor of a folder; None when none answers.
pub async fn connect(dir: &Path) -> Option<Running> {
    let record = read_record(dir)?;
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWER_DEADLINE).build().ok()?;
    let running = Running { dir: dir.to_owned(), endpoint: record.endpoint, client };
    // The port may have passed to somebody else since.
    let status = running.status().await.ok()?;
    (status.pid == record.pid).then_some(running)
}

/// Finds the supervisor of `dir`, or starts `exe rehearsal supervise --dir <dir>` apart from this process, with the options
/// left in the folder ([`SupervisorOptions::read`]). However many call at once, there is one supervisor in the end; one
/// that runs already is given the seeds and the speed.
pub async fn start(dir: &Path, exe: &Path, options: &SupervisorOptions) -> Result<Running, LaunchError> {
    let folder = |source| LaunchError::Folder { dir: dir.to_owned(), source };
    create_private_dir(dir).map_err(folder)?;
    let _turn = wait_for_turn(dir).await.map_err(folder)?;
    if let Some(running) = connect(dir).await {
        running.set_speed(options.speed).await?;
        running.add_seeds(&options.seeds).await?;
        return Ok(running);
    }
    SupervisorOptions { dir: dir.to_owned(), ..options.clone() }.write()?;
    let log = dir.join(LOG);
    let output = fs::OpenOptions::new().create(true).append(true).open(&log).map_err(folder)?;
    let errors = output.try_clone().map_err(folder)?;
    let mut command = Command::new(exe);
    command
        .args(["rehearsal", "supervise", "--dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::from(output.into_file()))
        .stderr(Stdio::from(errors.into_file()))
        // Away from the terminal's interrupt.
        .process_group(0);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"AWS_")) {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|source| LaunchError::Spawn { executable: exe.to_owned(), source })?;
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline {
        if let Some(running) = connect(dir).await {
            return Ok(running);
        }
        if let Ok(Some(_)) = child.try_wait() {
            return Err(LaunchError::Ended { tail: tail(&log), log });
        }
        tokio::time::sleep(POLL).await;
    }
    Err(LaunchError::Silent { log })
}

impl Running {
    /// The AWS endpoint, for example `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub async fn status(&self) -> Result<Status, CallError> {
        let request = self.client.get(self.url("status"));
        self.answered(async { request.send().await?.error_for_status()?.json().await }.await)
    }

    /// Returns when the supervisor and everything that it started are gone.
    pub async fn stop(&self) -> Result<(), CallError> {
        let request = self.client.post(self.url("stop"));
        self.answered(async { request.send().await?.error_for_status() }.await)?;
        let deadline = Instant::now() + STOP_DEADLINE;
        while Instant::now() < deadline {
            // The lock goes with the process.
            if take_lock(&self.dir).map_err(CallError::Lock)?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(CallError::DoesNotStop)
    }

    /// Simulated seconds per second, for waits that begin later.
    pub async fn set_speed(&self, speed: f64) -> Result<(), CallError> {
        let request = self.client.post(self.url("speed")).json(&Speed { speed });
        self.answered(async { request.send().await?.error_for_status() }.await).map(|_| ())
    }

    pub async fn add_seeds(&self, seeds: &Seeds) -> Result<(), CallError> {
        let request = self.client.post(self.url("seeds")).json(seeds);
        self.answered(async { request.send().await?.error_for_status() }.await).map(|_| ())
    }

    /// Deletes what the deletion policies kept when the named stacks were deleted; of every deleted stack without names.
    pub async fn delete_kept(&self, stacks: Option<&[String]>) -> Result<KeptDeletion, CallError> {
        let selection = KeptSelection { stacks: stacks.map(<[String]>::to_vec) };
        let request = self.client.post(self.url("delete-kept")).json(&selection);
        self.answered(async { request.send().await?.error_for_status()?.json().await }.await)
    }

    /// Adds the faults of a script; the answer lists all that there are. A refusal is the supervisor's text.
    pub async fn add_faults(&self, script: &Script) -> Result<Vec<FaultStatus>, CallError> {
        let request = self.client.post(self.url("faults")).json(script);
        self.judged(request).await
    }

    pub async fn clear_faults(&self, id: Option<u64>) -> Result<Vec<FaultStatus>, CallError> {
        self.judged(self.client.post(self.url("faults/clear")).json(&Clearing { id })).await
    }

    pub async fn announce_step(&self, step: &str) -> Result<Vec<FaultStatus>, CallError> {
        self.judged(self.client.post(self.url("step")).json(&Step { step: step.to_owned() })).await
    }

    async fn judged<T: serde::de::DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, CallError> {
        let response = self.answered(request.send().await)?;
        if response.status() == reqwest::StatusCode::BAD_REQUEST {
            return Err(CallError::Refused(self.answered(response.text().await)?));
        }
        self.answered(async { response.error_for_status()?.json().await }.await)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_rehearsal/{path}", self.endpoint)
    }

    fn answered<T>(&self, result: Result<T, reqwest::Error>) -> Result<T, CallError> {
        result.map_err(|source| CallError::Reach { endpoint: self.endpoint.clone(), source })
    }
}

/// Starters go one after the other.
async fn wait_for_turn(dir: &Path) -> std::io::Result<std::fs::File> {
    let path = dir.join("start.lock");
    let waited = tokio::task::spawn_blocking(move || {
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?.into_file();
        file.lock()?;
        Ok(file)
    });
    waited.await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(10)..).unwrap_or_default().join("\n")
}
