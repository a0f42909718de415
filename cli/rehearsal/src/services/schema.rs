//! The two questions that identifiers ask of the resource schemas.

use como_resources::facts;

/// The properties that together name a resource, if the type is known.
pub(crate) fn primary_identifier(resource_type: &str) -> Option<Vec<String>> {
    facts::of(resource_type).map(|facts| facts.primary_identifier().to_vec())
}

/// The names that `Fn::GetAtt` takes.
pub(crate) fn attributes(resource_type: &str) -> Vec<String> {
    facts::of(resource_type).into_iter().flat_map(|facts| facts.attributes()).map(str::to_owned).collect()
}
