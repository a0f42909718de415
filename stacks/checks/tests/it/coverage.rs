//! A rule that nobody has seen fire may be one that cannot.

use crate::rules::all;
use como_checks::rules;
use std::collections::BTreeSet;

#[test]
fn every_id_of_every_rule_is_broken_by_a_template() {
    let broken: BTreeSet<&str> = all().iter().flat_map(|case| case.ids.split(' ')).collect();
    let missing: Vec<&str> = rules().flat_map(|rule| rule.ids).copied().filter(|id| !broken.contains(id)).collect();
    assert!(missing.is_empty(), "no template breaks {}", missing.join(", "));
}

#[test]
fn an_id_stands_first_for_one_rule_only() {
    let mut seen = BTreeSet::new();
    let twice: Vec<&str> = rules().map(|rule| rule.id()).filter(|id| !seen.insert(*id)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
