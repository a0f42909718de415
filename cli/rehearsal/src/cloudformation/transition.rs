//! What an update keeps until it can no longer be rolled back.

use super::definition::Definition;
use super::graph;
use super::stack::{Phase, ResourceRecord, Stack};
use super::template::{DeletionPolicy, Template};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// From the first update after a stable state until the next stable state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Transition {
    /// The last stable state; None for a stack that was never complete.
    pub before: Option<Definition>,
    pub disable_rollback: bool,
    /// Holds instead of the stack's own policy.
    pub policy: Option<String>,
    /// Whether the way back has been prepared.
    pub is_back: bool,
    /// How many events the stack had then.
    #[serde(default)]
    pub turned_after: usize,
}

/// What the operations since the last stable state did to a resource.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) enum Change {
    #[default]
    None,
    Created,
    Changed(Box<Before>),
    /// Not in the template any more; removed at the end.
    Leaving,
}

/// A resource as it was in the last stable state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Before {
    pub physical_id: String,
    pub generation: u32,
    pub attributes: BTreeMap<String, Value>,
    pub properties: Map<String, Value>,
    /// Properties before the change that is under way, which need not be those of the stable state.
    pub latest: Map<String, Value>,
    /// Its type had the old resource deleted before the new one was created.
    pub is_gone: bool,
    /// The generation in which one that is gone comes back.
    #[serde(default)]
    pub comes_back_as: Option<u32>,
    /// The stack's tags that it had, in the stable state and before the change that is under way.
    #[serde(default)]
    pub tags: Vec<(String, String)>,
    #[serde(default)]
    pub latest_tags: Vec<(String, String)>,
}

/// A physical resource without a place in the stack any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Leftover {
    pub logical_id: String,
    pub resource_type: String,
    pub physical_id: String,
    pub properties: Map<String, Value>,
    /// By its policy.
    pub is_kept: bool,
    /// Logical ids of others that have to go first.
    pub after: Vec<String>,
}

impl Transition {
    fn new(before: Option<Definition>) -> Self {
        Self { before, disable_rollback: false, policy: None, is_back: false, turned_after: 0 }
    }
}

impl ResourceRecord {
    pub(crate) fn was_replaced(&self, before: &Before) -> bool {
        self.physical_id.as_deref() != Some(before.physical_id.as_str())
    }

    /// Remembers the stable state, unless an update before this one has.
    pub(crate) fn remember(&mut self) {
        let Some(physical_id) = self.physical_id.clone() else { return };
        match &mut self.change {
            Change::None => {
                self.change = Change::Changed(Box::new(Before {
                    physical_id,
                    generation: self.generation,
                    attributes: self.attributes.clone(),
                    properties: self.properties.clone(),
                    latest: self.properties.clone(),
                    is_gone: false,
                    comes_back_as: None,
                    tags: self.tags.clone(),
                    latest_tags: self.tags.clone(),
                }));
            }
            Change::Changed(before) => {
                before.latest.clone_from(&self.properties);
                before.latest_tags.clone_from(&self.tags);
            }
            Change::Created | Change::Leaving => {}
        }
    }

    pub(crate) fn leftover(&self, logical_id: &str, is_kept: bool) -> Option<Leftover> {
        Some(Leftover {
            logical_id: logical_id.to_owned(),
            resource_type: self.resource_type.clone(),
            physical_id: self.physical_id.clone()?,
            properties: self.properties.clone(),
            is_kept,
            after: Vec::new(),
        })
    }
}

impl Stack {
    /// Takes on a new definition. A stack that was stable can go back to what it was.
    pub(crate) fn begin_transition(
        &mut self,
        definition: Definition,
        template: &Template,
        disable_rollback: bool,
        policy: Option<String>,
    ) {
        let was_created = self.status != Phase::CreateFailed;
        let before = was_created.then(|| Definition::of(self));
        let transition = self.transition.get_or_insert_with(|| Transition::new(before));
        transition.disable_rollback = disable_rollback;
        transition.policy = policy;
        let outputs = std::mem::take(&mut self.outputs);
        self.adopt(definition);
        // The old outputs are shown until there are new ones.
        self.outputs = outputs;
        for (id, declaration) in &template.resources {
            let is_wanted = graph::is_wanted(declaration, &self.conditions);
            match self.resources.get_mut(id) {
                Some(record) if is_wanted && matches!(record.change, Change::Leaving) => record.change = Change::None,
                None if is_wanted => {
                    let resource_type = declaration.resource_type.clone();
                    let record = ResourceRecord { resource_type, change: Change::Created, ..ResourceRecord::default() };
                    self.resources.insert(id.clone(), record);
                }
                _ => {}
            }
        }
        let conditions = &self.conditions;
        for (id, record) in &mut self.resources {
            let is_wanted =
                template.resources.get(id).is_some_and(|declaration| graph::is_wanted(declaration, conditions));
            if !is_wanted && matches!(record.change, Change::None) {
                record.change = Change::Leaving;
            }
        }
    }

    /// The update has done all it had to: from here on there is no way back, and what is not needed any more goes.
    pub(crate) fn complete_transition(&mut self, template: &Template) {
        let before = self.transition.take().and_then(|transition| transition.before);
        let old = before.as_ref().and_then(|before| Template::parse(&before.template_body).ok());
        let mut leftovers = std::mem::take(&mut self.leftovers);
        let mut absent = Vec::new();
        for (id, record) in &mut self.resources {
            let wanted = template.resources.get(id);
            let is_wanted = wanted.is_some_and(|declaration| graph::is_wanted(declaration, &self.conditions));
            match std::mem::take(&mut record.change) {
                Change::Changed(before) if is_wanted => {
                    let policy = wanted.map_or(DeletionPolicy::Delete, |wanted| wanted.update_replace_policy);
                    if record.was_replaced(&before) && !before.is_gone {
                        leftovers.push(before.leftover(id, &record.resource_type, policy == DeletionPolicy::Retain));
                    }
                }
                change if !is_wanted => {
                    if let Change::Changed(before) = change
                        && record.was_replaced(&before)
                        && !before.is_gone
                    {
                        leftovers.push(before.leftover(id, &record.resource_type, false));
                    }
                    let policy = old.as_ref().and_then(|old| old.resources.get(id));
                    let policy = policy.map_or(DeletionPolicy::Delete, |declared| declared.deletion_policy);
                    let is_kept = matches!(policy, DeletionPolicy::Retain | DeletionPolicy::RetainExceptOnCreate);
                    match record.leftover(id, is_kept) {
                        Some(leftover) => leftovers.push(leftover),
                        None => absent.push(id.clone()),
                    }
                }
                _ => {}
            }
        }
        for id in absent {
            self.forget(&id);
        }
        if let (Some(old), Some(before)) = (&old, &before) {
            put_in_order(&mut leftovers, old, &before.conditions);
        }
        self.leftovers = leftovers;
    }

    /// Goes back to the stable definition. What was made since goes at the end.
    pub(crate) fn turn_back(&mut self) {
        let Some(transition) = &mut self.transition else { return };
        if std::mem::replace(&mut transition.is_back, true) {
            return;
        }
        transition.turned_after = self.events.len();
        let before = transition.before.clone();
        let keeps_new = !self.terms.retain_except_on_create;
        let failed = Template::parse(&self.template_body).ok();
        let mut leftovers = std::mem::take(&mut self.leftovers);
        for (id, record) in &mut self.resources {
            let policy = failed.as_ref().and_then(|failed| failed.resources.get(id));
            let is_kept =
                keeps_new && policy.is_some_and(|declared| declared.deletion_policy == DeletionPolicy::Retain);
            match &record.change {
                Change::Created => leftovers.extend(record.leftover(id, is_kept || record.import.is_some())),
                Change::Changed(before) if record.was_replaced(before) => leftovers.extend(record.leftover(id, false)),
                Change::Leaving => record.change = Change::None,
                Change::None | Change::Changed(_) => {}
            }
        }
        if let Some(failed) = &failed {
            put_in_order(&mut leftovers, failed, &self.conditions);
        }
        self.leftovers = leftovers;
        if let Some(before) = before {
            self.adopt(before);
        }
        let unmade: Vec<String> = self
            .resources
            .iter()
            .filter(|(_, record)| matches!(record.change, Change::Created) && record.status.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        for id in unmade {
            self.forget(&id);
        }
    }

    /// A stack that is deleted leaves nothing of a half-done update.
    pub(crate) fn drop_transition(&mut self) {
        self.transition = None;
        for (id, record) in &mut self.resources {
            if let Change::Changed(before) = std::mem::take(&mut record.change)
                && record.was_replaced(&before)
                && !before.is_gone
            {
                self.leftovers.push(before.leftover(id, &record.resource_type, false));
            }
        }
    }

    pub(crate) fn forget(&mut self, id: &str) {
        if let Some(record) = self.resources.shift_remove(id) {
            let last = self.generations.entry(id.to_owned()).or_default();
            *last = (*last).max(record.generation);
        }
    }

    /// A number that no resource of this logical id has had.
    pub(crate) fn fresh_generation(&mut self, id: &str) -> u32 {
        let exists = self.resources.get(id).is_some_and(|record| record.physical_id.is_some());
        let last = self.generations.get(id).copied().or_else(|| exists.then_some(0));
        let next = last.map_or(0, |last| last + 1);
        self.generations.insert(id.to_owned(), next);
        next
    }
}

impl Before {
    fn leftover(&self, logical_id: &str, resource_type: &str, is_kept: bool) -> Leftover {
        Leftover {
            logical_id: logical_id.to_owned(),
            resource_type: resource_type.to_owned(),
            physical_id: self.physical_id.clone(),
            properties: self.properties.clone(),
            is_kept,
            after: Vec::new(),
        }
    }
}

/// Each after those that depended on it.
fn put_in_order(leftovers: &mut [Leftover], template: &Template, conditions: &super::conditions::Conditions) {
    let dependants = graph::reversed(&graph::dependencies(template, conditions));
    for leftover in leftovers {
        if let Some(others) = dependants.get(&leftover.logical_id) {
            leftover.after = others.iter().cloned().collect();
        }
    }
}
