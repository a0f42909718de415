//! Nothing is forgotten: every resource of every environment has a price, is free, or is billed elsewhere.

use crate::support::{Place, current, dev, prod, sydney};
use como_config::Posture;
use como_cost::estimate::{Estimate, Missing, estimate};
use como_cost::problem::Problem;
use como_cost::survey::is_known;
use como_resources::facts;
use std::collections::BTreeSet;

fn check(place: &Place) -> Estimate {
    let estimate = place.estimate(&current());
    let mut named: BTreeSet<(String, String)> = BTreeSet::new();
    for part in estimate.parts() {
        for contribution in &part.contributions {
            named.insert((contribution.resource.stack.clone(), contribution.resource.id.clone()));
        }
    }
    for explained in estimate.free.iter().chain(&estimate.billed_elsewhere) {
        let name = (explained.resource.stack.clone(), explained.resource.id.clone());
        assert!(named.insert(name), "{} is priced and not", explained.resource);
    }
    for stack in &place.assembly.stacks {
        for id in stack.template.resources.keys() {
            assert!(named.contains(&(stack.name.clone(), id.clone())), "{id} of {} is forgotten", stack.name);
        }
    }
    assert_eq!(estimate.total, estimate.lines.iter().map(|line| line.amount).sum());
    estimate
}

#[test]
fn every_resource_of_every_environment_is_accounted_for() {
    let mut estimates = vec![check(&prod()), check(&dev())];
    estimates.extend(Posture::ALL.map(|posture| check(&sydney(posture))));
    let text: String = estimates
        .iter()
        .map(|estimate| {
            let lines = estimate.lines.iter().map(|line| format!("  {:<40} {:>9}\n", line.id, line.amount));
            format!("{} {}\n{}", estimate.file, estimate.total, lines.collect::<String>())
        })
        .collect();
    insta::assert_snapshot!("totals", text);
}

#[test]
fn what_is_shared_is_paid_for_once() {
    let dev = check(&dev());
    let with_prod = dev.billed_elsewhere.iter().filter(|explained| explained.why == "with prod");
    assert!(0 < with_prod.count());
    assert!(dev.line("ecr").is_none(), "the registry is prod's");
    assert!(check(&prod()).line("ecr").is_some());
}

#[test]
fn a_missing_price_is_an_error_that_names_it_and_never_nothing() {
    let with_cache = crate::support::PRODUCTION.replace("\ntags:", "\ncache:\n  node: dax.r5.large\n  nodes: 3\ntags:");
    let place = crate::support::one("prod", &with_cache);
    let book = current();
    let error = estimate(&place.subject(), &place.figures(), &book, Missing::Refused).unwrap_err();
    let [unpriced] = error.unpriced.as_slice() else { panic!("{error}") };
    assert!(matches!(unpriced.problem, Problem::NoPrice { .. }));
    let text = error.to_string();
    assert!(text.contains("dax.node-hour (dax.r5.large) in ap-southeast-1"), "{text}");
    assert!(text.contains("--prices FILE"), "{text}");
    let listed = estimate(&place.subject(), &place.figures(), &book, Missing::Listed).unwrap();
    assert!(listed.at_least);
    assert_eq!(listed.unpriced.len(), 1);
    assert_eq!(
        listed.total,
        prod().estimate(&book).total,
        "what has no price adds nothing, and the total says at least"
    );
}

#[test]
fn a_missing_figure_is_an_error_that_names_key_and_file() {
    let without = |key: &str| -> String {
        let lines = crate::support::PRODUCTION.lines().filter(|line| !line.trim().starts_with(&format!("{key}:")));
        lines.map(|line| format!("{line}\n")).collect()
    };
    for key in ["nat_gb", "build_minutes", "table_writes", "members"] {
        let place = crate::support::one("prod", &without(key));
        let error = estimate(&place.subject(), &place.figures(), &current(), Missing::Refused).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("add `{key}` under `usage` in environments/prod.yaml")), "{text}");
    }
}

/// What Cognito takes for a pool in a second region no source says; the topology has none.
const WITHOUT_A_PRICE: [&str; 2] =
    ["AWS::Cognito::UserPoolRegionalConfigurationAttachment", "AWS::Cognito::UserPoolReplica"];

#[test]
fn every_type_that_a_template_can_have_is_known_by_name() {
    let mut unknown: Vec<&str> = facts::all().filter(|kind| !is_known(kind)).collect();
    unknown.sort_unstable();
    assert_eq!(unknown, WITHOUT_A_PRICE);
    assert!(!is_known("AWS::Redshift::Cluster"));
}

#[test]
fn a_type_without_a_rule_is_an_error_that_names_it() {
    let mut place = prod();
    let stack = place.assembly.stacks.first_mut().unwrap();
    let resource = stack.template.resources.values_mut().next().unwrap();
    resource.resource_type = "AWS::Redshift::Cluster".to_owned();
    let error = estimate(&place.subject(), &place.figures(), &current(), Missing::Refused).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("no rule says what its type costs") && text.contains("AWS::Redshift::Cluster"), "{text}");
}

#[test]
fn no_template_follows_from_usage() {
    let (text, _) = crate::support::PRODUCTION.split_once("\nusage:").unwrap();
    assert_eq!(crate::support::one("prod", text).assembly, prod().assembly);
}
