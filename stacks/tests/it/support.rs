//! What the tests share: production's assembly and ways to look into it.

use como_config::Environment;
use como_core::assembly::{Assembly, StackArtifact};
use como_core::template::Resource;
use serde_json::Value as Json;

pub(crate) const PRODUCTION: &str = include_str!("../../../environments/prod.yaml");

pub(crate) fn environment(text: &str) -> Environment {
    como_config::parse("prod.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

pub(crate) fn assembly() -> Assembly {
    como_stacks::app(&environment(PRODUCTION)).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Every resource of a type, with its stack and its logical id.
pub(crate) fn resources<'a>(
    assembly: &'a Assembly,
    resource_type: &'a str,
) -> impl Iterator<Item = (&'a StackArtifact, &'a str, &'a Resource)> {
    assembly.stacks.iter().flat_map(move |stack| {
        let resources = stack.template.resources.iter();
        resources
            .filter(move |(_, resource)| resource.resource_type == resource_type)
            .map(move |(id, resource)| (stack, id.as_str(), resource))
    })
}

pub(crate) fn strings(list: &Json) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|value| value.as_str().expect("a string")).collect()
}
