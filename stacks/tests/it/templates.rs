//! The templates themselves.

use crate::support::{PRODUCTION, assembly, environment};
use como_core::assembly::Assembly;
use como_resources::facts;
use std::fmt::Write as _;

/// CloudFormation's limit for a template that is sent with the request.
const BODY_LIMIT: usize = 51_200;

#[test]
fn every_template_is_as_reviewed() {
    for stack in assembly().stacks {
        let json = serde_json::to_string_pretty(&stack.template).unwrap();
        insta::assert_snapshot!(format!("template-{}", stack.name), json);
    }
}

#[test]
fn stacks_bindings_and_outputs_are_as_reviewed() {
    let mut text = String::new();
    for stack in assembly().stacks {
        writeln!(text, "{} ({} resources)", stack.name, stack.template.resources.len()).unwrap();
        writeln!(text, "  after: {}", stack.dependencies.join(", ")).unwrap();
        for (parameter, binding) in &stack.bindings {
            writeln!(text, "  {parameter} <- {}.{}", binding.stack, binding.output).unwrap();
        }
        for (output, value) in &stack.template.outputs {
            let audience = value.audience;
            writeln!(text, "  -> {output}, for {audience:?}: {}", value.description.as_deref().unwrap_or_default())
                .unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

/// Logical ids, types and physical names, a line for each resource.
pub(crate) fn names(assembly: &Assembly) -> String {
    const NAMES: &[&str] = &[
        "AliasName",
        "ClientName",
        "ClusterName",
        "Family",
        "LogGroupName",
        "Name",
        "PolicyName",
        "ServiceName",
        "StageName",
        "TableName",
        "UserPoolName",
    ];
    let mut text = String::new();
    for stack in &assembly.stacks {
        for (id, resource) in &stack.template.resources {
            let names = NAMES.iter().filter_map(|key| resource.properties.get(key)?.as_str());
            let name = names.map(|name| format!(" = {name}")).next().unwrap_or_default();
            writeln!(text, "{} {id} {}{name}", stack.name, resource.resource_type).unwrap();
        }
    }
    text
}

#[test]
fn logical_ids_and_physical_names_are_as_reviewed() {
    insta::assert_snapshot!(names(&assembly()));
}

#[test]
fn two_syntheses_are_byte_identical() {
    let files = || assembly().files().unwrap();
    assert_eq!(files(), files());
}

#[test]
fn every_template_can_be_sent_with_the_request() {
    for stack in assembly().stacks {
        let length = stack.template.to_body().unwrap().len();
        assert!(length < BODY_LIMIT, "{}: {length} bytes", stack.name);
    }
}

#[test]
fn every_property_is_one_that_cloudformation_knows() {
    for stack in assembly().stacks {
        for (id, resource) in &stack.template.resources {
            let findings = facts::check(&resource.resource_type, &resource.properties);
            assert!(findings.is_empty(), "{} {id}: {findings:?}", stack.name);
        }
    }
}

#[test]
fn every_type_is_offered_in_its_region() {
    for stack in assembly().stacks {
        for resource in stack.template.resources.values() {
            let facts = facts::of(&resource.resource_type).expect("a known type");
            assert!(facts.supported_in(&stack.region), "{} in {}", resource.resource_type, stack.region);
        }
    }
}

#[test]
fn another_account_and_region_change_neither_ids_nor_counts() {
    let text = PRODUCTION.replace("123456789012", "210987654321").replace("ap-southeast-1", "ap-northeast-2");
    let other = como_stacks::app(&environment(&text)).unwrap();
    for (here, there) in assembly().stacks.iter().zip(other.stacks) {
        let region = here.region.replace("ap-southeast-1", "ap-northeast-2");
        assert_eq!((there.account.as_str(), there.region), ("210987654321", region));
        assert!(here.template.resources.keys().eq(there.template.resources.keys()), "{}", here.name);
    }
}
