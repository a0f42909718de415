//! A cloud assembly from its folder, as far as prices follow from it: stacks, regions, resources, parameters' defaults.

use crate::exit::{Exit, Failure};
use anyhow::{Context, anyhow};
use como_core::assembly::{Assembly, StackArtifact};
use como_core::template::{Parameter, Resource, Template};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) const MANIFEST: &str = "manifest.json";

#[derive(Deserialize)]
struct Manifest {
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(rename = "type")]
    kind: String,
    environment: Option<String>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TemplateFile {
    #[serde(default)]
    parameters: BTreeMap<String, ParameterFile>,
    resources: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ParameterFile {
    default: Option<Value>,
}

/// `today` knows which stacks several environments share; a manifest does not say it.
pub(super) fn read(folder: &Path, today: &Assembly) -> Result<Assembly, Failure> {
    let manifest: Manifest = json(&folder.join(MANIFEST))?;
    let mut stacks = Vec::new();
    for (id, artifact) in manifest.artifacts {
        if artifact.kind == "aws:cloudformation:stack" {
            stacks.push(stack(folder, &id, artifact, today)?);
        }
    }
    Ok(Assembly { stacks, deployed: Vec::new() })
}

fn stack(folder: &Path, id: &str, artifact: Artifact, today: &Assembly) -> Result<StackArtifact, Failure> {
    let place = artifact.environment.as_deref().and_then(|place| place.strip_prefix("aws://")?.split_once('/'));
    let Some((account, region)) = place.filter(|(_, region)| *region != "unknown-region") else {
        let error = anyhow!("{} does not say in which region {id} is", folder.join(MANIFEST).display());
        return Err(Failure::new(Exit::Refused, error).hint("write the assembly with `como synth ENV --directory DIR`"));
    };
    let name = artifact.properties.stack_name.unwrap_or_else(|| id.to_owned());
    let file = artifact.properties.template_file.unwrap_or_else(|| format!("{id}.template.json"));
    let shared = today.stack(&name).is_some_and(|stack| stack.shared);
    Ok(StackArtifact {
        account: account.to_owned(),
        region: region.to_owned(),
        template: template(&folder.join(file))?,
        dependencies: Vec::new(),
        bindings: BTreeMap::new(),
        tags: BTreeMap::new(),
        termination_protection: false,
        shared,
        paths: BTreeMap::new(),
        name,
    })
}

fn template(path: &Path) -> Result<Template, Failure> {
    let file: TemplateFile = json(path)?;
    let mut template = Template::default();
    for (name, parameter) in file.parameters {
        let mut known = Parameter::required_string(None);
        known.default = parameter.default.map(|default| match default {
            Value::String(text) => text,
            other => other.to_string(),
        });
        template.parameters.insert(name, known);
    }
    for (id, resource) in file.resources {
        let Some(kind) = resource.get("Type").and_then(Value::as_str) else {
            return Err(Failure::new(Exit::Refused, anyhow!("{}: {id} has no `Type`", path.display())));
        };
        let resource = Resource {
            resource_type: kind.to_owned(),
            condition: None,
            depends_on: Vec::new(),
            deletion_policy: None,
            update_replace_policy: None,
            metadata: serde_json::Map::new(),
            properties: resource.get("Properties").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        };
        template.resources.insert(id, resource);
    }
    Ok(template)
}

fn json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Failure> {
    let text = fs_err::read_to_string(path).map_err(|error| Failure::new(Exit::Refused, error))?;
    let read = serde_json::from_str(&text).with_context(|| format!("{} is no part of an assembly", path.display()));
    read.map_err(|error| {
        Failure::new(Exit::Refused, error).hint("write the assembly again with `como synth ENV --directory DIR`")
    })
}
