//! Amounts: exact, checked, never a float.

use como_domain::money::{Currency, Money, Points};
use proptest::prelude::*;

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec![Currency::Sgd, Currency::Jpy, Currency::Usd, Currency::Thb])
}

proptest! {
    #[test]
    fn a_sum_is_exact_or_refused(a: i64, b: i64, one in currency(), other in currency()) {
        let sum = Money::from_minor(a, one).checked_add(Money::from_minor(b, other));
        let exact = i128::from(a) + i128::from(b);
        let fits = one == other && i64::try_from(exact).is_ok();
        prop_assert_eq!(sum.is_some(), fits);
        if let Some(sum) = sum {
            prop_assert_eq!((i128::from(sum.minor()), sum.currency()), (exact, one));
        }
    }

    #[test]
    fn a_price_of_many_is_exact_or_refused(minor: i64, count: u32, currency in currency()) {
        let exact = i128::from(minor) * i128::from(count);
        let money = Money::from_minor(minor, currency).checked_mul(count);
        prop_assert_eq!(money.map(|money| i128::from(money.minor())), i64::try_from(exact).ok().map(i128::from));
        prop_assert!(money.is_none_or(|money| money.currency() == currency));
        let points = Points::from_hundredths(minor).checked_mul(count);
        prop_assert_eq!(points.map(Points::hundredths), i64::try_from(exact).ok());
    }

    #[test]
    fn points_come_and_go_exactly(balance: i64, price: i64) {
        let (balance, price) = (Points::from_hundredths(balance), Points::from_hundredths(price));
        if let Some(left) = balance.checked_sub(price) {
            prop_assert_eq!(left.checked_add(price), Some(balance));
        } else {
            let exact = i128::from(balance.hundredths()) - i128::from(price.hundredths());
            prop_assert!(i64::try_from(exact).is_err());
        }
    }

    #[test]
    fn an_amount_survives_being_written_down(minor: i64, currency in currency()) {
        let money = Money::from_minor(minor, currency);
        let text = serde_json::to_string(&money).unwrap();
        prop_assert!(text.contains(currency.code()));
        prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), money);
        let points = Points::from_hundredths(minor);
        let text = serde_json::to_string(&points).unwrap();
        prop_assert_eq!(serde_json::from_str::<Points>(&text).unwrap(), points);
    }

    #[test]
    fn no_fraction_is_read_as_an_amount(units in any::<i64>(), fraction in 1_u32..1000) {
        let text = format!(r#"{{"hundredths":{units}.{fraction:03}}}"#);
        prop_assert!(serde_json::from_str::<Points>(&text).is_err(), "{}", text);
    }
}
