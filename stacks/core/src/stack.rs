//! A stack under construction, and the scopes through which constructs add to it.

use crate::path::ConstructPath;
use crate::references::{Target, output_id};
use crate::resource::{Handle, Options, RemovalPolicy, ResourceType, is_stateful};
use crate::suppression::Suppression;
use crate::template::{Audience, Condition, ConditionName, Output, Parameter, Resource, Template};
use crate::value::Value;
use indexmap::map::Entry;
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// What must be known of a stack before anything is put into it.
#[derive(Debug, Clone)]
pub struct StackProps {
    /// The short name within the environment, for example `network`; begins the names of parameters that it feeds.
    pub id: String,
    /// The name in CloudFormation, for example `como-prod-network`.
    pub name: String,
    /// Twelve digits.
    pub account: String,
    pub region: String,
    pub description: String,
    pub termination_protection: Protection,
    pub tags: BTreeMap<String, String>,
}

/// Whether CloudFormation refuses to delete the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    Protected,
    Unprotected,
}

/// A mistake in the constructs themselves.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{stack}: {}{problem}", prefix(.construct))]
pub struct Mistake {
    pub stack: String,
    /// The path of the construct at fault; empty for the stack itself.
    pub construct: String,
    pub problem: String,
}

fn prefix(construct: &str) -> String {
    if construct.is_empty() { String::new() } else { format!("{construct}: ") }
}

/// A stack under construction.
#[derive(Debug)]
pub struct Stack {
    pub(crate) props: StackProps,
    pub(crate) name: Arc<str>,
    pub(crate) template: Template,
    pub(crate) paths: BTreeMap<String, ConstructPath>,
    pub(crate) mistakes: Vec<Mistake>,
    /// By logical id; those of the template itself under no id. Synthesis writes them, since they may name references.
    pub(crate) suppressions: BTreeMap<String, Vec<Suppression>>,
    /// Stacks that this one must follow although it reads nothing of theirs.
    pub(crate) follows: Vec<String>,
    /// Only its own outputs can be read, since it is the same whoever reads it.
    pub(crate) closed: bool,
}

impl Stack {
    #[must_use]
    pub fn new(props: StackProps) -> Self {
        let template = Template { description: Some(props.description.clone()), ..Template::default() };
        let name = Arc::from(props.name.as_str());
        Self {
            props,
            name,
            template,
            paths: BTreeMap::new(),
            mistakes: Vec::new(),
            suppressions: BTreeMap::new(),
            follows: Vec::new(),
            closed: false,
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub const fn props(&self) -> &StackProps {
        &self.props
    }

    /// Where constructs add to the stack.
    #[must_use]
    pub fn scope(&mut self) -> Scope<'_> {
        Scope { stack: self, path: ConstructPath::root() }
    }

    /// This stack is deployed after `other`, though it refers to nothing in it.
    pub fn follow(&mut self, other: &Self) {
        self.follows.push(other.name.to_string());
    }

    /// Accepts findings about the template itself, its parameters and outputs.
    pub fn suppress(&mut self, suppression: Suppression) {
        self.suppressions.entry(String::new()).or_default().push(suppression);
    }

    /// Several assemblies have this stack, so it must not depend on who reads it: only what [`Scope::output`] and
    /// [`Scope::share`] give away can be read.
    pub const fn close(&mut self) {
        self.closed = true;
    }

    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    fn mistake(&mut self, construct: &ConstructPath, problem: impl Into<String>) {
        let stack = self.name.to_string();
        self.mistakes.push(Mistake { stack, construct: construct.to_string(), problem: problem.into() });
    }
}

/// A place in the construct tree of one stack.
#[derive(Debug)]
pub struct Scope<'a> {
    stack: &'a mut Stack,
    path: ConstructPath,
}

impl Scope<'_> {
    #[must_use]
    pub fn child(&mut self, id: &str) -> Scope<'_> {
        Scope { path: self.path.child(id), stack: self.stack }
    }

    #[must_use]
    pub const fn path(&self) -> &ConstructPath {
        &self.path
    }

    #[must_use]
    pub const fn stack(&self) -> &StackProps {
        &self.stack.props
    }

    /// Adds a resource with the safe default of its type.
    pub fn add<R: ResourceType>(&mut self, id: &str, resource: R) -> Handle<R> {
        self.add_with(id, &resource, Options::default())
    }

    /// Adds a resource whose dependencies, condition or removal policy differ from the default.
    pub fn add_with<R: ResourceType>(&mut self, id: &str, resource: &R, options: Options) -> Handle<R> {
        let path = self.path.child(id);
        let logical_id = path.logical_id();
        let handle = Handle::new(Target::new(&self.stack.name, &logical_id), path.clone());
        let properties = match serde_json::to_value(resource) {
            Ok(properties) => properties,
            Err(error) => {
                self.stack.mistake(&path, format!("properties cannot be written as JSON: {error}"));
                return handle;
            }
        };
        let mut depends_on = Vec::new();
        for dependency in &options.depends_on {
            if dependency.0.stack() == &*self.stack.name {
                depends_on.push(dependency.0.logical_id().to_owned());
            } else {
                self.stack.mistake(&path, format!("waits for {}, which is in another stack", dependency.0));
            }
        }
        let kept = is_stateful(R::TYPE);
        let deletion_policy = options.removal.or_else(|| kept.then_some(RemovalPolicy::RetainExceptOnCreate));
        let update_replace_policy = match deletion_policy {
            // CloudFormation has no RetainExceptOnCreate for replacement.
            Some(RemovalPolicy::RetainExceptOnCreate) => Some(RemovalPolicy::Retain),
            other => other,
        };
        let entry = Resource {
            resource_type: R::TYPE.to_owned(),
            condition: options.condition,
            depends_on,
            deletion_policy,
            update_replace_policy,
            metadata: options.metadata,
            properties,
        };
        match self.stack.template.resources.entry(logical_id.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(entry);
                if !options.suppressions.is_empty() {
                    self.stack.suppressions.insert(logical_id.clone(), options.suppressions);
                }
                self.stack.paths.insert(logical_id, path);
            }
            Entry::Occupied(_) => {
                let taken = self.stack.paths.get(&logical_id).map(ToString::to_string).unwrap_or_default();
                self.stack.mistake(&path, format!("its logical id {logical_id} belongs to {taken} already"));
            }
        }
        handle
    }

    /// Declares a parameter; its name is used as it stands, since people and tools type it.
    pub fn parameter(&mut self, name: &str, parameter: Parameter) -> Value<String> {
        if self.stack.template.parameters.insert(name.to_owned(), parameter).is_some() {
            let path = self.path.clone();
            self.stack.mistake(&path, format!("parameter {name} is declared twice"));
        }
        Value::reference(Target::new(&self.stack.name, name))
    }

    /// Declares a condition of the stack.
    pub fn condition(&mut self, name: &str, condition: Condition) -> ConditionName {
        if self.stack.template.conditions.insert(name.to_owned(), condition).is_some() {
            let path = self.path.clone();
            self.stack.mistake(&path, format!("condition {name} is declared twice"));
        }
        ConditionName(name.to_owned())
    }

    /// Shows a value to whoever deploys, under a stable name.
    pub fn output(&mut self, name: &str, description: &str, value: &Value<String>) {
        self.add_output(name, description, value, Audience::People);
    }

    /// Hands a value to other stacks under a stable name; without this, synthesis makes a name of the logical id.
    pub fn share(&mut self, name: &str, description: &str, value: &Value<String>) {
        self.add_output(name, description, value, Audience::Stacks);
    }

    /// As [`Self::share`], and answers the value as other stacks read it. For values that are put together from others: one
    /// that is a reference by itself is found without.
    pub fn give(&mut self, name: &str, description: &str, value: &Value<String>) -> Value<String> {
        self.share(name, description, value);
        Value::reference(Target::new(&self.stack.name, &output_id(name)))
    }

    fn add_output(&mut self, name: &str, description: &str, value: &Value<String>, audience: Audience) {
        let path = self.path.clone();
        let value = match serde_json::to_value(value) {
            Ok(value) => value,
            Err(error) => {
                self.stack.mistake(&path, format!("output {name} cannot be written as JSON: {error}"));
                return;
            }
        };
        let description = Some(description.to_owned());
        let output = Output { description, condition: None, value, audience };
        if self.stack.template.outputs.insert(name.to_owned(), output).is_some() {
            self.stack.mistake(&path, format!("output {name} is declared twice"));
        }
    }
}
