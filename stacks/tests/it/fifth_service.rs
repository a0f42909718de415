//! A fifth service is one line of Rust and one block of YAML. This is the recipe of `docs/adding-a-service.md`, followed.

use crate::support::{PRODUCTION, resources, strings};
use como_config::{Environment, Siblings, parse_among};
use como_contract::secret::Secret;
use como_contract::service::{Definition, Service};
use como_contract::service_definition;
use como_core::assembly::{Assembly, StackArtifact};
use como_resources::facts;
use serde_json::json;
use std::collections::BTreeSet;

const RECIPE: &str = include_str!("../../../docs/adding-a-service.md");
const NAMES: &[&str] = &["accounts", "experiences", "bookings", "redemptions", "events"];
static EVENTS: Definition =
    service_definition!("events", 50, Look, ["/v1/events*"], [MembersonCredentials], [], "Shows what is on.");

/// What stands between a fence of this language and the next.
fn block(language: &str) -> &'static str {
    let (_, rest) = RECIPE.split_once(&format!("```{language}\n")).expect("the block");
    rest.split_once("```").expect("its end").0
}

fn environment() -> Environment {
    let text = PRODUCTION.replacen("  bookings:\n", &format!("{}  bookings:\n", block("yaml")), 1);
    let siblings = Siblings::default().for_services(NAMES);
    parse_among("prod.yaml", &text, &siblings).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn with_events() -> Assembly {
    let mut services: Vec<&'static Definition> = Service::ALL.map(Service::definition).to_vec();
    services.push(&EVENTS);
    como_stacks::app_with(&environment(), &services).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

#[test]
fn the_recipes_line_is_the_one_that_is_tried_here() {
    let line = block("rust").trim();
    let (variant, rest) = line.split_once(": ").unwrap();
    assert_eq!(variant, "Events");
    let tried = include_str!("fifth_service.rs");
    assert!(tried.contains(&format!("service_definition!({});", rest.trim_end_matches(';'))), "{rest}");
}

#[test]
fn it_gets_everything_that_a_service_has() {
    let (before, after) = (crate::support::assembly(), with_events());
    let stack = after.stack("como-prod-svc-events").expect("its stack");
    let types = |stack: &StackArtifact| -> Vec<String> {
        let mut types: Vec<String> =
            stack.template.resources.values().map(|resource| resource.resource_type.clone()).collect();
        types.sort();
        types
    };
    assert_eq!(types(stack), types(after.stack("como-prod-svc-accounts").unwrap()));
    let of = |kind: &str| stack.template.resources.values().find(|one| one.resource_type == kind).unwrap();
    let task = &of("AWS::ECS::TaskDefinition").properties;
    assert_eq!((&task["Cpu"], &task["Memory"]), (&json!("512"), &json!("1024")), "as the block has it");
    let container = &task["ContainerDefinitions"][0];
    assert_eq!(container["Command"][2], "events");
    let secrets = container["Secrets"].as_array().unwrap();
    let secrets: Vec<&str> = secrets.iter().map(|secret| secret["Name"].as_str().unwrap()).collect();
    assert_eq!(secrets, [Secret::MembersonCredentials.variable()]);
    let rule = &of("AWS::ElasticLoadBalancingV2::ListenerRule").properties;
    assert_eq!(rule["Priority"], 50);
    assert_eq!(strings(&rule["Conditions"][0]["PathPatternConfig"]["Values"]), ["*/v1/events*"]);

    let names = |assembly: &Assembly| -> BTreeSet<String> {
        let named = ["AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::CloudWatch::Alarm"];
        let all = named.into_iter().flat_map(|kind| {
            let found = resources(assembly, kind).map(|(stack, id, _)| format!("{} {kind} {id}", stack.name));
            found.collect::<Vec<_>>()
        });
        all.collect()
    };
    let (old, new) = (names(&before), names(&after));
    let own: Vec<String> =
        new.difference(&old).map(|name| name.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    let count = |kind: &str| own.iter().filter(|name| name.ends_with(kind)).count();
    assert_eq!((count("AWS::IAM::Role"), count("AWS::Logs::LogGroup")), (2, 1), "{own:?}");
    assert_eq!(count("AWS::CloudWatch::Alarm"), 6, "one for deployments, five for people: {own:?}");
    assert!(old.is_subset(&new), "nothing of the others changes its name");
}

#[test]
fn its_templates_are_sound() {
    for stack in with_events().stacks {
        let length = stack.template.to_body().unwrap().len();
        assert!(length < 51_200, "{}: {length} bytes", stack.name);
        for (id, resource) in &stack.template.resources {
            let findings = facts::check(&resource.resource_type, &resource.properties);
            assert!(findings.is_empty(), "{} {id}: {findings:?}", stack.name);
        }
    }
}

/// What is said of the real services must not collide: two rules of one priority, or two patterns for one path.
#[test]
fn services_share_neither_name_nor_priority_nor_paths() {
    let services: Vec<&Definition> = Service::ALL.map(Service::definition).into_iter().chain([&EVENTS]).collect();
    let distinct = |key: fn(&Definition) -> String| services.iter().map(|one| key(one)).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(|one| one.name.to_owned()), services.len());
    assert_eq!(distinct(|one| one.priority.to_string()), services.len());
    for one in &services {
        assert!(!one.paths.is_empty() && one.paths.len() <= 5, "{}", one.name);
        for other in services.iter().filter(|other| other.name != one.name) {
            for path in one.paths {
                let overlaps = |pattern: &str| {
                    let (pattern, path) = (pattern.trim_end_matches('*'), path.trim_end_matches('*'));
                    pattern.starts_with(path) || path.starts_with(pattern)
                };
                assert!(
                    !other.paths.iter().any(|pattern| overlaps(pattern)),
                    "{path} of {} and {}",
                    one.name,
                    other.name
                );
            }
        }
    }
}
