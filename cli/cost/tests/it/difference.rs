//! What a change costs, and why.

use crate::support::{PRODUCTION, Place, current, one, prod};
use como_cost::difference::{Difference, ResourceChange, difference};
use como_cost::item::{Item, Priced};
use como_cost::money::Usd;
use rust_decimal::Decimal;

fn check(from: &str, to: &str) -> (Difference, Place) {
    assert!(PRODUCTION.contains(from), "prod.yaml no longer says {from}");
    let changed = one("prod", &PRODUCTION.replacen(from, to, 1));
    let difference = difference(&prod().estimate(&current()), &changed.estimate(&current()));
    assert_sums(&difference);
    (difference, changed)
}

fn assert_sums(difference: &Difference) {
    let moved: Usd = difference.changes.iter().map(|change| change.after - change.before).sum();
    assert_eq!(difference.before + moved + difference.rounding, difference.after);
    for change in &difference.changes {
        let parts = change.added + change.removed + change.resized + change.usage + change.price;
        assert_eq!(change.before + parts, change.after, "{}", change.resource);
    }
}

fn find<'d>(difference: &'d Difference, id: &str) -> &'d ResourceChange {
    let found = difference.changes.iter().find(|change| change.resource.id.starts_with(id));
    found.unwrap_or_else(|| panic!("{id}: {:#?}", difference.changes))
}

#[test]
fn nothing_changed_costs_nothing() {
    let difference = difference(&prod().estimate(&current()), &prod().estimate(&current()));
    assert_eq!(difference.changes, Vec::new());
    assert_eq!(difference.rounding.to_string(), "0.00");
}

#[test]
fn more_tasks_are_a_resize() {
    let (difference, _) = check("    tasks: 2\n", "    tasks: 3\n");
    let change = find(&difference, "Service");
    let month = Decimal::from(730) * "0.015405".parse::<Decimal>().unwrap();
    // 0.25 × 0.05056 + 0.5 × 0.00553 an hour; the amounts before and after are rounded, so a cent may be between them.
    assert!((change.resized.get() - month).abs() <= Decimal::new(1, 2), "{change:?}");
    assert_eq!(change.resized, change.after - change.before);
    assert!([change.added, change.usage, change.price].iter().all(|part| part.is_zero()), "{change:?}");
}

#[test]
fn a_gateway_less_is_removed_and_its_traffic_moves() {
    let (difference, _) = check("nat_gateways: 2", "nat_gateways: 1");
    let gone = find(&difference, "ZoneBNatGateway");
    assert!(gone.after.is_zero());
    assert_eq!(gone.removed, Usd::rounded(Decimal::ZERO) - gone.before);
    assert!(!find(&difference, "ZoneANatGateway").resized.is_zero(), "it takes the other's share");
}

#[test]
fn more_use_is_neither_size_nor_price() {
    let (difference, _) = check("nat_gb: { low: 2, expected: 10,", "nat_gb: { low: 2, expected: 20,");
    for id in ["ZoneANatGateway", "ZoneBNatGateway"] {
        let change = find(&difference, id);
        assert_eq!(change.usage.to_string(), "0.30", "5 GB more each, at 0.059; 0.295 to the even cent");
        assert!([change.added, change.resized, change.price].iter().all(|part| part.is_zero()), "{change:?}");
    }
}

#[test]
fn more_hours_at_peaks_are_use_too() {
    let (difference, _) =
        check("extra_task_hours: { low: 0, expected: 46,", "extra_task_hours: { low: 0, expected: 400,");
    let services: Vec<_> =
        difference.changes.iter().filter(|change| change.resource.kind == "AWS::ECS::Service").collect();
    assert_eq!(services.len(), 4);
    assert!(services.iter().all(|change| !change.usage.is_zero() && change.resized.is_zero()), "{services:#?}");
}

#[test]
fn another_price_is_neither_size_nor_use() {
    let priced = Priced { item: Item::NatHour, variant: None, region: "ap-southeast-1".to_owned() };
    let dearer = current().with_price(&priced, Decimal::ZERO, "0.069".parse().unwrap());
    let difference = difference(&prod().estimate(&current()), &prod().estimate(&dearer));
    assert_sums(&difference);
    assert_eq!(difference.changes.len(), 2);
    assert!(difference.changes.iter().all(|change| change.price.to_string() == "7.30"), "{difference:#?}");
}

#[test]
fn a_cache_is_added() {
    let (difference, _) = check("\ntags:", "\ncache:\n  node: dax.t3.small\n  nodes: 1\ntags:");
    assert_eq!(find(&difference, "Cache").added.to_string(), "44.53");
}
