//! Processes that run a function.

use super::journal::Journal;
use super::runtime_api::{Answer, Job, RuntimeApi};
use super::service::Surroundings;
use super::state::Function;
use crate::process::{Child, spawn};
use crate::replication::regions::task_access_key;
use crate::services::logs::Output;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Of all functions together; a small machine runs no more at once.
const MOST_AT_ONCE: usize = 10;

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Success(Bytes),
    Failure(Bytes),
}

/// A process that serves one event after the other.
struct Instance {
    child: Child,
    jobs: mpsc::Sender<Job>,
    api: JoinHandle<()>,
    journal: Journal,
    /// It has served before.
    has_rested: bool,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.api.abort();
    }
}

/// All instances; those that rest are used again.
pub(super) struct Instances {
    resting: Mutex<Resting>,
    places: Semaphore,
}

#[derive(Default)]
struct Resting {
    /// By the revision of their function.
    instances: BTreeMap<String, Vec<Instance>>,
    /// Revisions whose instances do not rest any more, but end when they are done.
    gone: BTreeSet<String>,
}

impl Instances {
    pub(super) fn new() -> Self {
        Self { resting: Mutex::default(), places: Semaphore::new(MOST_AT_ONCE) }
    }

    /// Runs a function once. Waits while too many run.
    pub(super) async fn invoke(
        &self,
        surroundings: &Surroundings,
        dir: &Path,
        function: &Function,
        request_id: &str,
        payload: Bytes,
    ) -> Outcome {
        let _place = self.places.acquire().await;
        // One that dies before it takes the event has not failed it: the next one gets it.
        while let Some(instance) = self.rested(&function.revision) {
            if let Some(outcome) = self.run(instance, function, request_id, payload.clone()).await {
                return outcome;
            }
        }
        match start(surroundings, dir, function).await {
            Ok(instance) => {
                let outcome = self.run(instance, function, request_id, payload).await;
                outcome.unwrap_or_else(|| exited(request_id, None))
            }
            Err(message) => failure("Runtime.InvalidEntrypoint", &format!("RequestId: {request_id} Error: {message}")),
        }
    }

    /// None when a rested instance has died without taking the event.
    async fn run(
        &self,
        mut instance: Instance,
        function: &Function,
        request_id: &str,
        payload: Bytes,
    ) -> Option<Outcome> {
        let patience = Duration::from_secs(function.settings.timeout_seconds);
        let (answer, answered) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let job = Job {
            request_id: request_id.to_owned(),
            payload,
            deadline_ms: Timestamp::now().as_millisecond() + i64::try_from(patience.as_millis()).unwrap_or(0),
            function_arn: function.arn.clone(),
            taken: Arc::clone(&taken),
            answer,
        };
        let entry = instance.journal.begin(request_id);
        instance.jobs.send(job).await.ok()?;
        let (outcome, may_rest) = tokio::select! {
            biased;
            answer = answered => match answer {
                Ok(Answer::Success(body)) => (Outcome::Success(body), true),
                Ok(Answer::Failure(body)) => (Outcome::Failure(body), true),
                Err(_) => (exited(request_id, None), false),
            },
            status = instance.child.wait() => {
                if instance.has_rested && !taken.load(Ordering::Relaxed) {
                    return None;
                }
                (exited(request_id, status.ok().and_then(|status| status.code())), false)
            }
            () = tokio::time::sleep(patience) => {
                instance.child.kill();
                let seconds = function.settings.timeout_seconds;
                let message = format!("RequestId: {request_id} Error: Task timed out after {seconds}.00 seconds");
                (failure("Sandbox.Timedout", &message), false)
            }
        };
        let complaint = match &outcome {
            Outcome::Failure(body) if !may_rest => Some(String::from_utf8_lossy(body).into_owned()),
            _ => None,
        };
        instance.journal.end(entry, complaint, function.settings.memory_mb);
        let mut resting = self.lock();
        if may_rest && !resting.gone.contains(&function.revision) {
            instance.has_rested = true;
            resting.instances.entry(function.revision.clone()).or_default().push(instance);
        }
        Some(outcome)
    }

    /// An instance that has rested and is alive.
    fn rested(&self, revision: &str) -> Option<Instance> {
        let mut resting = self.lock();
        let instances = resting.instances.get_mut(revision)?;
        while let Some(mut instance) = instances.pop() {
            if !instance.child.has_ended() {
                return Some(instance);
            }
        }
        None
    }

    /// Ends the resting instances of a revision that is no more.
    pub(super) fn discard(&self, revision: &str) {
        let mut resting = self.lock();
        resting.gone.insert(revision.to_owned());
        resting.instances.remove(revision);
    }

    pub(super) fn discard_all(&self) {
        self.lock().instances.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Resting> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn start(surroundings: &Surroundings, dir: &Path, function: &Function) -> Result<Instance, String> {
    if !function.settings.runtime.starts_with("provided") {
        return Err(format!("the rehearsal cloud does not offer the runtime {}", function.settings.runtime));
    }
    let bootstrap = dir.join("bootstrap");
    if !bootstrap.is_file() {
        return Err("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned());
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let (jobs, received) = mpsc::channel(1);
    let api = tokio::spawn(async move {
        // It ends with its instance.
        let _ = axum::serve(listener, RuntimeApi::router(received)).await;
    });
    let region = function.arn.split(':').nth(3).unwrap_or_default();
    let id = uuid::Uuid::new_v4().simple().to_string();
    let group = function.log_group();
    let stream = format!("{}/[$LATEST]{id}", Timestamp::now().strftime("%Y/%m/%d"));
    let fixed = [
        ("AWS_LAMBDA_RUNTIME_API", address.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.settings.memory_mb.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", function.log_format().to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream.clone()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", function.settings.runtime)),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_ENDPOINT_URL", surroundings.endpoint.clone()),
        // The rehearsal cloud checks no signature, but calls across a cut link get no answer.
        ("AWS_ACCESS_KEY_ID", task_access_key(region)),
        ("AWS_SECRET_ACCESS_KEY", "rehearsal".to_owned()),
        ("AWS_SESSION_TOKEN", "rehearsal".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        // Everything that a function may reach is on this machine.
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        ("no_proxy", "127.0.0.1,localhost".to_owned()),
        ("LAMBDA_TASK_ROOT", dir.to_string_lossy().into_owned()),
        ("_HANDLER", function.settings.handler.clone()),
    ];
    let own = function.settings.environment.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let log = surroundings.log_dir.join(format!("lambda-{}-{}.log", function.name, id));
    let child = spawn(&bootstrap, &[], own.chain(fixed), &log).map_err(|error| error.to_string())?;
    let output = Output { region: region.to_owned(), group, stream, path: log };
    let journal = Journal::open(&surroundings.logs, output, function.settings.logs_json);
    Ok(Instance { child, jobs, api, journal, has_rested: false })
}

fn exited(request_id: &str, code: Option<i32>) -> Outcome {
    let how = code.map_or_else(|| "signal: killed".to_owned(), |code| format!("exit status {code}"));
    failure("Runtime.ExitError", &format!("RequestId: {request_id} Error: Runtime exited with error: {how}"))
}

fn failure(kind: &str, message: &str) -> Outcome {
    let body: Value = json!({ "errorType": kind, "errorMessage": message });
    Outcome::Failure(body.to_string().into())
}
