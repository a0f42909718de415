//! Whether a stack that exists is what it should be.

use crate::plan::RefusalKind;
use crate::stack::StackDescription;
use como_core::assembly::{Binding, StackArtifact};
use como_core::diff::{TemplateDiff, diff};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What CloudFormation shows in place of a parameter with `NoEcho`.
const MASKED: &str = "****";
/// Tags that AWS sets itself.
const RESERVED: &str = "aws:";

pub(crate) type Outputs = BTreeMap<String, String>;

/// The values of a stack's parameters, as far as the outputs that they read are known.
pub(crate) fn known_parameters<'o>(
    artifact: &StackArtifact,
    supplied: &BTreeMap<String, String>,
    outputs: impl Fn(&str) -> Option<&'o Outputs>,
) -> BTreeMap<String, String> {
    let value = |(parameter, binding): (&String, &Binding)| {
        let value = outputs(&binding.stack)?.get(&binding.output)?;
        Some((parameter.clone(), value.clone()))
    };
    let bound = artifact.bindings.iter().filter_map(value);
    bound.chain(supplied_to(artifact, supplied)).collect()
}

/// The values of a stack's parameters, once the stacks that they read are up.
pub(crate) fn parameters<'o>(
    artifact: &StackArtifact,
    supplied: &BTreeMap<String, String>,
    outputs: impl Fn(&str) -> Option<&'o Outputs>,
) -> Result<BTreeMap<String, String>, RefusalKind> {
    let mut values: BTreeMap<String, String> = supplied_to(artifact, supplied).collect();
    for (parameter, binding) in &artifact.bindings {
        let Some(value) = outputs(&binding.stack).and_then(|outputs| outputs.get(&binding.output)) else {
            return Err(RefusalKind::MissingOutput {
                parameter: parameter.clone(),
                from: binding.stack.clone(),
                output: binding.output.clone(),
            });
        };
        values.insert(parameter.clone(), value.clone());
    }
    Ok(values)
}

/// What the deployer supplies to the parameters of a stack that read no output.
pub(crate) fn supplied_to<'s>(
    artifact: &'s StackArtifact,
    supplied: &'s BTreeMap<String, String>,
) -> impl Iterator<Item = (String, String)> {
    let own = |name: &str| artifact.template.parameters.contains_key(name) && !artifact.bindings.contains_key(name);
    let values = supplied.iter().filter(move |(name, _)| own(name));
    values.map(|(name, value)| (name.clone(), value.clone()))
}

/// Parameters that others have set since, such as the image of a service: their values stay as long as the assembly's default
/// is the one that the stack was deployed with. A new default is a new wish.
pub(crate) fn set_by_others(
    found: &StackDescription,
    deployed: &str,
    artifact: &StackArtifact,
    supplied: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let deployed: Json = serde_json::from_str(deployed).unwrap_or_default();
    let own = artifact.template.parameters.iter();
    let own = own.filter(|(name, _)| !artifact.bindings.contains_key(*name) && !supplied.contains_key(*name));
    let kept = own.filter_map(|(name, parameter)| {
        let default = parameter.default.as_ref()?;
        let before = deployed.get("Parameters")?.get(name)?.get("Default")?.as_str()?;
        let value = found.parameters.get(name)?;
        let is_kept = before == default && value != default && value != MASKED;
        is_kept.then(|| (name.clone(), value.clone()))
    });
    kept.collect()
}

/// From what is deployed to what the assembly says. The error is why they cannot be compared.
pub(crate) fn template_diff(deployed: &str, artifact: &StackArtifact) -> Result<TemplateDiff, String> {
    let shown: Json = serde_json::from_str(deployed).map_err(|error| format!("the deployed template: {error}"))?;
    let unwritable = |error| format!("the template of the assembly: {error}");
    let exact = diff(&shown, &artifact.template.to_json().map_err(unwritable)?);
    if exact.is_empty() || !deployed.is_ascii() {
        return Ok(exact);
    }
    // CloudFormation shows `?` for whatever is not ASCII; the CDK compares likewise (`mangleLikeCloudFormation`).
    let body = artifact.template.to_body().map_err(unwritable)?;
    let mangled: String = body.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect();
    let mangled = serde_json::from_str(&mangled).map_err(unwritable)?;
    let lenient = diff(&shown, &mangled);
    Ok(if lenient.is_empty() { lenient } else { exact })
}

/// In what a stack differs; `None` when it does not. Only the parameters in `parameters` are compared. A template that is
/// not JSON cannot be compared here, so that CloudFormation has to say what differs.
pub(crate) fn difference(
    found: &StackDescription,
    deployed: &str,
    artifact: &StackArtifact,
    parameters: &BTreeMap<String, String>,
) -> Option<TemplateDiff> {
    let Ok(template) = template_diff(deployed, artifact) else { return Some(TemplateDiff::default()) };
    let same = template.is_empty()
        && differing_parameters(found, parameters).is_empty()
        && differing_tags(found, artifact).is_empty();
    (!same).then_some(template)
}

pub(crate) fn differing_parameters(found: &StackDescription, wanted: &BTreeMap<String, String>) -> Vec<String> {
    let differs = |(name, value): &(&String, &String)| match found.parameters.get(*name) {
        Some(deployed) => deployed != *value && deployed != MASKED,
        None => true,
    };
    wanted.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

fn differing_tags(found: &StackDescription, artifact: &StackArtifact) -> Vec<String> {
    let keys: BTreeSet<&String> = found.tags.keys().chain(artifact.tags.keys()).collect();
    let differs = |key: &&String| !key.starts_with(RESERVED) && found.tags.get(*key) != artifact.tags.get(*key);
    keys.into_iter().filter(differs).cloned().collect()
}
