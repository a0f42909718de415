//! Child processes that cannot outlive the supervisor.
//!
//! Their standard input is a pipe that only the supervisor holds. They are told to exit when it ends, so that they go
//! even when the supervisor is killed outright.

use fs_err as fs;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::Stdio;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum SpawnError {
    #[error("could not open the log file of a child process")]
    Log(#[source] std::io::Error),
    #[error("could not start {program}")]
    Start {
        program: String,
        #[source]
        source: std::io::Error,
    },
}

/// A running child; dropping it kills the process.
#[derive(Debug)]
pub struct Child {
    inner: tokio::process::Child,
    /// Held apart, because `tokio::process::Child::wait` closes it, which would end the process.
    stdin: Option<tokio::process::ChildStdin>,
}

/// Starts a program with its output appended to a log file. The environment is the supervisor's plus `variables`.
pub fn spawn<'a>(
    program: &Path,
    arguments: &[String],
    variables: impl IntoIterator<Item = (&'a str, String)>,
    log: &Path,
) -> Result<Child, SpawnError> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent).map_err(SpawnError::Log)?;
    }
    let output = fs::OpenOptions::new().create(true).append(true).open(log).map_err(SpawnError::Log)?;
    let errors = output.try_clone().map_err(SpawnError::Log)?;
    let mut command = tokio::process::Command::new(program);
    // A person's own AWS settings must not reach what is rehearsed.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"AWS_")) {
        command.env_remove(name);
    }
    let mut inner = command
        .args(arguments)
        .env("COMO_EXIT_WITH_STDIN", "1")
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::from(output.into_file()))
        .stderr(Stdio::from(errors.into_file()))
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| SpawnError::Start { program: program.display().to_string(), source })?;
    let stdin = inner.stdin.take();
    Ok(Child { inner, stdin })
}

impl Child {
    /// None once it has been waited for.
    pub fn pid(&self) -> Option<u32> {
        self.inner.id()
    }

    /// Asks it to finish (SIGTERM).
    pub fn terminate(&self) {
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
            // A process that has just gone is no error.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    pub fn kill(&mut self) {
        let _ = self.inner.start_kill();
    }

    /// Whether the process has ended already.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.inner.try_wait(), Ok(None))
    }

    /// Returns when the process has ended. Its standard input stays open meanwhile, also when this is cancelled.
    pub async fn wait(&mut self) -> std::io::Result<std::process::ExitStatus> {
        let status = self.inner.wait().await;
        self.stdin = None;
        status
    }
}
