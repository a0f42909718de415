//! A host that writes everything down, and the engine as the tests run it.

use crate::cloud::FakeCloud;
use async_trait::async_trait;
use como_core::assembly::Assembly;
use como_engine::attempt::AttemptId;
use como_engine::clock::Clock;
use como_engine::deploy::{DeployError, DeployRequest, PER_REGION, deploy};
use como_engine::destroy::{AccountWide, DestroyRequest, destroy};
use como_engine::event::Event;
use como_engine::host::{Answer, Consent, Host, Question};
use como_engine::pace::Pace;
use como_engine::plan::Plan;
use como_engine::port::Ports;
use como_engine::report::{DeployReport, DestroyReport};
use como_engine::step::Step;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Mutex;
use tokio::time::Instant;

/// Stands still; the events' own times are not looked at.
pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

pub(crate) struct Recorder {
    start: Instant,
    pub(crate) answer: Answer,
    pub(crate) events: Mutex<Vec<(u64, Event)>>,
    pub(crate) asked: Mutex<Vec<Plan>>,
}

impl Recorder {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { start: Instant::now(), answer, events: Mutex::default(), asked: Mutex::default() }
    }

    /// One line for each event: second, code, stack, resource, status, reason.
    pub(crate) fn story(&self) -> String {
        let mut story = String::new();
        for (second, event) in self.events.lock().unwrap().iter() {
            let about = &event.about;
            write!(story, "{second:>3} {}", event.code.as_str()).unwrap();
            let words = [&about.stack, &about.logical_id, &about.status, &about.reason, &about.blocked_by, &about.key];
            for word in words.into_iter().flatten() {
                write!(story, " | {word}").unwrap();
            }
            if let Some(action) = about.action {
                write!(story, " | {action:?}").unwrap();
            }
            if let Some(outcome) = about.outcome {
                write!(story, " | {outcome}").unwrap();
            }
            story.push('\n');
        }
        story
    }
}

#[async_trait]
impl Host for Recorder {
    fn notify(&self, event: &Event) {
        self.events.lock().unwrap().push((self.start.elapsed().as_secs(), event.clone()));
    }

    async fn confirm(&self, question: &Question<'_>) -> Answer {
        self.asked.lock().unwrap().push(question.plan.clone());
        self.answer
    }
}

/// A run of the engine.
pub(crate) struct Runner<'r> {
    pub(crate) cloud: &'r FakeCloud,
    pub(crate) host: Recorder,
    pub(crate) attempt: &'r str,
    pub(crate) consent: Consent,
    pub(crate) steps: Vec<Step>,
    pub(crate) allow_replace: BTreeSet<String>,
    pub(crate) supplied: BTreeMap<String, String>,
}

impl<'r> Runner<'r> {
    pub(crate) fn new(cloud: &'r FakeCloud, attempt: &'r str) -> Self {
        let host = Recorder::new(Answer::Yes);
        let (steps, allow_replace, supplied) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Self { cloud, host, attempt, consent: Consent::Given, steps, allow_replace, supplied }
    }

    pub(crate) fn asking(cloud: &'r FakeCloud, attempt: &'r str, answer: Answer) -> Self {
        Self { host: Recorder::new(answer), consent: Consent::Ask, ..Self::new(cloud, attempt) }
    }

    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports {
            cloud: self.cloud,
            services: self.cloud,
            configuration: self.cloud,
            buckets: self.cloud,
            distributions: self.cloud,
            security_groups: self.cloud,
            host: &self.host,
            clock: &StoppedClock,
            pace: Pace::aws(),
        }
    }

    pub(crate) async fn try_deploy(&self, assembly: &Assembly) -> Result<DeployReport, DeployError> {
        let attempt = AttemptId::try_from(self.attempt.to_owned()).unwrap();
        let request = DeployRequest {
            assembly,
            attempt: &attempt,
            consent: self.consent,
            allow_replace: &self.allow_replace,
            steps: &self.steps,
            supplied: &self.supplied,
            per_region: PER_REGION,
        };
        deploy(self.ports(), request).await
    }

    pub(crate) async fn deploy(&self, assembly: &Assembly) -> DeployReport {
        self.try_deploy(assembly).await.unwrap()
    }

    pub(crate) async fn destroy(&self, assembly: &Assembly) -> DestroyReport {
        let attempt = AttemptId::try_from(self.attempt.to_owned()).unwrap();
        let account_wide = AccountWide::DeleteWithLast;
        let request =
            DestroyRequest { assembly, attempt: &attempt, consent: self.consent, per_region: PER_REGION, account_wide };
        destroy(self.ports(), request).await.unwrap()
    }
}
