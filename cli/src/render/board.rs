//! Counts events into what stands on the screen.

use super::tree::{Resource, Stack, State, Tree};
use como_engine::code::Code;
use como_engine::event::Event;
use como_engine::plan::{Action, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// The state of a deployment or demolition as far as its events tell.
#[derive(Debug)]
pub(crate) struct Board {
    tree: Tree,
    /// Resources that are through, by stack: a resource that is deleted after a failure no longer counts.
    through: BTreeMap<String, BTreeSet<String>>,
}

impl Board {
    pub(crate) fn new(now: Instant) -> Self {
        Self { tree: Tree { stacks: Vec::new(), began: now }, through: BTreeMap::new() }
    }

    pub(crate) const fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn apply(&mut self, event: &Event, now: Instant) {
        if let Some(plan) = &event.about.plan {
            self.plan(plan);
        }
        let Some(name) = event.about.stack.as_deref() else { return };
        let through = self.through.entry(name.to_owned()).or_default();
        let Some(stack) = self.tree.stacks.iter_mut().find(|stack| stack.name == name) else { return };
        match event.code {
            Code::StackStarted | Code::StackJoined => {
                stack.state = State::Running;
                stack.began.get_or_insert(now);
                stack.remark.clear();
                if event.code == Code::StackJoined {
                    "joined".clone_into(&mut stack.remark);
                }
            }
            Code::StackStatus => {
                let status = event.about.status.as_deref().unwrap_or_default();
                if status.contains("ROLLBACK") && status.ends_with("IN_PROGRESS") {
                    stack.state = State::RollingBack;
                }
            }
            Code::ChangesKnown => stack.total = event.about.changes.len(),
            Code::StackCreated | Code::StackDeleted => end(stack, State::Done, now),
            Code::StackUpdated => {
                end(stack, State::Done, now);
                // What might have changed, and has not, was no work after all.
                stack.total = through.len();
            }
            Code::StackUnchanged | Code::StackAbsent => {
                end(stack, State::Unchanged, now);
                let remark = if event.code == Code::StackAbsent { "was not there" } else { "no changes" };
                remark.clone_into(&mut stack.remark);
            }
            Code::StackFailed => {
                end(stack, State::Failed, now);
                let cause = event.about.causes.first().and_then(|cause| cause.reason.as_deref());
                cause.or(event.about.reason.as_deref()).unwrap_or_default().clone_into(&mut stack.remark);
            }
            Code::StackNotStarted => {
                let by = event.about.blocked_by.as_deref().unwrap_or_default();
                stack.state = State::Waiting;
                stack.remark = format!("not started: {by} failed");
            }
            Code::ResourceInProgress => {
                if let Some(id) = event.about.path.as_deref().or(event.about.logical_id.as_deref())
                    && stack.active.iter().all(|resource| resource.name != id)
                {
                    let kind = event.about.resource_type.clone().unwrap_or_default();
                    stack.active.push(Resource { name: id.to_owned(), kind, began: now });
                }
            }
            Code::ResourceComplete | Code::ResourceFailed | Code::ResourceCancelled | Code::ResourceKept => {
                if let Some(id) = event.about.path.as_deref().or(event.about.logical_id.as_deref()) {
                    stack.active.retain(|resource| resource.name != id);
                    let is_through = matches!(event.code, Code::ResourceComplete | Code::ResourceKept);
                    if is_through && stack.state != State::RollingBack {
                        through.insert(id.to_owned());
                    } else {
                        through.remove(id);
                    }
                }
            }
            _ => {}
        }
        if stack.state != State::Unchanged {
            stack.done = through.len().min(stack.total);
        }
    }

    fn plan(&mut self, plan: &Plan) {
        self.tree.stacks = plan
            .stacks
            .iter()
            .map(|planned| Stack {
                name: planned.name.clone(),
                state: if planned.action.is_needed() { State::Waiting } else { State::Unchanged },
                done: if planned.action == Action::Keep { planned.resources } else { 0 },
                total: if planned.action == Action::Update { planned.changes.len() } else { planned.resources },
                began: None,
                ended: None,
                active: Vec::new(),
                remark: match planned.action {
                    Action::Keep => "no changes".to_owned(),
                    Action::Gone => "was not there".to_owned(),
                    _ if planned.after.is_empty() => String::new(),
                    _ => format!("after {}", planned.after.join(", ")),
                },
            })
            .collect();
    }
}

fn end(stack: &mut Stack, state: State, now: Instant) {
    stack.state = state;
    stack.active.clear();
    stack.remark.clear();
    if stack.began.is_some() {
        stack.ended = Some(now);
    }
}
