//! What our own rules say of the topology, and which of their findings are accepted, with what reason.

use crate::environments::{all_by_name, other_postures};
use como_checks::Verdict;
use como_checks::check;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[test]
fn no_rule_has_an_open_finding() {
    let mut text = String::new();
    for (name, assembly) in all_by_name().into_iter().chain(other_postures()) {
        write!(text, "# {name}\n{}\n", check(&assembly).to_text()).unwrap();
    }
    insta::assert_snapshot!(text);
}

/// Each addition is argued where the suppression stands; this shows that there was one.
#[test]
fn what_is_accepted_is_counted() {
    let mut counts: BTreeMap<(&str, String), BTreeMap<&str, usize>> = BTreeMap::new();
    let all = all_by_name();
    for (name, assembly) in &all {
        for finding in check(assembly).findings {
            if let Verdict::Accepted { reason } = &finding.verdict {
                *counts.entry((finding.rule.id(), reason.clone())).or_default().entry(name).or_default() += 1;
            }
        }
    }
    let mut text = String::new();
    for ((rule, reason), places) in counts {
        let places: Vec<String> = places.iter().map(|(name, count)| format!("{name} {count}")).collect();
        writeln!(text, "{rule}: {} ({reason})", places.join(", ")).unwrap();
    }
    insta::assert_snapshot!(text);
}
