//! Small assemblies.

use como_core::assembly::{Assembly, Binding, StackArtifact};
use como_core::resource::RemovalPolicy;
use como_core::template::{Audience, Output, Parameter, Resource, Template};
use serde_json::{Map, json};
use std::collections::BTreeMap;

pub(crate) const SINGAPORE: &str = "ap-southeast-1";
pub(crate) const SYDNEY: &str = "ap-southeast-2";

/// Stacks with two resources each, of which the second is kept; each reads the `Id` of those that it needs.
pub(crate) fn assembly(stacks: &[(&str, &str, &[&str])]) -> Assembly {
    Assembly {
        stacks: stacks.iter().map(|(name, region, needs)| stack(name, region, needs)).collect(),
        deployed: Vec::new(),
    }
}

/// `data` and `network`, then `compute` on both, then `api`.
pub(crate) fn diamond() -> Assembly {
    assembly(&[
        ("data", SINGAPORE, &[]),
        ("network", SINGAPORE, &[]),
        ("compute", SINGAPORE, &["data", "network"]),
        ("api", SINGAPORE, &["compute"]),
    ])
}

fn stack(name: &str, region: &str, needs: &[&str]) -> StackArtifact {
    let mut template = Template::default();
    template.resources.insert("Queue".to_owned(), resource("AWS::SQS::Queue", None));
    template.resources.insert("Table".to_owned(), resource("AWS::DynamoDB::GlobalTable", Some(RemovalPolicy::Retain)));
    let value = json!({ "Ref": "Queue" });
    let output = Output { description: None, condition: None, value, audience: Audience::People };
    template.outputs.insert("Id".to_owned(), output);
    let mut bindings = BTreeMap::new();
    for need in needs {
        let parameter = format!("{need}Id");
        template.parameters.insert(parameter.clone(), Parameter::required_string(None));
        bindings.insert(parameter, Binding { stack: (*need).to_owned(), output: "Id".to_owned() });
    }
    StackArtifact {
        name: name.to_owned(),
        account: "123456789012".to_owned(),
        region: region.to_owned(),
        template,
        dependencies: needs.iter().map(|need| (*need).to_owned()).collect(),
        bindings,
        tags: BTreeMap::from([("como:environment".to_owned(), "prod".to_owned())]),
        termination_protection: false,
        shared: false,
        paths: BTreeMap::from([("Queue".to_owned(), "events/queue".to_owned())]),
    }
}

fn resource(resource_type: &str, deletion_policy: Option<RemovalPolicy>) -> Resource {
    Resource {
        resource_type: resource_type.to_owned(),
        condition: None,
        depends_on: Vec::new(),
        deletion_policy,
        update_replace_policy: None,
        metadata: Map::new(),
        properties: json!({ "Tags": [] }),
    }
}
