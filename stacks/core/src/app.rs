//! An app: stacks that may refer to each other, synthesised together.

use crate::assembly::{Assembly, Binding, DeployedStack, StackArtifact};
use crate::graph::{self, Dependencies};
use crate::references::{self, Found};
use crate::stack::{Mistake, Protection, Stack};
use crate::suppression::Suppression;
use crate::template::{Audience, Condition, Output, Parameter, Template};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// CloudFormation's limits for one template.
const RESOURCE_LIMIT: usize = 500;
const PARAMETER_LIMIT: usize = 200;
const OUTPUT_LIMIT: usize = 200;

/// The stacks of one environment.
#[derive(Debug, Default)]
pub struct App {
    stacks: Vec<Stack>,
    /// Stacks of other assemblies, from which this one reads.
    deployed: Vec<Stack>,
}

impl App {
    #[must_use]
    pub const fn new() -> Self {
        Self { stacks: Vec::new(), deployed: Vec::new() }
    }

    pub fn add(&mut self, stack: Stack) {
        self.stacks.push(stack);
    }

    /// A stack that another assembly deploys. References to it may only name what it gives away by itself.
    pub fn add_deployed(&mut self, mut stack: Stack) {
        stack.close();
        self.deployed.push(stack);
    }

    /// The assembly, its stacks in deployment order; or every mistake of every stack.
    pub fn synthesise(self) -> Result<Assembly, Vec<Mistake>> {
        let own = self.stacks.len();
        let mut synthesis = Synthesis::new(self.stacks.into_iter().chain(self.deployed).collect(), own);
        for index in 0..own {
            synthesis.resolve(index);
        }
        synthesis.finish()
    }
}

/// A value of one stack that others read.
type Export = (String, String, Option<String>);

struct Synthesis {
    /// The app's own ones, then those of other assemblies.
    stacks: Vec<Stack>,
    own: usize,
    positions: BTreeMap<String, usize>,
    /// The output under which a stack gives a value away.
    outputs: BTreeMap<Export, String>,
    /// Outputs that exist because another stack reads them.
    automatic: BTreeMap<usize, BTreeMap<String, (Output, BTreeSet<String>)>>,
    bindings: Vec<BTreeMap<String, Binding>>,
    mistakes: Vec<Mistake>,
}

impl Synthesis {
    fn new(mut stacks: Vec<Stack>, own: usize) -> Self {
        let mut mistakes = Vec::new();
        let mut positions = BTreeMap::new();
        let mut outputs = BTreeMap::new();
        for (index, stack) in stacks.iter_mut().enumerate() {
            mistakes.append(&mut stack.mistakes);
            if positions.insert(stack.name.to_string(), index).is_some() {
                mistakes.push(mistake(stack, "", "two stacks have this name".to_owned()));
            }
            for (key, output) in &stack.template.outputs {
                outputs.insert((stack.name.to_string(), references::output_id(key), None), key.clone());
                if let Some(found) = output.value.as_object().and_then(references::reference) {
                    outputs.entry(export(&found)).or_insert_with(|| key.clone());
                }
            }
        }
        let bindings = vec![BTreeMap::new(); stacks.len()];
        Self { stacks, own, positions, outputs, automatic: BTreeMap::new(), bindings, mistakes }
    }

    /// Takes every reference of one stack's template to where it belongs.
    fn resolve(&mut self, index: usize) {
        let Some(stack) = self.stacks.get_mut(index) else { return };
        let mut template = std::mem::take(&mut stack.template);
        let mut suppressions = std::mem::take(&mut stack.suppressions);
        let own = Arc::clone(&stack.name);
        for (logical_id, resource) in &mut template.resources {
            let path = self.stacks.get(index).and_then(|stack| stack.paths.get(logical_id));
            let place = path.map_or_else(|| logical_id.clone(), ToString::to_string);
            references::rewrite(&mut resource.properties, &own, &mut |found| self.reference(index, &place, found));
            let suppressions = suppressions.remove(logical_id).unwrap_or_default();
            self.suppress(index, &place, suppressions, &mut resource.metadata);
        }
        let of_the_template = suppressions.remove("").unwrap_or_default();
        self.suppress(index, "", of_the_template, &mut template.metadata);
        for (name, output) in &mut template.outputs {
            references::rewrite(&mut output.value, &own, &mut |found| self.reference(index, name, found));
        }
        for (name, condition) in &mut template.conditions {
            match serde_json::to_value(&*condition) {
                Ok(mut json) => {
                    references::rewrite(&mut json, &own, &mut |found| self.reference(index, name, found));
                    *condition = Condition::Resolved(json);
                }
                Err(error) => self.mistake_at(index, name, format!("cannot be written as JSON: {error}")),
            }
        }
        let parameters = self.bindings.get(index).into_iter().flatten();
        for (name, binding) in parameters {
            let description = format!("{} of {}", binding.output, binding.stack);
            template.parameters.entry(name.clone()).or_insert_with(|| Parameter::required_string(Some(description)));
        }
        if let Some(stack) = self.stacks.get_mut(index) {
            stack.template = template;
        }
    }

    fn suppress(
        &mut self,
        index: usize,
        place: &str,
        suppressions: Vec<Suppression>,
        metadata: &mut Map<String, Json>,
    ) {
        let Some(own) = self.stacks.get(index).map(|stack| Arc::clone(&stack.name)) else { return };
        for suppression in suppressions {
            let problems = suppression.write(metadata, &own, &mut |found| self.reference(index, place, found));
            for problem in problems {
                self.mistake_at(index, place, problem);
            }
        }
    }

    /// What stands for a value of another stack.
    fn reference(&mut self, index: usize, place: &str, found: &Found<'_>) -> Json {
        let Some(&producer) = self.positions.get(found.stack) else {
            self.mistake_at(index, place, format!("refers to {}, which is not in the app", found.stack));
            return Json::Null;
        };
        let output = match self.outputs.get(&export(found)) {
            Some(output) => output.clone(),
            None => self.give_away(producer, index, found),
        };
        // Ids are unique within an assembly only.
        let id = |stack: &Stack| if producer < self.own { stack.props.id.clone() } else { stack.name.to_string() };
        let producer_id = self.stacks.get(producer).map(|stack| pascal_case(&id(stack))).unwrap_or_default();
        let parameter = format!("{producer_id}{output}");
        let binding = Binding { stack: found.stack.to_owned(), output };
        if let Some(bindings) = self.bindings.get_mut(index) {
            bindings.insert(parameter.clone(), binding);
        }
        json!({ "Ref": parameter })
    }

    /// Makes an output for a value that has none.
    fn give_away(&mut self, producer: usize, reader: usize, found: &Found<'_>) -> String {
        let attribute: String =
            found.attribute.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
        let key = format!("{}{attribute}", found.logical_id);
        if self.stacks.get(producer).is_some_and(|stack| stack.closed) {
            let what = found.attribute.map_or_else(|| "Ref".to_owned(), ToOwned::to_owned);
            let problem =
                format!("reads {what} of {} in {}, which gives it away by no output", found.logical_id, found.stack);
            self.mistake_at(reader, "", problem);
        }
        let value = match found.attribute {
            None => json!({ "Ref": found.logical_id }),
            Some(attribute) => json!({ "Fn::GetAtt": [found.logical_id, attribute] }),
        };
        let reader = self.stacks.get(reader).map(|stack| stack.name.to_string()).unwrap_or_default();
        let outputs = self.automatic.entry(producer).or_default();
        let output = Output { description: None, condition: None, value, audience: Audience::Stacks };
        outputs.entry(key.clone()).or_insert_with(|| (output, BTreeSet::new())).1.insert(reader);
        key
    }

    fn mistake_at(&mut self, index: usize, place: &str, problem: String) {
        if let Some(stack) = self.stacks.get(index) {
            self.mistakes.push(mistake(stack, place, problem));
        }
    }

    fn finish(mut self) -> Result<Assembly, Vec<Mistake>> {
        for (index, outputs) in std::mem::take(&mut self.automatic) {
            let Some(stack) = self.stacks.get_mut(index) else { continue };
            for (key, (mut output, readers)) in outputs {
                let readers: Vec<String> = readers.into_iter().collect();
                output.description = Some(format!("read by {}", readers.join(", ")));
                stack.template.outputs.insert(key, output);
            }
        }
        let deployed = self.stacks.split_off(self.own);
        for stack in &self.stacks {
            check(stack, &mut self.mistakes);
        }
        let own: BTreeSet<&str> = self.stacks.iter().map(|stack| &*stack.name).collect();
        let mut dependencies = Dependencies::new();
        for (stack, bindings) in self.stacks.iter().zip(&self.bindings) {
            let mut needs: BTreeSet<String> = bindings.values().map(|binding| binding.stack.clone()).collect();
            needs.extend(stack.follows.iter().cloned());
            needs.retain(|need| own.contains(need.as_str()));
            dependencies.insert(stack.name.to_string(), needs);
        }
        let order = graph::order(&dependencies).unwrap_or_else(|cycle| {
            let construct = cycle.path.first().cloned().unwrap_or_default();
            self.mistakes.push(Mistake { stack: construct, construct: String::new(), problem: cycle.to_string() });
            Vec::new()
        });
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        let read: BTreeSet<&str> =
            self.bindings.iter().flat_map(BTreeMap::values).map(|binding| binding.stack.as_str()).collect();
        let deployed = deployed.iter().filter(|stack| read.contains(&*stack.name));
        let deployed = deployed
            .map(|stack| DeployedStack { name: stack.props.name.clone(), region: stack.props.region.clone() })
            .collect();
        let mut artifacts: BTreeMap<String, StackArtifact> = BTreeMap::new();
        for (stack, bindings) in self.stacks.into_iter().zip(self.bindings) {
            let needs = dependencies.remove(&*stack.name).unwrap_or_default();
            artifacts.insert(stack.name.to_string(), artifact(stack, needs, bindings));
        }
        Ok(Assembly { stacks: order.iter().filter_map(|name| artifacts.remove(name)).collect(), deployed })
    }
}

fn artifact(stack: Stack, needs: BTreeSet<String>, bindings: BTreeMap<String, Binding>) -> StackArtifact {
    StackArtifact {
        name: stack.props.name,
        account: stack.props.account,
        region: stack.props.region,
        template: stack.template,
        dependencies: needs.into_iter().collect(),
        bindings,
        tags: stack.props.tags,
        termination_protection: stack.props.termination_protection == Protection::Protected,
        shared: stack.closed,
        paths: stack.paths.into_iter().map(|(id, path)| (id, path.to_string())).collect(),
    }
}

/// What can be wrong with one stack once its references are resolved.
fn check(stack: &Stack, mistakes: &mut Vec<Mistake>) {
    let template = &stack.template;
    let counts = [
        ("resources", template.resources.len(), RESOURCE_LIMIT),
        ("parameters", template.parameters.len(), PARAMETER_LIMIT),
        ("outputs", template.outputs.len(), OUTPUT_LIMIT),
    ];
    for (section, count, limit) in counts {
        if limit < count {
            mistakes.push(mistake(stack, "", format!("{count} {section}; CloudFormation allows {limit}")));
        }
    }
    let dependencies = resource_dependencies(template);
    for (logical_id, needs) in &dependencies {
        for need in needs {
            let known = template.resources.contains_key(need) || template.parameters.contains_key(need);
            if !known && !need.starts_with("AWS::") {
                mistakes.push(mistake(stack, logical_id, format!("refers to {need}, which the stack does not have")));
            }
        }
    }
    if let Some(cycle) = graph::find_cycle(&dependencies) {
        let path: Vec<String> = cycle.path.iter().map(|id| path_of(stack, id)).collect();
        let first = path.first().cloned().unwrap_or_default();
        mistakes.push(mistake(stack, &first, format!("circular dependency: {}", path.join(" -> "))));
    }
}

/// Which resource of a template waits for which, by reference or `DependsOn`.
#[must_use]
pub fn resource_dependencies(template: &Template) -> Dependencies {
    let mut dependencies = Dependencies::new();
    for (logical_id, resource) in &template.resources {
        let mut needs: BTreeSet<String> = resource.depends_on.iter().cloned().collect();
        graph::references(&resource.properties, &mut needs);
        dependencies.insert(logical_id.clone(), needs);
    }
    dependencies
}

fn export(found: &Found<'_>) -> Export {
    (found.stack.to_owned(), found.logical_id.to_owned(), found.attribute.map(str::to_owned))
}

fn path_of(stack: &Stack, logical_id: &str) -> String {
    stack.paths.get(logical_id).map_or_else(|| logical_id.to_owned(), ToString::to_string)
}

fn mistake(stack: &Stack, construct: &str, problem: String) -> Mistake {
    Mistake { stack: stack.name.to_string(), construct: path_of(stack, construct), problem }
}

/// `svc-accounts` becomes `SvcAccounts`.
fn pascal_case(id: &str) -> String {
    id.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}
