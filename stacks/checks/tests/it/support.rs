//! Small assemblies, and the one place that knows how they are judged.

use como_checks::{Finding, check, rules};
use como_core::assembly::{Assembly, Binding, StackArtifact};
use como_core::resource::RemovalPolicy;
use como_core::template::{Audience, Output, Resource, Template};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A rule, a template that breaks it, and where there is one the nearest template that does not.
pub(crate) struct Case {
    /// Those of the rule's ids that this template breaks, each as its publisher means it.
    pub(crate) ids: &'static str,
    breaks: Assembly,
    /// `Name Property/Path`, after `stack/` for a stack other than `here`, in the order of the report.
    found: &'static [&'static str],
    holds: Vec<Assembly>,
}

/// The rule with these ids reports exactly what is listed about the assembly.
pub(crate) fn breaks(ids: &'static str, assembly: Assembly, found: &'static [&'static str]) -> Case {
    Case { ids, breaks: assembly, found, holds: Vec::new() }
}

impl Case {
    /// The rule has nothing against this one.
    pub(crate) fn but_not(mut self, assembly: Assembly) -> Self {
        self.holds.push(assembly);
        self
    }
}

/// Runs every case and tells of all that do not hold.
pub(crate) fn judge(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().flat_map(problems).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn problems(case: &Case) -> Vec<String> {
    let ids: Vec<&str> = case.ids.split(' ').collect();
    let mut with_ids = rules().filter(|rule| ids.iter().all(|id| rule.ids.contains(id)));
    let (Some(rule), None) = (with_ids.next(), with_ids.next()) else {
        return vec![format!("{}: these are not the ids of one rule", case.ids)];
    };
    let found = |assembly| -> Vec<Place> {
        let report = check(assembly);
        report.open().filter(|finding| finding.rule.id() == rule.id()).map(Place::of).collect()
    };
    let mut problems = Vec::new();
    let expected: Vec<Place> = case.found.iter().map(|place| Place::written(place)).collect();
    let reported = found(&case.breaks);
    if expected != reported || expected.is_empty() {
        problems.push(format!("{}: expected {expected:?}, found {reported:?}", case.ids));
    }
    for (number, holds) in case.holds.iter().enumerate() {
        let reported = found(holds);
        if !reported.is_empty() {
            problems.push(format!("{}: neighbour {number} is sound, found {reported:?}", case.ids));
        }
    }
    problems
}

#[derive(Debug, PartialEq)]
struct Place {
    stack: String,
    construct: String,
    logical_id: String,
    property: String,
}

impl Place {
    fn of(finding: &Finding) -> Self {
        assert!(!finding.message.is_empty(), "{finding:?}");
        Self {
            stack: finding.stack.clone(),
            construct: finding.construct.clone(),
            logical_id: finding.logical_id.clone(),
            property: finding.property.clone(),
        }
    }

    fn written(text: &str) -> Self {
        let (name, property) = text.split_once(' ').unwrap_or((text, ""));
        let (stack, name) = name.split_once('/').unwrap_or(("here", name));
        let construct = if name.is_empty() { String::new() } else { path(name) };
        Self { stack: stack.to_owned(), construct, logical_id: name.to_owned(), property: property.to_owned() }
    }
}

/// Constructs have a path of their own, so that it is not taken for the logical id.
fn path(logical_id: &str) -> String {
    format!("Unit/{logical_id}")
}

/// One stack with one resource, named after its type.
pub(crate) fn one(resource_type: &str, properties: Json) -> Assembly {
    let name = resource_type.rsplit("::").next().unwrap();
    here(json!({ format!("{name} {resource_type}"): properties }))
}

/// One stack, `here`, in Singapore: properties by `Name AWS::Type`.
pub(crate) fn here(resources: Json) -> Assembly {
    Assembly { stacks: vec![stack("here", "ap-southeast-1", resources)], deployed: Vec::new() }
}

/// As [`here`], and a second stack, `there`, in a region of its own.
pub(crate) fn here_and_there(resources: Json, region: &str, others: Json) -> Assembly {
    let stacks = vec![stack("here", "ap-southeast-1", resources), stack("there", region, others)];
    Assembly { stacks, deployed: Vec::new() }
}

/// Lets the parameter `parameter` of `here` read what `there` says of its resource.
pub(crate) fn reading(mut assembly: Assembly, parameter: &str, resource: &str) -> Assembly {
    let output =
        Output { description: None, condition: None, value: json!({ "Ref": resource }), audience: Audience::Stacks };
    assembly.stacks[1].template.outputs.insert("Shared".to_owned(), output);
    let binding = Binding { stack: "there".to_owned(), output: "Shared".to_owned() };
    assembly.stacks[0].bindings.insert(parameter.to_owned(), binding);
    assembly
}

pub(crate) fn stack(name: &str, region: &str, resources: Json) -> StackArtifact {
    let Json::Object(resources) = resources else { panic!("resources are an object") };
    let mut template = Template::default();
    let mut paths = BTreeMap::new();
    for (key, properties) in resources {
        let (logical_id, resource_type) = key.split_once(' ').unwrap();
        paths.insert(logical_id.to_owned(), path(logical_id));
        template.resources.insert(logical_id.to_owned(), resource(resource_type, properties));
    }
    StackArtifact {
        name: name.to_owned(),
        account: "111122223333".to_owned(),
        region: region.to_owned(),
        template,
        dependencies: Vec::new(),
        bindings: BTreeMap::new(),
        tags: BTreeMap::new(),
        termination_protection: false,
        shared: false,
        paths,
    }
}

/// `DeletionPolicy`, `UpdateReplacePolicy` and `Metadata` may stand among the properties: no type has properties so called.
fn resource(resource_type: &str, mut properties: Json) -> Resource {
    let mut take = |name: &str| properties.as_object_mut().and_then(|members| members.shift_remove(name));
    let policy = |value: Option<Json>| {
        value.map(|value| match value.as_str().unwrap() {
            "Retain" => RemovalPolicy::Retain,
            "Delete" => RemovalPolicy::Delete,
            "Snapshot" => RemovalPolicy::Snapshot,
            other => panic!("{other} is no policy"),
        })
    };
    let (deletion, replacement) = (take("DeletionPolicy"), take("UpdateReplacePolicy"));
    let metadata = match take("Metadata") {
        Some(Json::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    Resource {
        resource_type: resource_type.to_owned(),
        condition: None,
        depends_on: Vec::new(),
        deletion_policy: policy(deletion),
        update_replace_policy: policy(replacement),
        metadata,
        properties,
    }
}
