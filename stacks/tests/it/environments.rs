//! All environments of the repository together, and what a stand-in may depend on.

use crate::support::PRODUCTION;
use como_config::{Contents, Environment, Posture, Siblings, parse_contents};
use como_core::assembly::{Assembly, DeployedStack, StackArtifact};
use como_resources::facts;
use std::collections::BTreeSet;

const DEVELOPMENT: &str = include_str!("../../../environments/dev.yaml");
const SYDNEY: &str = include_str!("../../../environments/sydney.yaml");
const PROPOSAL: &str = include_str!("../../../environments/proposal-2021.yaml");
/// CloudFormation's limit for a template that is sent with the request.
const BODY_LIMIT: usize = 51_200;
/// The active part of a stand-in, by the ids of its stacks.
const ACTIVE: [&str; 6] = ["network-active", "cache", "compute", "svc-", "api", "observability"];
/// Served from one region for all: what these types need cannot be had while that region is down.
const GLOBAL: [&str; 5] =
    ["AWS::IAM::", "AWS::Route53::", "AWS::CloudFront::", "AWS::Budgets::", "AWS::CertificateManager::"];

fn environments(file: &str, text: &str) -> Vec<Environment> {
    let siblings = Siblings::default().with("prod", PRODUCTION);
    match parse_contents(file, text, &siblings).unwrap_or_else(|mistakes| panic!("{mistakes:?}")) {
        Contents::Environment(environment) => vec![*environment],
        Contents::Proposal(proposal) => vec![proposal.production().clone(), proposal.development().clone()],
        Contents::Local(local) => vec![local.like().clone()],
    }
}

fn synthesised(environment: &Environment) -> Assembly {
    como_stacks::app(environment).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn sydney(posture: Posture) -> Assembly {
    let text = SYDNEY.replace("posture: pilot-light", &format!("posture: {posture}"));
    synthesised(&environments("sydney.yaml", &text)[0])
}

/// Production with all its options.
fn with_a_cache() -> String {
    PRODUCTION.replace("\ntags:", "\ncache:\n  node: dax.r5.large\n  nodes: 3\ntags:")
}

/// Sydney standing in for a production that has a cache, and serving.
fn sydney_with_a_cache() -> Assembly {
    let text = SYDNEY.replace("posture: pilot-light", "posture: warm");
    let siblings = Siblings::default().with("prod", with_a_cache());
    match parse_contents("sydney.yaml", &text, &siblings).unwrap_or_else(|mistakes| panic!("{mistakes:?}")) {
        Contents::Environment(environment) => synthesised(&environment),
        other => panic!("sydney is an environment, not {other:?}"),
    }
}

fn all() -> Vec<Assembly> {
    let cached = with_a_cache();
    let files = [
        ("prod.yaml", PRODUCTION),
        ("prod.yaml", &cached),
        ("dev.yaml", DEVELOPMENT),
        ("proposal-2021.yaml", PROPOSAL),
    ];
    let own = files.into_iter().flat_map(|(file, text)| environments(file, text));
    let own = own.map(|environment| synthesised(&environment));
    own.chain(Posture::ALL.map(sydney)).chain([sydney_with_a_cache()]).collect()
}

/// What the document shows: each environment, and production with all its options.
pub(crate) fn all_by_name() -> Vec<(&'static str, Assembly)> {
    let one = |file, text: &str| synthesised(&environments(file, text)[0]);
    let prod = one("prod.yaml", &with_a_cache());
    vec![("prod", prod), ("dev", one("dev.yaml", DEVELOPMENT)), ("sydney", sydney_with_a_cache())]
}

/// What [`all_by_name`] does not have.
pub(crate) fn other_postures() -> Vec<(&'static str, Assembly)> {
    vec![("sydney, cold", sydney(Posture::Cold)), ("sydney, pilot light", sydney(Posture::PilotLight))]
}

fn is_active(stack: &StackArtifact) -> bool {
    let id = stack.name.trim_start_matches("como-sydney-");
    ACTIVE.iter().any(|active| id == *active || active.ends_with('-') && id.starts_with(active))
}

#[test]
fn every_template_can_be_sent_with_the_request() {
    for stack in all().iter().flat_map(|assembly| &assembly.stacks) {
        let length = stack.template.to_body().unwrap().len();
        assert!(length < BODY_LIMIT, "{}: {length} bytes", stack.name);
    }
}

#[test]
fn every_property_is_one_that_cloudformation_knows_in_that_region() {
    for stack in all().iter().flat_map(|assembly| &assembly.stacks) {
        for (id, resource) in &stack.template.resources {
            let findings = facts::check(&resource.resource_type, &resource.properties);
            assert!(findings.is_empty(), "{} {id}: {findings:?}", stack.name);
            let facts = facts::of(&resource.resource_type).expect("a known type");
            assert!(facts.supported_in(&stack.region), "{} in {}", resource.resource_type, stack.region);
        }
    }
}

#[test]
fn three_environments_have_over_five_hundred_resources() {
    let own = [("prod.yaml", PRODUCTION), ("dev.yaml", DEVELOPMENT), ("sydney.yaml", SYDNEY)];
    let count = |(file, text)| synthesised(&environments(file, text)[0]).resource_count();
    let counts = own.map(count);
    assert!(500 < counts.iter().sum::<usize>(), "{counts:?}");
}

#[test]
fn account_wide_stacks_are_the_same_for_all_that_share_them() {
    let shared = |assembly: Assembly| -> Vec<StackArtifact> {
        assembly.stacks.into_iter().filter(|stack| stack.shared).collect()
    };
    let prod = shared(synthesised(&environments("prod.yaml", PRODUCTION)[0]));
    let dev = shared(synthesised(&environments("dev.yaml", DEVELOPMENT)[0]));
    assert!(!prod.is_empty());
    assert!(prod.iter().all(|stack| stack.name.starts_with("como-shared-")));
    for stack in &dev {
        assert_eq!(prod.iter().find(|other| other.name == stack.name), Some(stack));
    }
}

/// Where the tasks may reach a cache there is one, but for a stand-in that only prepares itself.
#[test]
fn a_stand_in_that_serves_has_the_cache_that_its_tasks_may_reach() {
    let clusters = |assembly: &Assembly| {
        let resources = assembly.stacks.iter().flat_map(|stack| stack.template.resources.values());
        resources.filter(|resource| resource.resource_type == "AWS::DAX::Cluster").count()
    };
    assert_eq!((clusters(&sydney_with_a_cache()), clusters(&sydney(Posture::Warm))), (1, 0));
}

#[test]
fn names_of_development_and_sydney_are_as_reviewed() {
    for (name, assembly) in all_by_name().into_iter().filter(|(name, _)| *name != "prod") {
        insta::assert_snapshot!(format!("names-{name}"), crate::templates::names(&assembly));
    }
}

#[test]
fn what_roles_of_development_and_sydney_may_do_is_as_reviewed() {
    for (name, assembly) in all_by_name().into_iter().filter(|(name, _)| *name != "prod") {
        insta::assert_snapshot!(format!("privileges-{name}"), crate::privileges::summary(&assembly));
    }
}

#[test]
fn the_active_part_of_sydney_needs_no_control_plane_outside_sydney() {
    let postures = Posture::ALL.map(|posture| (posture.to_string(), sydney(posture)));
    for (posture, assembly) in postures.into_iter().chain([("warm, with a cache".to_owned(), sydney_with_a_cache())]) {
        let is_in_sydney = |name: &String| {
            let own = assembly.stack(name).is_some_and(|stack| stack.region == "ap-southeast-2");
            let account_wide = |stack: &DeployedStack| {
                stack.name == *name && stack.region == "ap-southeast-2" && name.starts_with("como-shared-")
            };
            own || assembly.deployed.iter().any(account_wide)
        };
        for stack in assembly.stacks.iter().filter(|stack| is_active(stack)) {
            let name = &stack.name;
            assert_eq!(stack.region, "ap-southeast-2", "{name}");
            let read = stack.bindings.values().map(|binding| &binding.stack).chain(&stack.dependencies);
            let elsewhere: Vec<&String> = read.filter(|stack| !is_in_sydney(stack)).collect();
            assert!(elsewhere.is_empty(), "{posture}: {name} needs {elsewhere:?}");
            for (id, resource) in &stack.template.resources {
                let kind = &resource.resource_type;
                assert!(!GLOBAL.iter().any(|global| kind.starts_with(global)), "{posture}: {name} has {id}, a {kind}");
            }
            for (parameter, value) in &stack.template.parameters {
                let json = serde_json::to_value(value).unwrap();
                assert!(!json["Type"].as_str().unwrap().starts_with("AWS::SSM"), "{posture}: {name} {parameter}");
            }
            // Where the votes of the lease are is an argument of tasks: they do with two of three, and nothing is made there.
            let body = stack.template.to_body().unwrap().replace("ap-southeast-1,ap-southeast-2,ap-northeast-1", "");
            for region in ["ap-southeast-1", "us-east-1", "ap-northeast-1"] {
                assert!(!body.contains(region), "{posture}: {name} names {region}");
            }
            for forbidden in ["Fn::ImportValue", "Fn::GetStackOutput", "{{resolve:"] {
                assert!(!body.contains(forbidden), "{posture}: {name} has {forbidden}");
            }
        }
    }
}

/// A posture is a choice of what Sydney's own control plane can make; the base part does not know of it.
#[test]
fn postures_differ_in_the_active_part_only() {
    let base = |posture| -> Vec<StackArtifact> {
        sydney(posture).stacks.into_iter().filter(|stack| !is_active(stack)).collect()
    };
    let active = |posture| -> BTreeSet<String> {
        sydney(posture).stacks.into_iter().filter(is_active).map(|stack| stack.name).collect()
    };
    let cold = base(Posture::Cold);
    for posture in [Posture::PilotLight, Posture::Warm] {
        for (expected, found) in cold.iter().zip(base(posture)) {
            assert_eq!(*expected, found, "{posture}: {}", found.name);
        }
        assert_eq!(cold.len(), base(posture).len(), "{posture}");
    }
    assert_eq!(active(Posture::Cold), BTreeSet::new());
    assert!(active(Posture::PilotLight).is_subset(&active(Posture::Warm)));
    assert!(active(Posture::PilotLight).len() < active(Posture::Warm).len());
}
