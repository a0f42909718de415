//! What holds for every quantity and every price.

use crate::support::{current, dev, of_2021, prod};
use como_config::{Driver, UsageKey};
use como_cost::book::parse;
use como_cost::estimate::{Missing, estimate};
use como_cost::item::{GLOBAL, Item, Priced};
use como_cost::money::Usd;
use como_cost::view::{By, view};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Figures that more of costs more, never less.
fn quantities() -> Vec<UsageKey> {
    UsageKey::ALL.iter().copied().filter(|key| key.driver() != Driver::Fixed).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn the_total_is_the_sum_of_its_lines_and_no_line_is_off_by_a_cent(factor in 0u32..400) {
        let place = prod();
        let figures = quantities().into_iter().fold(place.figures(), |figures, key| match figures.amount(key) {
            Some(amount) => figures.with(key, amount * Decimal::from(factor) / Decimal::from(7)),
            None => figures,
        });
        let estimate = estimate(&place.subject(), &figures, &current(), Missing::Refused).unwrap();
        prop_assert_eq!(estimate.total, estimate.lines.iter().map(|line| line.amount).sum());
        let half_a_cent = Decimal::new(5, 3);
        for line in &estimate.lines {
            prop_assert!((line.amount.get() - line.exact).abs() <= half_a_cent, "{}", line.id);
            let parts: Decimal = line.parts.iter().map(|part| part.exact).sum();
            prop_assert_eq!(Usd::rounded(parts), line.amount);
        }
        for by in [By::Service, By::Stack, By::Resource] {
            let view = view(&estimate, by);
            let shown: Usd = view.groups.iter().map(|group| group.amount).sum();
            prop_assert_eq!(shown + view.rounding, estimate.total);
        }
    }

    #[test]
    fn more_of_anything_never_costs_less(index in 0usize..40, less in 0u32..1_000_000, more in 0u32..1_000_000) {
        let place = dev();
        let keys = quantities();
        let key = keys[index % keys.len()];
        let with = |amount: u32| {
            let figures = place.figures().with(key, Decimal::from(amount));
            estimate(&place.subject(), &figures, &current(), Missing::Refused).map(|estimate| estimate.exact())
        };
        // A quantity beyond the last band of the book has no price, which is an error and no smaller amount.
        if let (Ok(few), Ok(many)) = (with(less.min(more)), with(less.max(more))) {
            prop_assert!(few <= many, "{key}: {few} and {many}");
        }
    }

    #[test]
    fn resources_of_a_part_sum_to_the_part(factor in 1u32..50) {
        let place = prod();
        let figures = place.figures().with(UsageKey::Notifications, Decimal::from(factor * 100));
        let estimate = estimate(&place.subject(), &figures, &current(), Missing::Refused).unwrap();
        for part in estimate.parts() {
            let shares: Decimal = part.contributions.iter().map(|contribution| contribution.exact).sum();
            prop_assert!((shares - part.exact).abs() < Decimal::new(1, 12), "{}", part.priced);
        }
    }
}

/// 0 to 100 free, to 1,000 at a dollar, then at half a dollar.
const BANDS: &str = r#"{
  "schema": 1, "name": "bands", "date": "2026-11-30", "currency": "USD", "about": "a test",
  "rows": [
    {"item": "ci.minute", "region": "global", "offer": "x", "usage_type": "x", "begin": "100", "end": "1000", "unit": "minute", "price": "1", "source": "a test", "confidence": "confirmed"},
    {"item": "ci.minute", "region": "global", "offer": "x", "usage_type": "x", "begin": "0", "end": "100", "unit": "minute", "price": "0", "source": "a test", "confidence": "confirmed"},
    {"item": "ci.minute", "region": "global", "offer": "x", "usage_type": "x", "begin": "1000", "unit": "minute", "price": "0.5", "source": "a test", "confidence": "confirmed"}
  ]
}"#;

#[test]
fn edges_of_bands_are_exact() {
    let book = parse("bands.json", BANDS).unwrap();
    let priced = Priced { item: Item::BuildMinute, variant: None, region: GLOBAL.to_owned() };
    let check = |quantity: &str, amount: &str| {
        let bands = book.amount(&priced, quantity.parse().unwrap()).unwrap().unwrap();
        assert_eq!(bands.iter().map(|band| band.amount).sum::<Decimal>(), amount.parse().unwrap(), "{quantity}");
    };
    check("0", "0");
    check("99.999999", "0");
    check("100", "0");
    check("100.000001", "0.000001");
    check("1000", "900");
    check("1000.5", "900.25");
    check("1000000", "500400");
}

#[test]
fn a_quantity_beyond_the_last_band_has_no_price() {
    let book = of_2021();
    let priced = Priced { item: Item::RestRequest, variant: None, region: "ap-southeast-1".to_owned() };
    let end = Decimal::from(333_000_000);
    assert!(book.amount(&priced, end).unwrap().is_ok());
    let beyond = book.amount(&priced, end + Decimal::ONE).unwrap().unwrap_err();
    assert_eq!(beyond.end, end);
}
