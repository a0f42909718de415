//! A folder with environment files and a rehearsal cloud of its own, and `como` run in it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Simulated seconds a second: fast enough that waiting does not count.
pub(crate) const FAST: &str = "20000";

#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
}

#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    /// With the repository's own environment files.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environments = folder.path().join("environments");
        fs_err::create_dir(&environments).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("environments");
        for entry in fs_err::read_dir(source).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs_err::copy(&path, environments.join(path.file_name().unwrap())).unwrap();
            }
        }
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces text in an environment file.
    pub(crate) fn edit(&self, environment: &str, from: &str, to: &str) {
        let path = self.path(&format!("environments/{environment}.yaml"));
        let text = fs_err::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {}", path.display());
        fs_err::write(&path, text.replacen(from, to, 1)).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_como"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        for variable in ["AWS_ENDPOINT_URL", "AWS_PROFILE", "COMO_REHEARSAL_DIR", "COMO_ENVIRONMENTS", "RUST_BACKTRACE"]
        {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(&self.command(arguments).output().unwrap())
    }

    /// Runs to a good end and reads what came on standard output.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--output", "json"]].concat());
        assert_eq!(ended.code, 0, "{arguments:?}\n{}\n{}", ended.stdout, ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stdout))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A test that failed half-way must leave no process either.
        let _nothing_runs = self.command(&["rehearsal", "stop"]).output();
    }
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Whether a process with this id exists.
pub(crate) fn is_alive(pid: i64) -> bool {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended; only its parent has not noticed yet.
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z') && !rest.is_empty())
}
