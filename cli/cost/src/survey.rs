//! What an environment is charged for, before anything is multiplied.

use crate::charge::Charge;
use crate::inventory::{Inventory, Resource, ResourceName};
use crate::problem::{Problem, Unpriced};
use crate::rules::{Case, LogKind, Unjudged, Verdict, extras, has_rule, judge};
use como_config::{Environment, Usage, UsageKey};
use como_core::assembly::Assembly;
use serde::Serialize;
use std::rc::Rc;

/// An environment with its templates.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub environment: &'a Environment,
    /// Where its figures of usage stand, for reports.
    pub file: &'a str,
    pub assembly: &'a Assembly,
}

/// Resources and charges that are looked at.
pub(crate) trait Scope {
    fn has_resource(&self, resource: &Resource<'_>, kind: Option<LogKind>) -> bool;
    fn has_charge(&self, resource: &ResourceName, charge: &Charge) -> bool;
    /// Whether the environment is one that was proposed.
    fn is_proposal(&self) -> bool;
}

/// An environment of today.
pub(crate) struct Everything;

impl Scope for Everything {
    fn has_resource(&self, _: &Resource<'_>, _: Option<LogKind>) -> bool {
        true
    }

    fn has_charge(&self, _: &ResourceName, _: &Charge) -> bool {
        true
    }

    fn is_proposal(&self) -> bool {
        false
    }
}

/// A resource that costs nothing by itself, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    pub resource: ResourceName,
    pub why: String,
}

/// The charges of an environment, and what became of every other resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Survey {
    pub(crate) charges: Vec<(Rc<ResourceName>, Charge)>,
    pub(crate) free: Vec<Explained>,
    pub(crate) elsewhere: Vec<Explained>,
    /// Of what the scope leaves out, what would be charged.
    pub(crate) outside: Vec<Explained>,
    pub(crate) unpriced: Vec<Unpriced>,
}

/// The type of what a figure of usage says and no template has.
pub(crate) const USAGE: &str = "usage";

const LOG_GROUP: &str = "AWS::Logs::LogGroup";

pub(crate) fn survey(subject: &Subject<'_>, scope: &dyn Scope) -> Survey {
    let whole = Inventory::new(subject.assembly, |_| true);
    let kind = |resource: &Resource<'_>| (resource.kind() == LOG_GROUP).then(|| LogKind::of(resource, &whole));
    let inventory = whole.kept(|resource| scope.has_resource(resource, kind(resource)));
    let usage = subject.environment.usage();
    let mut survey = Survey::default();
    for resource in &inventory.resources {
        match payer(subject, resource) {
            Some(payer) => survey.elsewhere.push(Explained { resource: resource.name(), why: format!("with {payer}") }),
            None => survey.take(resource, &inventory, usage, scope),
        }
    }
    let left_out = whole.resources.iter().filter(|resource| !scope.has_resource(resource, kind(resource)));
    for resource in left_out {
        let case = Case { resource, all: &whole, usage };
        if let Ok(Verdict::Priced(charges)) = judge(case) {
            survey.outside.push(Explained { resource: resource.name(), why: list(&charges) });
        }
    }
    let region = subject.environment.region().as_str();
    let has = |key: UsageKey| usage.get(key).is_some();
    for extra in extras(region, scope.is_proposal(), has) {
        let name = ResourceName {
            stack: subject.file.to_owned(),
            id: extra.key.to_string(),
            kind: USAGE.to_owned(),
            region: region.to_owned(),
        };
        let name = Rc::new(name);
        survey.charges.extend(extra.charges.into_iter().map(|charge| (Rc::clone(&name), charge)));
    }
    survey
}

impl Survey {
    fn take(&mut self, resource: &Resource<'_>, all: &Inventory<'_>, usage: &Usage, scope: &dyn Scope) {
        let name = resource.name();
        match judge(Case { resource, all, usage }) {
            Ok(Verdict::Free(why)) => self.free.push(Explained { resource: name, why: why.to_owned() }),
            Ok(Verdict::Elsewhere(with)) => self.elsewhere.push(Explained { resource: name, why: with.to_owned() }),
            Ok(Verdict::Priced(charges)) => {
                let (inside, outside): (Vec<Charge>, Vec<Charge>) =
                    charges.into_iter().partition(|charge| scope.has_charge(&name, charge));
                if !outside.is_empty() {
                    self.outside.push(Explained { resource: name.clone(), why: list(&outside) });
                }
                let name = Rc::new(name);
                self.charges.extend(inside.into_iter().map(|charge| (Rc::clone(&name), charge)));
            }
            Err(unjudged) => {
                let problem = match unjudged {
                    Unjudged::NoRule => Problem::NoRule,
                    Unjudged::Unreadable(unreadable) => {
                        Problem::Unreadable { property: unreadable.property.to_owned(), found: unreadable.found }
                    }
                };
                self.unpriced.push(Unpriced { resource: name, problem });
            }
        }
    }
}

/// Whether a type of resource is priced, free or billed elsewhere, by name.
#[must_use]
pub fn is_known(kind: &str) -> bool {
    has_rule(kind)
}

/// Account-wide stacks are in the assembly of every environment that shares them, and paid for once.
fn payer<'a>(subject: &Subject<'a>, resource: &Resource<'_>) -> Option<&'a str> {
    let owner = subject.environment.owner().name();
    (resource.stack.shared && owner != subject.environment.name()).then_some(owner.as_str())
}

/// The items, each once.
fn list(charges: &[Charge]) -> String {
    let mut items: Vec<&str> = charges.iter().map(|charge| charge.priced.item.id()).collect();
    items.sort_unstable();
    items.dedup();
    items.join(", ")
}
