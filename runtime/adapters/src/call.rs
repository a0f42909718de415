//! One call to a partner: time limit, breaker, budgeted repeats of reads, a bounded answer, a log line without identifiers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use como_domain::clock::Clock;
use como_domain::identity::Cause;
use como_domain::partner::{Partner, PartnerError, PartnerErrorKind};
use jiff::Timestamp;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tracing::debug;

use crate::breaker::{Breaker, Outcome};
use crate::failure;
use crate::retry::{RetryBudget, delay};
use crate::settings::CallSettings;

/// A partner's answer beyond this is not one that we asked for.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

pub(crate) struct PartnerCaller {
    partner: Partner,
    http: Client,
    clock: Arc<dyn Clock>,
    breaker: Mutex<Breaker>,
    budget: Mutex<RetryBudget>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// A verb phrase for errors and logs, for example `read a venue`.
    pub(crate) operation: &'static str,
    repeat: Repeat,
    settings: CallSettings,
    /// Of one attempt.
    timeout: Duration,
}

impl Call {
    /// Somebody waits for the answer.
    pub(crate) const fn reading(operation: &'static str, repeat: Repeat, settings: CallSettings) -> Self {
        Self { operation, repeat, settings, timeout: settings.timeout }
    }

    /// Giving up early is dear: nobody knows then whether it happened.
    pub(crate) const fn effect(operation: &'static str, repeat: Repeat, settings: CallSettings) -> Self {
        Self { operation, repeat, settings, timeout: settings.effect_timeout }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The call may have an effect at the partner.
    Never,
    /// The call only reads, or carries a key under which the partner does it once.
    Budgeted,
}

/// Any answer that the partner meant: 2xx, or a refusal (4xx other than 408 and 429).
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    pub(crate) read_at: Timestamp,
}

impl PartnerCaller {
    pub(crate) fn new(partner: Partner, http: Client, clock: Arc<dyn Clock>) -> Self {
        Self { partner, http, clock, breaker: Mutex::default(), budget: Mutex::default() }
    }

    pub(crate) async fn send(
        &self,
        call: Call,
        request: impl Fn(&Client) -> RequestBuilder + Send,
    ) -> Result<Reply, PartnerError> {
        lock(&self.budget).deposit();
        let mut attempt = 0;
        loop {
            let error = match self.attempt(call, request(&self.http), attempt).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let may_repeat =
                call.repeat == Repeat::Budgeted && attempt < call.settings.retries && error.kind.retryable();
            if !may_repeat || !lock(&self.budget).withdraw() {
                return Err(error);
            }
            let wait = match error.kind {
                // A longer wait is the member's decision, not ours.
                PartnerErrorKind::Overloaded { retry_after: Some(wait) } if call.timeout < wait => {
                    return Err(error);
                }
                PartnerErrorKind::Overloaded { retry_after: Some(wait) } => wait,
                _ => delay(attempt, random()),
            };
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    pub(crate) fn error(&self, operation: &'static str, kind: PartnerErrorKind, source: Option<Cause>) -> PartnerError {
        PartnerError { partner: self.partner, operation, kind, source }
    }

    async fn attempt(&self, call: Call, request: RequestBuilder, attempt: u32) -> Result<Reply, PartnerError> {
        let policy = call.settings.breaker;
        let started = self.clock.monotonic();
        let Some(permit) = lock(&self.breaker).permit(started, policy) else {
            return Err(self.error(call.operation, PartnerErrorKind::Paused, None));
        };
        let result = self.exchange(call, request).await;
        let ended = self.clock.monotonic();
        let outcome = match &result {
            Err(error) if error.kind.counts_against_health() => Outcome::Failed,
            Ok(_) | Err(_) => Outcome::Succeeded,
        };
        let breaker_state = {
            let mut breaker = lock(&self.breaker);
            breaker.report(permit, outcome, ended, policy);
            breaker.state_name()
        };
        if let Err(error) = &result {
            failure::count(self.partner, error.kind);
        }
        debug!(
            partner.name = self.partner.name(),
            partner.operation = call.operation,
            partner.breaker = breaker_state,
            partner.status = result.as_ref().ok().map(|reply| reply.status.as_u16()),
            partner.problem = result.as_ref().err().map(|error| error.kind.reason().code()),
            call.attempt = attempt,
            call.duration_ms = ended.saturating_sub(started).as_millis(),
            "asked {} to {}",
            self.partner,
            call.operation,
        );
        result
    }

    async fn exchange(&self, call: Call, request: RequestBuilder) -> Result<Reply, PartnerError> {
        let transport = |error: reqwest::Error| {
            let kind = match () {
                // Nothing was written yet, whether the time was up or not.
                () if error.is_connect() || error.is_builder() => PartnerErrorKind::Unreachable,
                () if error.is_timeout() => PartnerErrorKind::TimedOut,
                () => PartnerErrorKind::ConnectionLost,
            };
            // The address has the member's number in it.
            self.error(call.operation, kind, Some(error.without_url().into()))
        };
        let mut response = request.timeout(call.timeout).send().await.map_err(transport)?;
        let status = response.status();
        let trouble = match status {
            StatusCode::TOO_MANY_REQUESTS => Some(PartnerErrorKind::Overloaded { retry_after: retry_after(&response) }),
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Some(PartnerErrorKind::TimedOut),
            _ if status.is_server_error() => Some(PartnerErrorKind::Failed { status: status.as_u16() }),
            _ if status.is_redirection() || status.is_informational() => Some(PartnerErrorKind::AnswerUnexpected),
            _ => None,
        };
        if let Some(kind) = trouble {
            return Err(self.error(call.operation, kind, None));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if MAX_BODY_BYTES < body.len() + chunk.len() {
                return Err(self.error(call.operation, PartnerErrorKind::AnswerUnexpected, None));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, body, read_at: self.clock.now() })
    }
}

/// Only the form in seconds; partners have not been seen to send a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Jitter needs no secrecy; without randomness the full delay is waited.
fn random() -> u16 {
    let mut bytes = [u8::MAX; 2];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => u16::from_le_bytes(bytes),
        Err(_) => u16::MAX,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
