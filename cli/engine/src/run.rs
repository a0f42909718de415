//! One running operation: its ports, its voice, its patience with calls that fail.

use crate::code::Code;
use crate::error::CloudError;
use crate::event::{About, Event, Operation, SCHEMA};
use crate::pace::Limiter;
use crate::port::Ports;
use como_core::assembly::{Assembly, StackArtifact};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a call is made before its failure counts, by how it fails.
const THROTTLED_TRIES: u32 = 10;
const LOST_TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

pub(crate) struct Run<'a> {
    pub(crate) ports: Ports<'a>,
    pub(crate) operation: Operation,
    started: Instant,
    limiters: BTreeMap<String, Limiter>,
}

/// The stack that work is being done on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    pub(crate) region: &'a str,
    /// Construct path by logical id.
    pub(crate) paths: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a StackArtifact> for Subject<'a> {
    fn from(artifact: &'a StackArtifact) -> Self {
        Self { name: &artifact.name, region: &artifact.region, paths: &artifact.paths }
    }
}

impl Subject<'_> {
    pub(crate) fn about(&self) -> About {
        About { region: Some(self.region.to_owned()), stack: Some(self.name.to_owned()), ..About::default() }
    }
}

impl<'a> Run<'a> {
    pub(crate) fn new(ports: Ports<'a>, operation: Operation, assembly: &Assembly) -> Self {
        let limiters = assembly.stacks.iter().map(|stack| (stack.region.clone(), Limiter::new(ports.pace))).collect();
        Self { ports, operation, started: Instant::now(), limiters }
    }

    pub(crate) fn tell(&self, code: Code, about: About) {
        let event = Event { schema: SCHEMA, ts: self.ports.clock.now(), code, operation: self.operation, about };
        self.ports.host.notify(&event);
    }

    /// The last word of every operation; answers how long it took.
    pub(crate) fn finish(&self, outcome: &'static str) -> u64 {
        let duration_ms = milliseconds(self.started);
        let about = About { outcome: Some(outcome), duration_ms: Some(duration_ms), ..About::default() };
        self.tell(Code::OperationFinished, about);
        duration_ms
    }

    /// Waits until the region may be asked how it is getting on.
    pub(crate) async fn turn(&self, region: &str) {
        if let Some(limiter) = self.limiters.get(region) {
            limiter.acquire().await;
        }
    }

    /// Makes a call, and makes it again as long as that may help.
    pub(crate) async fn call<T, F>(&self, subject: Option<Subject<'_>>, call: F) -> Result<T, CloudError>
    where
        F: AsyncFn() -> Result<T, CloudError>,
    {
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tries += 1;
            let limit = match &error {
                CloudError::Throttled(_) => THROTTLED_TRIES,
                error if error.retryable() => LOST_TRIES,
                _ => 1,
            };
            if limit <= tries {
                return Err(error);
            }
            self.tell_retry(subject, &error);
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    pub(crate) fn tell_retry(&self, subject: Option<Subject<'_>>, error: &CloudError) {
        let about = subject.map(|subject| subject.about()).unwrap_or_default();
        self.tell(Code::CallRetried, About { reason: Some(error.to_string()), ..about });
    }
}

pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
