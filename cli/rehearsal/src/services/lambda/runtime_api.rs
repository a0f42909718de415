//! The Lambda Runtime API of one instance; the Lambda developer guide, "Using the Lambda runtime API".

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// One event for the function.
pub(super) struct Job {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: i64,
    pub(super) function_arn: String,
    /// The function has it.
    pub(super) taken: Arc<AtomicBool>,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What the function said.
pub(super) enum Answer {
    Success(Bytes),
    /// The function's own description of its failure.
    Failure(Bytes),
}

pub(super) struct RuntimeApi {
    jobs: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    running: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
}

impl RuntimeApi {
    pub(super) fn router(jobs: mpsc::Receiver<Job>) -> Router {
        let api = Self { jobs: tokio::sync::Mutex::new(jobs), running: Mutex::default() };
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(initial_error))
            .with_state(Arc::new(api))
    }

    fn finish(&self, id: Option<&str>, answer: Answer) -> StatusCode {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match running.take_if(|(known, _)| id.is_none_or(|id| id == known)) {
            Some((_, caller)) => {
                // A caller that has given up has killed this instance.
                let _ = caller.send(answer);
                StatusCode::ACCEPTED
            }
            None => StatusCode::FORBIDDEN,
        }
    }
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    let Some(job) = api.jobs.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    job.taken.store(true, Ordering::Relaxed);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", job.request_id.clone()),
        ("lambda-runtime-deadline-ms", job.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", job.function_arn),
        ("lambda-runtime-trace-id", format!("Root=1-{};Sampled=0", job.request_id)),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    *api.running.lock().unwrap_or_else(PoisonError::into_inner) = Some((job.request_id, job.answer));
    (headers, job.payload).into_response()
}

async fn response(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish(Some(&id), Answer::Success(body))
}

async fn error(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish(Some(&id), Answer::Failure(body))
}

/// The process ends after this, which its caller sees.
async fn initial_error(body: Bytes) -> StatusCode {
    tracing::warn!(error = %String::from_utf8_lossy(&body), "a function could not start");
    StatusCode::ACCEPTED
}
