//! The resources of an assembly, and what their properties say.

use como_core::assembly::{Assembly, StackArtifact};
use como_core::graph;
use como_core::template;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

/// A resource as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceName {
    pub stack: String,
    /// The logical id; of what no template has, the usage key that says it.
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub region: String,
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) in {}", self.id, self.kind, self.stack)
    }
}

/// A resource of a template.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    pub(crate) stack: &'a StackArtifact,
    pub(crate) id: &'a str,
    template: &'a template::Resource,
}

/// A property from which a price would follow says something that cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) property: &'static str,
    pub(crate) found: String,
}

/// No template has more of anything.
const MOST: u32 = 1_000_000_000;

/// All resources that are looked at, and how they refer to each other.
#[derive(Debug)]
pub struct Inventory<'a> {
    pub(crate) resources: Vec<Resource<'a>>,
    /// The types of the resources that refer to a resource of their stack, by stack and logical id.
    referrers: Rc<BTreeMap<(&'a str, String), BTreeSet<&'a str>>>,
    counts: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Resource<'a> {
    pub(crate) fn kind(&self) -> &'a str {
        &self.template.resource_type
    }

    pub(crate) fn region(&self) -> &'a str {
        &self.stack.region
    }

    pub(crate) fn name(&self) -> ResourceName {
        ResourceName {
            stack: self.stack.name.clone(),
            id: self.id.to_owned(),
            kind: self.kind().to_owned(),
            region: self.region().to_owned(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&'a Json> {
        path.split('.').try_fold(&self.template.properties, |json, key| json.get(key))
    }

    pub(crate) fn list(&self, path: &str) -> &'a [Json] {
        self.get(path).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn text(&self, path: &str) -> Option<&'a str> {
        self.get(path).and_then(Json::as_str)
    }

    pub(crate) fn is_true(&self, path: &str) -> bool {
        self.get(path).and_then(Json::as_bool).unwrap_or_default()
    }

    /// A number, however the template writes it: as such, as text, or as the default of a parameter.
    pub(crate) fn number(&self, property: &'static str) -> Result<Option<Decimal>, Unreadable> {
        let Some(json) = self.get(property) else { return Ok(None) };
        let parameter =
            json.get("Ref").and_then(Json::as_str).and_then(|name| self.stack.template.parameters.get(name));
        let written = match (json, parameter.and_then(|parameter| parameter.default.as_ref())) {
            (Json::Number(number), _) => Some(number.to_string()),
            (Json::String(text), _) => Some(text.clone()),
            (_, default) => default.cloned(),
        };
        let number = written.and_then(|text| Decimal::from_str_exact(&text).ok());
        let number = number.filter(|number| number.abs() <= Decimal::from(MOST));
        number.map(Some).ok_or_else(|| Unreadable { property, found: json.to_string() })
    }

    pub(crate) fn required_number(&self, property: &'static str) -> Result<Decimal, Unreadable> {
        self.number(property)?.ok_or_else(|| Unreadable { property, found: "nothing".to_owned() })
    }

    /// A region that a property names, which may be the stack's own.
    pub(crate) fn named_region(&self, json: &'a Json) -> Option<&'a str> {
        match json.get("Ref").and_then(Json::as_str) {
            Some("AWS::Region") => Some(self.region()),
            Some(_) => None,
            None => json.as_str(),
        }
    }

    /// The resource of the same stack that a property refers to.
    pub(crate) fn referred(&self, property: &str) -> Option<Self> {
        let id = self.get(property)?.get("Ref")?.as_str()?;
        let (id, template) = self.stack.template.resources.get_key_value(id)?;
        Some(Self { stack: self.stack, id, template })
    }
}

impl<'a> Inventory<'a> {
    /// Of the resources that are wanted.
    pub(crate) fn new(assembly: &'a Assembly, wanted: impl Fn(&Resource<'a>) -> bool) -> Self {
        let mut referrers: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
        let mut all = Vec::new();
        for stack in &assembly.stacks {
            for (id, template) in &stack.template.resources {
                let mut referred = BTreeSet::new();
                graph::references(&template.properties, &mut referred);
                for target in referred {
                    referrers.entry((&stack.name, target)).or_default().insert(&template.resource_type);
                }
                all.push(Resource { stack, id, template });
            }
        }
        let all = Self { resources: all, referrers: Rc::new(referrers), counts: BTreeMap::new() };
        all.kept(wanted)
    }

    /// Fewer of the same resources; who refers to one stays the same.
    pub(crate) fn kept(&self, wanted: impl Fn(&Resource<'a>) -> bool) -> Self {
        let resources: Vec<Resource<'a>> = self.resources.iter().filter(|resource| wanted(resource)).copied().collect();
        let mut counts = BTreeMap::new();
        for resource in &resources {
            *counts.entry((resource.kind(), resource.region())).or_default() += 1;
        }
        Self { resources, referrers: Rc::clone(&self.referrers), counts }
    }

    /// How many resources of a type there are in a region.
    pub(crate) fn count_in(&self, kind: &str, region: &str) -> usize {
        self.counts.get(&(kind, region)).copied().unwrap_or_default()
    }

    /// How many resources of a type there are in all regions.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.counts.iter().filter(|((found, _), _)| *found == kind).map(|(_, count)| count).sum()
    }

    pub(crate) fn of_kind(&self, kind: &'a str) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.iter().filter(move |resource| resource.kind() == kind)
    }

    pub(crate) fn is_referred_by(&self, resource: &Resource<'_>, kind: &str) -> bool {
        let referrers = self.referrers.get(&(resource.stack.name.as_str(), resource.id.to_owned()));
        referrers.is_some_and(|kinds| kinds.contains(kind))
    }
}
