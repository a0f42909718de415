//! Deeds that reach beyond the faults' own book: links between regions, and tasks' processes.

use super::engine::{Faults, Occasion};
use super::script::{Action, All, TaskChoice};
use crate::hosting::Hosted;
use crate::process::{Child, spawn};
use crate::status::TaskSummary;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The links between regions, as fault scripts change them.
pub trait Links: Send + Sync {
    /// From a region to another, one way. The change reaches the disk before this returns.
    fn change(&self, from: &str, to: &str, change: LinkChange) -> Result<(), LinkError>;
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LinkChange {
    Cut,
    Heal,
    Lag {
        lag: Duration,
        spread: Duration,
    },
    /// As if no fault had ever changed it.
    Reset,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct LinkError(pub String);

pub(super) struct Deed {
    pub id: u64,
    pub action: Action,
}

/// A stopped process, and who wakes it.
struct Paused {
    service: String,
    region: String,
    pid: Pid,
    until: Option<Instant>,
    /// A stopped process cannot see that the supervisor was killed; this one can, and wakes it so that it exits.
    _guard: Option<Child>,
}

impl Drop for Paused {
    fn drop(&mut self) {
        let _may_be_gone = kill_process(self.pid, Signal::CONT);
    }
}

impl Faults {
    /// Does what falls due, until told to stop; then paused tasks go on, so that they can end.
    pub async fn serve(self: Arc<Self>, hosted: Arc<dyn Hosted>, stop: CancellationToken) {
        let Some(mut inbox) = self.take_inbox() else { return };
        let mut paused: Vec<Paused> = Vec::new();
        loop {
            let wake = paused.iter().filter_map(|one| one.until).min();
            let due = self.next_due().map(|wait| Instant::now() + wait);
            let next = [wake, due].into_iter().flatten().min();
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.timetable.notified() => {}
                () = sleep_until(next) => {
                    let now = Instant::now();
                    paused.retain(|one| one.until.is_none_or(|until| now < until));
                    self.happen(Occasion::Time);
                }
                deed = inbox.recv() => match deed {
                    Some(deed) => self.carry_out_one(deed, hosted.as_ref(), &mut paused).await,
                    None => return,
                },
            }
        }
    }

    async fn carry_out_one(&self, deed: Deed, hosted: &dyn Hosted, paused: &mut Vec<Paused>) {
        let Deed { id, action } = deed;
        let result = match &action {
            Action::PauseTask { service, region, task, seconds } => {
                let tasks = hosted.status().await.tasks;
                let until = seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
                let chosen = chosen(&tasks, service.as_deref(), region.as_deref(), *task);
                let stopped: Vec<Paused> = chosen.iter().filter_map(|(task, pid)| pause(task, *pid, until)).collect();
                let found = !stopped.is_empty();
                paused.extend(stopped);
                if found { Ok(()) } else { Err("no running task matches".to_owned()) }
            }
            Action::KillTask { service, region, task } => {
                let tasks = hosted.status().await.tasks;
                let chosen = chosen(&tasks, service.as_deref(), region.as_deref(), *task);
                for (_, pid) in &chosen {
                    let _may_be_gone = kill_process(*pid, Signal::KILL);
                }
                if chosen.is_empty() { Err("no running task matches".to_owned()) } else { Ok(()) }
            }
            Action::ResumeTask { service, region } => {
                let matches = |one: &Paused| {
                    service.as_ref().is_none_or(|service| *service == one.service)
                        && region.as_ref().is_none_or(|region| *region == one.region)
                };
                paused.retain(|one| !matches(one));
                Ok(())
            }
            other => self.change_links(other),
        };
        if let Err(problem) = result {
            self.note_problem(id, problem);
        }
    }

    fn change_links(&self, action: &Action) -> Result<(), String> {
        let Some((from, to, one_way, change)) = link_change(action) else { return Ok(()) };
        let links = self.links.get().ok_or("there are no links")?;
        links.change(from, to, change).map_err(|error| error.to_string())?;
        if one_way { Ok(()) } else { links.change(to, from, change).map_err(|error| error.to_string()) }
    }
}

impl Action {
    pub(super) fn is_of_links(&self) -> bool {
        link_change(self).is_some()
    }

    /// What takes a deed back, where that can be.
    pub(super) fn undone(&self) -> Option<Self> {
        match self {
            Self::KillRegion { region, plane } => Some(Self::ReviveRegion { region: region.clone(), plane: *plane }),
            Self::CutLink { from, to, one_way } | Self::LagLink { from, to, one_way, .. } => {
                Some(Self::ResetLink { from: from.clone(), to: to.clone(), one_way: *one_way })
            }
            Self::PauseTask { service, region, .. } => {
                Some(Self::ResumeTask { service: service.clone(), region: region.clone() })
            }
            _ => None,
        }
    }
}

fn link_change(action: &Action) -> Option<(&str, &str, bool, LinkChange)> {
    let (from, to, one_way, change) = match action {
        Action::CutLink { from, to, one_way } => (from, to, one_way, LinkChange::Cut),
        Action::HealLink { from, to, one_way } => (from, to, one_way, LinkChange::Heal),
        Action::ResetLink { from, to, one_way } => (from, to, one_way, LinkChange::Reset),
        Action::LagLink { from, to, one_way, seconds, spread_seconds } => {
            let (lag, spread) = (Duration::from_secs_f64(*seconds), Duration::from_secs_f64(*spread_seconds));
            (from, to, one_way, LinkChange::Lag { lag, spread })
        }
        _ => return None,
    };
    Some((from, to, *one_way, change))
}

fn chosen<'a>(
    tasks: &'a [TaskSummary],
    service: Option<&str>,
    region: Option<&str>,
    choice: Option<TaskChoice>,
) -> Vec<(&'a TaskSummary, Pid)> {
    let matching = tasks
        .iter()
        .filter(|task| service.is_none_or(|service| service == task.service))
        .filter(|task| region.is_none_or(|region| region == task.region))
        .filter_map(|task| Some((task, Pid::from_raw(i32::try_from(task.pid?).ok()?)?)));
    match choice.unwrap_or(TaskChoice::Number(1)) {
        TaskChoice::All(All::All) => matching.collect(),
        TaskChoice::Number(number) => matching.skip(number.saturating_sub(1)).take(1).collect(),
    }
}

fn pause(task: &TaskSummary, pid: Pid, until: Option<Instant>) -> Option<Paused> {
    let script = format!("cat >/dev/null; kill -CONT {}", pid.as_raw_nonzero());
    let guard = spawn(Path::new("/bin/sh"), &["-c".to_owned(), script], [], Path::new("/dev/null"));
    let guard = guard.inspect_err(|error| {
        tracing::warn!(error = error as &dyn std::error::Error, "a paused task has nobody to wake it");
    });
    kill_process(pid, Signal::STOP).ok()?;
    tracing::info!(task.id = task.task_id, "paused task {} of {}", task.task_id, task.service);
    let (service, region) = (task.service.clone(), task.region.clone());
    Some(Paused { service, region, pid, until, _guard: guard.ok() })
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
