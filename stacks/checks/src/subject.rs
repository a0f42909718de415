//! One resource as the rules see it: its properties, and what the rest of the assembly says of it.

use crate::rule::Objection;
use como_core::assembly::{Assembly, StackArtifact};
use como_core::graph;
use como_core::template::Resource;
use serde_json::Value as Json;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The assembly, its resources by type.
pub(crate) struct World<'a> {
    stacks: BTreeMap<&'a str, &'a StackArtifact>,
    by_type: BTreeMap<&'a str, Vec<(&'a StackArtifact, &'a str, &'a Resource)>>,
    owners: OnceCell<Owners>,
}

/// Stack and logical id of the first resource with each name.
pub(crate) type Owners = BTreeMap<String, (String, String)>;

impl<'a> World<'a> {
    pub(crate) fn new(assembly: &'a Assembly) -> Self {
        let mut by_type: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for stack in &assembly.stacks {
            for (id, resource) in &stack.template.resources {
                by_type.entry(resource.resource_type.as_str()).or_default().push((stack, id.as_str(), resource));
            }
        }
        let stacks = assembly.stacks.iter().map(|stack| (stack.name.as_str(), stack)).collect();
        Self { stacks, by_type, owners: OnceCell::new() }
    }
}

/// One resource.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    world: &'a World<'a>,
    pub(crate) stack: &'a StackArtifact,
    pub(crate) logical_id: &'a str,
    pub(crate) resource: &'a Resource,
}

impl<'a> Subject<'a> {
    pub(crate) const fn new(
        world: &'a World<'a>,
        stack: &'a StackArtifact,
        logical_id: &'a str,
        resource: &'a Resource,
    ) -> Self {
        Self { world, stack, logical_id, resource }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.stack.name == other.stack.name && self.logical_id == other.logical_id
    }

    /// The property at a path of names, `A.B`; the properties themselves for an empty path.
    pub(crate) fn get(&self, path: &str) -> Option<&'a Json> {
        get(&self.resource.properties, path)
    }

    pub(crate) fn text(&self, path: &str) -> Option<&'a str> {
        self.get(path)?.as_str()
    }

    pub(crate) fn number(&self, path: &str) -> Option<f64> {
        number(self.get(path)?)
    }

    pub(crate) fn list(&self, path: &str) -> &'a [Json] {
        self.get(path).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn is_true(&self, path: &str) -> bool {
        self.get(path).is_some_and(is_true)
    }

    /// Every resource of a type in the whole assembly.
    pub(crate) fn all(&self, resource_type: &str) -> impl Iterator<Item = Subject<'a>> + use<'a> {
        let world = self.world;
        let found = world.by_type.get(resource_type);
        found.into_iter().flatten().map(move |(stack, id, resource)| Subject::new(world, stack, id, resource))
    }

    /// The owners of all names, which `collect` finds when they are first asked for.
    pub(crate) fn owners(&self, collect: fn(&Self) -> Owners) -> &'a Owners {
        self.world.owners.get_or_init(|| collect(self))
    }

    /// The resources that `value`, a part of this resource, refers to; through parameters into other stacks too.
    pub(crate) fn mentioned(&self, value: &Json) -> Vec<Subject<'a>> {
        let mut names = BTreeSet::new();
        graph::references(value, &mut names);
        names.iter().flat_map(|name| self.world.resolve(self.stack, name)).collect()
    }

    /// Whether the property at `path` refers to `other`.
    pub(crate) fn mentions(&self, path: &str, other: &Self) -> bool {
        self.get(path).is_some_and(|value| self.mentioned(value).iter().any(|found| found.is(other)))
    }

    /// Whether some resource of a type refers to this one by the property at `path`.
    pub(crate) fn is_mentioned_by(&self, resource_type: &str, path: &str) -> bool {
        self.all(resource_type).any(|other| other.mentions(path, self))
    }

    pub(crate) fn expect(ok: bool, property: &str, message: &str) -> Vec<Objection> {
        if ok { Vec::new() } else { vec![Objection::new(property.replace('.', "/"), message)] }
    }

    pub(crate) fn expect_true(&self, path: &str) -> Vec<Objection> {
        Self::expect(self.is_true(path), path, &format!("`{}` is not true", last(path)))
    }

    pub(crate) fn expect_given(&self, path: &str) -> Vec<Objection> {
        Self::expect(self.get(path).is_some(), path, &format!("`{}` is missing", last(path)))
    }

    /// Expects a key of ours: given, and not the one that AWS keeps for a service.
    pub(crate) fn expect_own_key(&self, path: &str) -> Vec<Objection> {
        let Some(key) = self.get(path) else { return self.expect_given(path) };
        let is_of_aws = shown(key).contains("alias/aws/");
        Self::expect(!is_of_aws, path, &format!("`{}` is AWS's own key", last(path)))
    }

    pub(crate) fn expect_absent(&self, path: &str) -> Vec<Objection> {
        Self::expect(self.get(path).is_none(), path, &format!("`{}` is given", last(path)))
    }

    pub(crate) fn expect_one_of(&self, path: &str, accepted: &[&str]) -> Vec<Objection> {
        let found = self.get(path).map(shown);
        let ok = found.as_deref().is_some_and(|found| accepted.contains(&found));
        let found = found.unwrap_or_else(|| "missing".to_owned());
        Self::expect(ok, path, &format!("`{}` is {found}, not {}", last(path), accepted.join(" or ")))
    }
}

impl<'a> World<'a> {
    /// The resource that a name of a stack's template stands for: itself, or what its parameter is bound to.
    fn resolve(&'a self, stack: &'a StackArtifact, name: &str) -> Vec<Subject<'a>> {
        if let Some((id, resource)) = stack.template.resources.get_key_value(name) {
            return vec![Subject::new(self, stack, id, resource)];
        }
        let output = stack.bindings.get(name).and_then(|binding| {
            let producer = self.stacks.get(binding.stack.as_str())?;
            Some((*producer, producer.template.outputs.get(&binding.output)?))
        });
        let Some((producer, output)) = output else { return Vec::new() };
        let mut names = BTreeSet::new();
        graph::references(&output.value, &mut names);
        // A parameter may hand on another stack's output; bindings have no cycles.
        names.iter().flat_map(|name| self.resolve(producer, name)).collect()
    }
}

pub(crate) fn get<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').filter(|name| !name.is_empty()).try_fold(json, |json, name| json.get(name))
}

pub(crate) fn text<'a>(json: &'a Json, path: &str) -> Option<&'a str> {
    get(json, path)?.as_str()
}

/// CloudFormation takes texts for numbers.
pub(crate) fn number(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str()?.parse().ok())
}

/// CloudFormation takes texts for booleans.
pub(crate) fn is_true(json: &Json) -> bool {
    json.as_bool() == Some(true) || json.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Said outright: what is missing or computed is not false.
pub(crate) fn is_false(json: &Json) -> bool {
    json.as_bool() == Some(false) || json.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

/// The elements of a list, or the one value that stands for it.
pub(crate) fn each(json: Option<&Json>) -> Vec<&Json> {
    match json {
        None => Vec::new(),
        Some(Json::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

pub(crate) fn shown(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
