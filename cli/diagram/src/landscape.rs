//! All resources of several assemblies, with references followed across stacks.

use como_core::assembly::{Assembly, StackArtifact};
use como_core::graph;
use como_core::template::Resource;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// A reference can pass through this many outputs; more is a circle.
const DEPTH: usize = 16;

/// What stands for a part of a text that is only known on AWS.
pub(crate) const UNKNOWN: char = '?';

/// A resource and the stack that has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) stack: &'a StackArtifact,
    pub(crate) logical_id: &'a str,
    pub(crate) resource: &'a Resource,
}

/// An item by its position.
pub(crate) type Id = usize;

#[derive(Debug)]
pub(crate) struct Landscape<'a> {
    items: Vec<Item<'a>>,
    stacks: BTreeMap<&'a str, &'a StackArtifact>,
    positions: BTreeMap<(&'a str, &'a str), Id>,
    /// Items by the physical names that a template gives them, for what is found by name only.
    names: BTreeMap<String, Vec<Id>>,
}

impl<'a> Landscape<'a> {
    /// A stack that two assemblies share counts once.
    pub(crate) fn new(assemblies: &[&'a Assembly]) -> Self {
        let mut landscape =
            Self { items: Vec::new(), stacks: BTreeMap::new(), positions: BTreeMap::new(), names: BTreeMap::new() };
        for stack in assemblies.iter().flat_map(|assembly| &assembly.stacks) {
            if landscape.stacks.insert(&stack.name, stack).is_some() {
                continue;
            }
            for (logical_id, resource) in &stack.template.resources {
                landscape.positions.insert((&stack.name, logical_id), landscape.items.len());
                landscape.items.push(Item { stack, logical_id, resource });
            }
        }
        let named = landscape.ids().filter_map(|id| Some((landscape.physical_name(id)?, id))).collect::<Vec<_>>();
        for (name, id) in named {
            landscape.names.entry(name).or_default().push(id);
        }
        landscape
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        0..self.items.len()
    }

    pub(crate) fn stack_count(&self) -> usize {
        self.stacks.len()
    }

    pub(crate) fn resource_count(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn item(&self, id: Id) -> Option<&Item<'a>> {
        self.items.get(id)
    }

    pub(crate) fn resource_type(&self, id: Id) -> &'a str {
        self.items.get(id).map_or("", |item| &item.resource.resource_type)
    }

    pub(crate) fn region(&self, id: Id) -> &'a str {
        self.items.get(id).map_or("", |item| &item.stack.region)
    }

    pub(crate) fn of_type(&self, resource_type: &str) -> Vec<Id> {
        self.ids().filter(|id| self.resource_type(*id) == resource_type).collect()
    }

    /// A property by its path, for example `&["Replicas"]`.
    pub(crate) fn property(&self, id: Id, path: &[&str]) -> &'a Json {
        static NULL: Json = Json::Null;
        let Some(item) = self.items.get(id) else { return &NULL };
        path.iter().try_fold(&item.resource.properties, |json, key| json.get(*key)).unwrap_or(&NULL)
    }

    /// A list at a path; empty when there is none.
    pub(crate) fn list(&self, id: Id, path: &[&str]) -> &'a [Json] {
        self.property(id, path).as_array().map_or(&[], Vec::as_slice)
    }

    /// A property as text, as far as it is known.
    pub(crate) fn text_at(&self, id: Id, path: &[&str]) -> Option<String> {
        let item = self.items.get(id)?;
        self.text(item.stack, self.property(id, path))
    }

    /// Every item that `json`, a part of item `id`, refers to.
    pub(crate) fn targets(&self, id: Id, json: &Json) -> BTreeSet<Id> {
        let mut found = BTreeSet::new();
        if let Some(item) = self.items.get(id) {
            self.collect(item.stack, json, DEPTH, &mut found);
        }
        found
    }

    /// The items of a type among the targets of a property.
    pub(crate) fn targets_of_type(&self, id: Id, path: &[&str], resource_type: &str) -> Vec<Id> {
        let targets = self.targets(id, self.property(id, path));
        targets.into_iter().filter(|target| self.resource_type(*target) == resource_type).collect()
    }

    fn collect(&self, stack: &'a StackArtifact, json: &Json, depth: usize, found: &mut BTreeSet<Id>) {
        let mut names = BTreeSet::new();
        graph::references(json, &mut names);
        for name in names {
            if let Some(id) = self.positions.get(&(stack.name.as_str(), name.as_str())) {
                found.insert(*id);
            } else if let Some((producer, value)) = self.bound(stack, &name)
                && let Some(depth) = depth.checked_sub(1)
            {
                self.collect(producer, value, depth, found);
            }
        }
    }

    /// The output that a parameter reads.
    fn bound(&self, stack: &StackArtifact, parameter: &str) -> Option<(&'a StackArtifact, &'a Json)> {
        let binding = stack.bindings.get(parameter)?;
        let producer = *self.stacks.get(binding.stack.as_str())?;
        Some((producer, &producer.template.outputs.get(&binding.output)?.value))
    }

    /// Items that carry a physical name.
    pub(crate) fn named(&self, name: &str) -> &[Id] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The name that the template gives the resource, wherever its type keeps it.
    pub(crate) fn physical_name(&self, id: Id) -> Option<String> {
        const KEYS: &[&str] = &[
            "AliasName",
            "BucketName",
            "ClusterName",
            "DomainName",
            "FunctionName",
            "Name",
            "QueueName",
            "RepositoryName",
            "ServiceName",
            "TableName",
            "TopicName",
            "UserPoolName",
            "BackupVaultName",
            "EmailIdentity",
            "Family",
        ];
        let name = KEYS.iter().find_map(|key| self.text_at(id, &[key]))?;
        (!name.is_empty() && !name.contains(UNKNOWN)).then_some(name)
    }

    /// The construct's path, for example `ZoneA/PublicSubnet`.
    pub(crate) fn path(&self, id: Id) -> &'a str {
        let Some(item) = self.items.get(id) else { return "" };
        item.stack.paths.get(item.logical_id).map_or(item.logical_id, String::as_str)
    }

    /// What `json` says as text within `stack`: pseudo parameters filled in, [`UNKNOWN`] for what only AWS knows.
    pub(crate) fn text(&self, stack: &'a StackArtifact, json: &Json) -> Option<String> {
        self.spell(stack, json, DEPTH)
    }

    fn spell(&self, stack: &'a StackArtifact, json: &Json, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match json {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(value) => Some(value.to_string()),
            Json::Null | Json::Array(_) => None,
            Json::Object(object) => {
                let (function, argument) = object.iter().next()?;
                match (function.as_str(), argument) {
                    ("Ref", Json::String(name)) => Some(self.spell_name(stack, name, depth)),
                    ("Fn::Sub", Json::String(text)) => Some(self.fill(stack, text, None, depth)),
                    ("Fn::Sub", Json::Array(arguments)) => {
                        let text = arguments.first().and_then(Json::as_str)?;
                        Some(self.fill(stack, text, arguments.get(1), depth))
                    }
                    ("Fn::Join", Json::Array(arguments)) => {
                        let separator = arguments.first().and_then(Json::as_str)?;
                        let parts = arguments.get(1).and_then(Json::as_array)?;
                        let spelt = parts
                            .iter()
                            .map(|part| self.spell(stack, part, depth).unwrap_or_else(|| UNKNOWN.to_string()));
                        Some(spelt.collect::<Vec<_>>().join(separator))
                    }
                    ("Fn::GetAtt" | "Fn::ImportValue" | "Fn::Select" | "Fn::If", _) => Some(UNKNOWN.to_string()),
                    _ => None,
                }
            }
        }
    }

    fn fill(&self, stack: &'a StackArtifact, text: &str, own: Option<&Json>, depth: usize) -> String {
        let mut pieces = text.split("${");
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let Some((name, rest)) = piece.split_once('}') else {
                filled.push_str(piece);
                continue;
            };
            let value = match own.and_then(|own| own.get(name)) {
                Some(json) => self.spell(stack, json, depth).unwrap_or_else(|| UNKNOWN.to_string()),
                None => self.spell_name(stack, name, depth),
            };
            filled.push_str(&value);
            filled.push_str(rest);
        }
        filled
    }

    fn spell_name(&self, stack: &'a StackArtifact, name: &str, depth: usize) -> String {
        match name {
            "AWS::Region" => return stack.region.clone(),
            "AWS::AccountId" => return stack.account.clone(),
            "AWS::Partition" => return "aws".to_owned(),
            "AWS::URLSuffix" => return "amazonaws.com".to_owned(),
            "AWS::StackName" => return stack.name.clone(),
            _ => {}
        }
        let bound = self.bound(stack, name).and_then(|(producer, value)| self.spell(producer, value, depth));
        let parameter = stack.template.parameters.get(name).and_then(|parameter| parameter.default.clone());
        bound.or(parameter).unwrap_or_else(|| UNKNOWN.to_string())
    }
}
