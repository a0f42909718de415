//! A month in a file: what was saved is what it is compared with.

use crate::support::{PRODUCTION, current, one, prod};
use como_config::Scenario;
use como_cost::difference::{between, difference};
use como_cost::month::{Month, SavedMonth, SavedMonthError};

fn saved() -> String {
    let estimate = prod().estimate(&current());
    let month = SavedMonth::new("2026-11-30", Scenario::Expected, "2026-11-30").with("prod", &estimate);
    serde_json::to_string_pretty(&month).unwrap()
}

#[test]
fn a_saved_month_is_the_estimate_that_it_was() {
    let read = SavedMonth::parse("month.json", &saved(), Scenario::Expected).unwrap();
    let estimate = prod().estimate(&current());
    assert_eq!(read.environment("prod"), Some(&Month::of(&estimate)));
    assert_eq!((read.date(), read.prices()), ("2026-11-30", "2026-11-30"));
    assert_eq!(read.environment("dev"), None);
    let changed = one("prod", &PRODUCTION.replacen("nat_gateways: 2", "nat_gateways: 1", 1)).estimate(&current());
    let from_file = between(read.environment("prod").unwrap(), &Month::of(&changed));
    assert_eq!(from_file, difference(&estimate, &changed));
}

#[test]
fn a_new_environment_is_added_as_a_whole() {
    let estimate = prod().estimate(&current());
    let difference = between(&Month::default(), &Month::of(&estimate));
    assert_eq!((difference.before.to_string().as_str(), difference.after), ("0.00", estimate.total));
    assert_eq!(difference.added + difference.rounding, estimate.total);
    for reason in [difference.removed, difference.resized, difference.usage, difference.price] {
        assert!(reason.is_zero());
    }
}

#[test]
fn what_is_no_saved_month_is_refused_with_its_file() {
    let check = |text: &str, expected: &str| {
        let error = SavedMonth::parse("month.json", text, Scenario::Expected).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check("{}", "month.json is no month that `como cost --save` wrote");
    check(
        &saved().replace("como.cost.month/1", "como.cost.month/9"),
        "month.json has the form como.cost.month/9, and this como reads como.cost.month/1",
    );
    let low = SavedMonth::parse("month.json", &saved(), Scenario::Low).unwrap_err();
    assert!(matches!(low, SavedMonthError::Scenario { ref found, .. } if found == "expected"), "{low}");
    let tampered = saved().replacen("\"total\": \"", "\"total\": \"0.001", 1);
    assert!(SavedMonth::parse("month.json", &tampered, Scenario::Expected).is_err());
}
