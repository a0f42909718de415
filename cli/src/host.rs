//! The engine's host: shows its events, asks its question.

use crate::output::Screen;
use crate::render::live::Live;
use crate::render::{lines, report};
use async_trait::async_trait;
use clap::ValueEnum;
use como_engine::code::Code;
use como_engine::event::{Event, Operation};
use como_engine::host::{Answer, Host, Question};
use como_engine::plan::{Action, Plan};
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// How events are shown while an operation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Events {
    /// A live tree on a terminal, otherwise a line for each event
    Auto,
    /// A line for each event
    Lines,
    /// A JSON object for each event, on standard error
    Ndjson,
    /// Only what failed
    Errors,
}

#[derive(Debug)]
pub(crate) struct Terminal {
    screen: Screen,
    view: View,
    /// What the operation works on, for the question.
    place: String,
    /// The plan stands on the screen already.
    shown: AtomicBool,
}

#[derive(Debug)]
enum View {
    /// The tree appears with the first stack that starts, so that it never stands behind a question.
    Tree(Box<Mutex<Tree>>),
    Lines,
    Ndjson,
    Errors,
}

#[derive(Debug, Default)]
struct Tree {
    plan: Option<Event>,
    live: Option<Live>,
}

impl Terminal {
    pub(crate) fn new(screen: &Screen, events: Events, place: String) -> Self {
        let view = match events {
            Events::Auto if screen.is_live() => View::Tree(Box::default()),
            Events::Auto | Events::Lines => View::Lines,
            Events::Ndjson => View::Ndjson,
            Events::Errors => View::Errors,
        };
        Self { screen: screen.clone(), view, place, shown: AtomicBool::new(false) }
    }

    fn plan(&self, plan: &Plan) {
        if !self.shown.swap(true, Ordering::Relaxed) {
            self.screen.say(&report::plan(plan));
        }
    }

    fn errors(&self, event: &Event) {
        if matches!(event.code, Code::ResourceFailed | Code::StackFailed | Code::Refused)
            && let Some(line) = lines::line(event)
        {
            self.screen.say(&line);
        }
    }
}

#[async_trait]
impl Host for Terminal {
    fn notify(&self, event: &Event) {
        // Where nobody is asked, what changes is said all the same.
        if let (Some(plan), View::Tree(_) | View::Lines) = (&event.about.plan, &self.view)
            && plan.stacks.iter().any(|stack| stack.action == Action::Update)
        {
            self.plan(plan);
        }
        match &self.view {
            View::Tree(tree) => {
                let mut tree = tree.lock().unwrap_or_else(PoisonError::into_inner);
                match (&tree.live, event.code) {
                    (Some(live), _) => live.event(event),
                    (None, Code::PlanReady) => tree.plan = Some(event.clone()),
                    (None, Code::StackStarted | Code::StackJoined) => {
                        let live = Live::start(&self.screen);
                        if let Some(plan) = tree.plan.take() {
                            live.event(&plan);
                        }
                        live.event(event);
                        tree.live = Some(live);
                    }
                    (None, _) => {}
                }
            }
            View::Lines => {
                if let Some(line) = lines::line(event) {
                    self.screen.say(&line);
                }
            }
            View::Ndjson => {
                if let Ok(line) = serde_json::to_string(event) {
                    self.screen.say(&line);
                }
            }
            View::Errors => self.errors(event),
        }
    }

    async fn confirm(&self, question: &Question<'_>) -> Answer {
        self.plan(question.plan);
        let verb = match question.operation {
            Operation::Deploy => "Deploy this to",
            Operation::Destroy => "Destroy this in",
            Operation::Status => "Look at",
        };
        let prompt = format!("{verb} {}? [y/N] ", self.place);
        if says_yes(prompt).await { Answer::Yes } else { Answer::No }
    }
}

/// Asks on the terminal; anything but a yes is a no.
pub(crate) async fn says_yes(prompt: String) -> bool {
    let answered = tokio::task::spawn_blocking(move || {
        let mut stderr = std::io::stderr();
        let _nobody_reads_it = stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush());
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.map(|_| answer.trim().to_ascii_lowercase())
    });
    matches!(answered.await, Ok(Ok(answer)) if answer == "y" || answer == "yes")
}
