//! The cloud assembly: what synthesis hands to a deployer, in the ecosystem's own format.
//!
//! `cdk ls|diff|deploy -a DIR` reads it. The schema version is the lowest that has everything used here, so that old and
//! new CLIs both accept it; construct paths stand in the manifest's metadata, so the templates stay clean.

use crate::template::Template;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Any CDK CLI whose own major version is at least this one accepts the manifest.
const SCHEMA_VERSION: &str = "43.0.0";

/// The stacks of one environment in deployment order.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembly {
    pub stacks: Vec<StackArtifact>,
    /// Stacks of other assemblies whose outputs these stacks read; they must be up before.
    pub deployed: Vec<DeployedStack>,
}

/// A stack that another assembly deploys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeployedStack {
    pub name: String,
    pub region: String,
}

/// One stack, ready to be deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct StackArtifact {
    pub name: String,
    pub account: String,
    pub region: String,
    pub template: Template,
    /// Names of the stacks that must be up before this one.
    pub dependencies: Vec<String>,
    /// The parameters whose values are other stacks' outputs.
    pub bindings: BTreeMap<String, Binding>,
    pub tags: BTreeMap<String, String>,
    pub termination_protection: bool,
    /// Other assemblies have the same stack, so that deleting it is not this one's business alone.
    pub shared: bool,
    /// Construct path by logical id.
    pub paths: BTreeMap<String, String>,
}

/// An output of another stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub stack: String,
    pub output: String,
}

/// A file of the assembly, by its name within the assembly's folder.
pub type Files = BTreeMap<String, String>;

impl Assembly {
    #[must_use]
    pub fn stack(&self, name: &str) -> Option<&StackArtifact> {
        self.stacks.iter().find(|stack| stack.name == name)
    }

    /// How many resources the stacks have together.
    #[must_use]
    pub fn resource_count(&self) -> usize {
        self.stacks.iter().map(|stack| stack.template.resources.len()).sum()
    }

    /// The assembly's files: `manifest.json` and one template for each stack.
    pub fn files(&self) -> Result<Files, serde_json::Error> {
        let mut files = Files::new();
        let mut artifacts = Map::new();
        for stack in &self.stacks {
            let mut body = serde_json::to_string_pretty(&stack.template)?;
            body.push('\n');
            files.insert(stack.template_file(), body);
            artifacts.insert(stack.name.clone(), stack.manifest_entry());
        }
        let mut manifest = json!({ "version": SCHEMA_VERSION, "artifacts": artifacts });
        if !self.deployed.is_empty() {
            manifest["comoDeployedStacks"] = json!(self.deployed);
        }
        files.insert("manifest.json".to_owned(), serde_json::to_string_pretty(&manifest)? + "\n");
        Ok(files)
    }
}

impl StackArtifact {
    /// For example `como-prod-network.template.json`.
    #[must_use]
    pub fn template_file(&self) -> String {
        format!("{}.template.json", self.name)
    }

    fn manifest_entry(&self) -> Json {
        let metadata: Map<String, Json> = self
            .paths
            .iter()
            .map(|(id, path)| {
                let key = format!("/{}/{path}", self.name);
                (key, json!([{ "type": "aws:cdk:logicalId", "data": id }]))
            })
            .collect();
        json!({
            "type": "aws:cloudformation:stack",
            "environment": format!("aws://{}/{}", self.account, self.region),
            "properties": {
                "templateFile": self.template_file(),
                "stackName": self.name,
                "tags": self.tags,
                "terminationProtection": self.termination_protection,
            },
            "dependencies": self.dependencies,
            "comoParameters": self.bindings,
            "metadata": metadata,
        })
    }
}
