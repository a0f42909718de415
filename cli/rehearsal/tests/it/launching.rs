//! The supervisor as a process of its own. The executable that is started is this binary itself, by way of a script,
//! with the name of the first test below.

use crate::support::{ACCOUNT, authorization};
use como_rehearsal::launcher::{self, LaunchError, Running};
use como_rehearsal::options::{Seeds, SupervisorOptions, TaskProgram};
use como_rehearsal::supervisor::{self, SupervisorError};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const FOLDER: &str = "COMO_TEST_SUPERVISOR";

/// Does nothing when the tests run; serves when a launcher has named a folder.
#[tokio::test(flavor = "multi_thread")]
async fn serve() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    supervisor::run(SupervisorOptions::read(Path::new(&dir)).unwrap()).await.unwrap();
}

fn script(dir: &Path, command: &str) -> PathBuf {
    let path = dir.join("como");
    fs_err::write(&path, format!("#!/bin/sh\n{command}\n")).unwrap();
    fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// Called as `como rehearsal supervise --dir <dir>`.
fn executable(dir: &Path) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    script(dir, &format!("{FOLDER}=\"$4\" exec '{}' --exact launching::serve --nocapture", own.display()))
}

fn options(dir: &Path) -> SupervisorOptions {
    SupervisorOptions {
        dir: dir.to_owned(),
        account: ACCOUNT.to_owned(),
        speed: 1e6,
        api_port: 0,
        router_port: 0,
        program: TaskProgram { executable: "/bin/false".into(), arguments_prefix: Vec::new() },
        seeds: Seeds { secrets: BTreeMap::from([("key".to_owned(), "hush".to_owned())]), ..Seeds::default() },
        doubles: Vec::new(),
    }
}

async fn create_stack(running: &Running, name: &str) -> u16 {
    let body = r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#;
    let form = [("Action", "CreateStack"), ("StackName", name), ("TemplateBody", body)];
    let request = reqwest::Client::new()
        .post(running.endpoint())
        .header("authorization", authorization("ap-southeast-1", "cloudformation"))
        .form(&form);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_at_once_end_with_one_supervisor_and_its_state_outlives_it() {
    let dir = TempDir::new().unwrap();
    let (state, exe) = (dir.path().join("state"), executable(dir.path()));
    let options = options(&state);
    assert!(launcher::connect(&state).await.is_none());
    let (one, other) = tokio::join!(launcher::start(&state, &exe, &options), launcher::start(&state, &exe, &options));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.endpoint(), other.endpoint());
    assert_eq!(create_stack(&one, "kept").await, 200);
    let before = one.status().await.unwrap();
    assert_eq!((before.account.as_str(), before.speed), (ACCOUNT, 1e6));
    one.set_speed(5e5).await.unwrap();
    assert_eq!(other.status().await.unwrap().speed, 5e5);
    // Nobody else may look at the seeds.
    let mode = fs_err::metadata(state.join("options.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    one.stop().await.unwrap();
    assert!(launcher::connect(&state).await.is_none());
    let again = launcher::start(&state, &exe, &options).await.unwrap();
    let after = again.status().await.unwrap();
    assert_ne!(after.pid, before.pid);
    assert_eq!(after.stacks.iter().map(|stack| stack.name.as_str()).collect::<Vec<_>>(), ["kept"]);
    again.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_that_cannot_start_says_why() {
    let dir = TempDir::new().unwrap();
    let exe = script(dir.path(), "echo 'the reason' >&2; exit 1");
    let state = dir.path().join("state");
    match launcher::start(&state, &exe, &options(&state)).await {
        Err(LaunchError::Ended { tail, .. }) => assert_eq!(tail, "the reason"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_supervisor() {
    let dir = TempDir::new().unwrap();
    let exe = executable(dir.path());
    let state = dir.path().join("state");
    let running = launcher::start(&state, &exe, &options(&state)).await.unwrap();
    let second = supervisor::run_until(options(&state), CancellationToken::new()).await;
    assert!(matches!(second, Err(SupervisorError::AlreadyRunning { .. })));
    running.stop().await.unwrap();
}
