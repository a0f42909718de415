//! Figures of usage: what is read, and what is refused where.

use como_config::{Scenario, UsageKey, parse};

use crate::{PRODUCTION, production_with};

const FIGURE: &str = "  nat_gb: { low: 2, expected: 10, high: 100, owner: como-digital, date: 2026-11-30,";

#[test]
fn figures_keep_their_digits_and_say_where_they_are_from() {
    let production = parse("prod.yaml", PRODUCTION).unwrap();
    let figure = production.usage().get(UsageKey::LoadBalancerLcu).unwrap();
    let amounts = Scenario::ALL.map(|scenario| figure.at(scenario).to_string());
    assert_eq!(amounts, ["0.02", "0.2", "5.25"]);
    assert_eq!((figure.owner().as_str(), figure.date().to_string().as_str()), ("como-digital", "2026-11-30"));
    assert!(figure.source().as_str().starts_with("assumption: "));
    assert!(production.usage().get(UsageKey::DrillHours).is_none());
}

#[test]
fn usage_may_be_left_out() {
    let (text, _) = PRODUCTION.split_once("\nusage:").unwrap();
    assert_eq!(parse("prod.yaml", text).unwrap().usage().iter().count(), 0);
}

#[test]
fn every_key_has_a_name_and_a_unit_of_its_own() {
    let mut names: Vec<&str> = UsageKey::ALL.iter().map(|key| key.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), UsageKey::ALL.len());
    assert!(UsageKey::ALL.iter().all(|key| !key.unit().is_empty()));
}

/// Each bad figure's one mistake: code, path, message, and the hint.
#[test]
fn bad_figures_are_refused_where_they_are() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(FIGURE.contains(from), "{from}");
        let mistakes = parse("prod.yaml", &production_with(FIGURE, &FIGURE.replacen(from, to, 1))).unwrap_err();
        let [mistake] = mistakes.as_slice() else { panic!("{mistakes:#?}") };
        let line = PRODUCTION.lines().position(|line| line.starts_with("  nat_gb:")).unwrap() + 1;
        assert_eq!(mistake.line, line);
        let more = mistake.accepted.iter().chain(&mistake.hint).cloned().collect::<Vec<_>>().join("; ");
        let found = format!("{} at {}: {} ({more})", mistake.code, mistake.path, mistake.message);
        assert_eq!(found, expected);
    };
    check(
        "expected: 10,",
        "expected: 1,",
        "conflict at usage.nat_gb.expected: `expected` is 1, less than `low`, which is 2 (`low` is never above `expected`, nor that above `high`)",
    );
    check(
        "high: 100,",
        "high: 9,",
        "conflict at usage.nat_gb.high: `high` is 9, less than `expected`, which is 10 (`low` is never above `expected`, nor that above `high`)",
    );
    check("low: 2,", "low: -2,", "invalid-value at usage.nat_gb.low: nobody uses -2 GB (0 or more)");
    check("low: 2,", "low: two,", "wrong-type at usage.nat_gb.low: a number belongs here, not the text `two` ()");
    check(
        "low: 2,",
        "low: \"2\",",
        "wrong-type at usage.nat_gb.low: a number belongs here, not the text `2` (write it without quotes: 2)",
    );
    check(
        "low: 2,",
        "low: 2e-9,",
        "invalid-value at usage.nat_gb.low: `2e-9` cannot be an amount (a number of up to 1000000000000 with up to 6 decimals, written out)",
    );
    check(" owner: como-digital,", "", "missing-key at usage.nat_gb: `nat_gb` has no key `owner` ()");
    check(
        "2026-11-30",
        "2026-13-30",
        "invalid-value at usage.nat_gb.date: `2026-13-30` is not a date (year, month and day, such as 2026-11-30)",
    );
    check(
        "como-digital",
        "' '",
        "invalid-value at usage.nat_gb.owner: ` ` cannot be the owner of a figure (1 to 64 characters on one line)",
    );
    let known = UsageKey::ALL.iter().map(|key| key.as_str()).collect::<Vec<_>>().join("; ");
    check(
        "  nat_gb",
        "  nat_gbs",
        &format!(
            "unknown-key at usage.nat_gbs: `nat_gbs` is not a key that belongs here ({known}; did you mean `nat_gb`?)"
        ),
    );
    check(
        "  nat_gb",
        "  endpoint_zones",
        "conflict at usage.endpoint_zones: only a proposal has `endpoint_zones`: the templates say it, or have no such thing (leave the key out)",
    );
}
