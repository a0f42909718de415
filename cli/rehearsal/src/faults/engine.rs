//! Keeps the faults, and decides at each call, resource, step and moment what strikes.

use super::book::{Book, Entry, FaultStatus};
use super::deeds::{Deed, Links};
use super::outages::Outages;
use super::script::{Action, Fault, Script};
use super::terms::{ResourceMoment, Trigger};
use crate::clock::Clock;
use crate::services::StoreError;
use crate::services::store::Store;
use jiff::Timestamp;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{Notify, mpsc};

#[derive(Debug, Error)]
pub enum FaultError {
    #[error("the faults cannot be followed:\n{}", .0.join("\n"))]
    Problems(Vec<String>),
    #[error("there is no fault {0}")]
    Unknown(u64),
    #[error("could not keep the faults")]
    Keep(#[from] StoreError),
}

/// Every fault of this rehearsal.
pub struct Faults {
    store: Store<Book>,
    outages: Outages,
    clock: Arc<Clock>,
    pub(super) links: OnceLock<Arc<dyn Links>>,
    deeds: mpsc::UnboundedSender<Deed>,
    /// Taken by the task that does them.
    pub(super) inbox: Mutex<Option<mpsc::UnboundedReceiver<Deed>>>,
    /// Something with a time was added.
    pub(super) timetable: Notify,
}

/// What happens in the cloud, as faults see it.
#[derive(Clone, Copy)]
pub(super) enum Occasion<'a> {
    Call { region: &'a str, service: &'a str, operation: &'a str },
    Resource(ResourceMoment<'a>),
    Step(&'a str),
    Time,
}

/// A fault that has struck.
pub(super) struct Struck {
    pub action: Action,
    /// From 0 to 1.
    pub spread: f64,
}

impl Faults {
    /// Takes over what an earlier supervisor left; dead regions stay dead.
    pub fn open(dir: &Path, clock: Arc<Clock>) -> Result<Arc<Self>, StoreError> {
        let store: Store<Book> = Store::open(dir.join("faults.json"))?;
        let outages = Outages::default();
        outages.set(store.read(|book| book.outages.clone()));
        let (deeds, inbox) = mpsc::unbounded_channel();
        Ok(Arc::new(Self {
            store,
            outages,
            clock,
            links: OnceLock::new(),
            deeds,
            inbox: Mutex::new(Some(inbox)),
            timetable: Notify::new(),
        }))
    }

    pub fn outages(&self) -> &Outages {
        &self.outages
    }

    /// Who changes links; without it faults of links are refused. Only the first counts.
    pub fn connect_links(&self, links: Arc<dyn Links>) {
        let _only_the_first = self.links.set(links);
    }

    /// Adds the faults of a script, and returns their numbers. What waits for nothing happens at once.
    pub fn add(&self, script: Script) -> Result<Vec<u64>, FaultError> {
        let mut problems = script.problems();
        if self.links.get().is_none() {
            let links = script.faults.iter().enumerate().filter(|(_, fault)| fault.action.is_of_links());
            problems.extend(links.map(|(index, _)| {
                format!("  fault {}: the rehearsal cloud has no links between regions to change", index + 1)
            }));
        }
        if !problems.is_empty() {
            return Err(FaultError::Problems(problems));
        }
        let now = Timestamp::now();
        let mut deeds = Vec::new();
        let ids = self.store.change(|book| {
            let mut ids = Vec::new();
            for fault in script.faults {
                book.last += 1;
                let id = book.last;
                ids.push(id);
                let mut entry = self.entry(script.seed, fault, now);
                if entry.armed && entry.fault.action.is_deed() {
                    deeds.extend(perform(book, id, &mut entry));
                }
                book.entries.insert(id, entry);
            }
            Ok::<_, FaultError>(ids)
        })?;
        self.carry_out(deeds);
        self.timetable.notify_one();
        Ok(ids)
    }

    pub fn list(&self) -> Vec<FaultStatus> {
        self.store.read(|book| book.entries.iter().map(|(id, entry)| entry.status(*id)).collect())
    }

    /// Takes back one fault, or all of them: what they killed, cut and paused works again.
    pub fn clear(&self, id: Option<u64>) -> Result<(), FaultError> {
        let mut deeds = Vec::new();
        self.store.change(|book| {
            let gone = match id {
                None => std::mem::take(&mut book.entries),
                Some(id) => book.entries.remove(&id).map(|entry| (id, entry)).into_iter().collect(),
            };
            if let (Some(id), true) = (id, gone.is_empty()) {
                return Err(FaultError::Unknown(id));
            }
            if id.is_none() {
                book.outages.clear();
            }
            for (id, entry) in gone.into_iter().filter(|(_, entry)| 0 < entry.struck) {
                if let Some(action) = entry.fault.action.undone() {
                    deeds.extend(apply(book, id, action));
                }
            }
            Ok(())
        })?;
        self.carry_out(deeds);
        Ok(())
    }

    /// A step of a drill has been reached.
    pub fn announce(&self, step: &str) {
        self.happen(Occasion::Step(step));
    }

    /// Counts the occasion for every fault, does what is to be done once, and returns what strikes the occasion itself.
    pub(super) fn happen(&self, occasion: Occasion<'_>) -> Vec<Struck> {
        let now = Timestamp::now();
        // Nearly all calls concern no fault, and must not wait for the disk.
        if !self.store.read(|book| book.entries.values().any(|entry| entry.concerns(occasion, now))) {
            return Vec::new();
        }
        let (mut struck, mut deeds) = (Vec::new(), Vec::new());
        let kept = self.store.change(|book| {
            let ids: Vec<u64> = book.entries.keys().copied().collect();
            for id in ids {
                let Some(mut entry) = book.entries.get(&id).cloned() else { continue };
                if !entry.concerns(occasion, now) {
                    continue;
                }
                if entry.fault.action.is_deed() {
                    // A time or a step comes once; calls and resources are counted.
                    let counted = matches!(occasion, Occasion::Call { .. } | Occasion::Resource(_));
                    if !counted || entry.count(id) {
                        deeds.extend(perform(book, id, &mut entry));
                    }
                } else {
                    entry.armed = true;
                    if occasion.is_struck_by(&entry.fault.action) && entry.count(id) {
                        struck.push(Struck { action: entry.fault.action.clone(), spread: entry.spread(id) });
                    }
                }
                book.entries.insert(id, entry);
            }
            Ok::<_, StoreError>(())
        });
        if let Err(error) = kept {
            tracing::error!(error = &error as &dyn std::error::Error, "could not keep what a fault has done");
        }
        self.carry_out(deeds);
        struck
    }

    /// How long until something that waits for a time is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let due = self.store.read(|book| {
            let waiting = book.entries.values().filter(|entry| !entry.spent && entry.fault.action.is_deed());
            waiting.filter_map(|entry| entry.due).min()
        })?;
        Some(Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default())
    }

    pub(super) fn note_problem(&self, id: u64, problem: String) {
        tracing::warn!(fault.id = id, problem, "fault {id} could not be carried out: {problem}");
        let kept = self.store.change(|book| {
            if let Some(entry) = book.entries.get_mut(&id) {
                entry.problem = Some(problem);
            }
            Ok::<_, StoreError>(())
        });
        if let Err(error) = kept {
            tracing::error!(error = &error as &dyn std::error::Error, "could not keep a fault's problem");
        }
    }

    pub(super) fn take_inbox(&self) -> Option<mpsc::UnboundedReceiver<Deed>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn entry(&self, seed: u64, fault: Fault, now: Timestamp) -> Entry {
        let seconds = match fault.terms.when {
            Some(Trigger::After(seconds)) => Some(Duration::from_secs_f64(seconds)),
            Some(Trigger::AfterSimulated(seconds)) => Some(self.clock.wall(Duration::from_secs_f64(seconds))),
            _ => None,
        };
        Entry {
            seed,
            due: seconds.map(|wait| now.checked_add(wait).unwrap_or(Timestamp::MAX)),
            armed: fault.terms.when.is_none(),
            fault,
            seen: 0,
            struck: 0,
            spent: false,
            problem: None,
        }
    }

    fn carry_out(&self, deeds: Vec<Deed>) {
        self.outages.set(self.store.read(|book| book.outages.clone()));
        for deed in deeds {
            let _only_at_the_end = self.deeds.send(deed);
        }
    }
}

impl Occasion<'_> {
    fn is_struck_by(&self, action: &Action) -> bool {
        match self {
            Self::Call { region, service, operation } => {
                action.calls().is_some_and(|pattern| pattern.matches(region, service, operation))
            }
            Self::Resource(resource) => action.resources().is_some_and(|pattern| pattern.matches(resource)),
            Self::Step(_) | Self::Time => false,
        }
    }

    fn sets_off(&self, trigger: &Trigger) -> bool {
        match (self, trigger) {
            (Self::Call { region, service, operation }, Trigger::Call(pattern)) => {
                pattern.matches(region, service, operation)
            }
            (Self::Resource(resource), Trigger::Resource(pattern)) => pattern.matches(resource),
            (Self::Step(step), Trigger::Step(wanted)) => step == wanted,
            _ => false,
        }
    }
}

impl Entry {
    /// Whether the occasion can change it.
    fn concerns(&self, occasion: Occasion<'_>, now: Timestamp) -> bool {
        if self.spent {
            return false;
        }
        let triggered = self.fault.terms.when.as_ref().is_some_and(|trigger| occasion.sets_off(trigger));
        if self.fault.action.is_deed() {
            let in_time = matches!(occasion, Occasion::Time) && self.waits_for_time() && self.is_armed(now);
            return triggered || in_time;
        }
        (triggered && !self.armed) || (self.is_armed(now) && occasion.is_struck_by(&self.fault.action))
    }
}

/// Does a deed on behalf of an entry.
fn perform(book: &mut Book, id: u64, entry: &mut Entry) -> Option<Deed> {
    if !matches!(entry.fault.terms.when, Some(Trigger::Call(_) | Trigger::Resource(_))) {
        entry.armed = true;
        entry.spent = true;
        entry.struck += 1;
    }
    apply(book, id, entry.fault.action.clone())
}

/// Outages are part of the book; the rest is done outside.
fn apply(book: &mut Book, id: u64, action: Action) -> Option<Deed> {
    let (region, plane, dead) = match action {
        Action::KillRegion { region, plane } => (region, plane, true),
        Action::ReviveRegion { region, plane } => (region, plane, false),
        action => return Some(Deed { id, action }),
    };
    let outage = book.outages.entry(region.clone()).or_default();
    outage.change(plane, dead);
    if outage.is_over() {
        book.outages.remove(&region);
    }
    None
}
