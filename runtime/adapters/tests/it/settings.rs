//! What the configuration table may say, and how a mistake is told.

use std::time::Duration;

use como_adapters::settings::{MembersonSettings, SevenRoomsSettings, StripeSettings};

fn check(document: &str, expected: &str) {
    assert_eq!(MembersonSettings::parse(document).unwrap_err().to_string(), expected);
}

#[test]
fn the_base_address_is_enough() {
    let settings = MembersonSettings::parse(r#"{"base_url": "https://c21sguat.memgate.com/"}"#).unwrap();
    assert_eq!(settings.base_url, "https://c21sguat.memgate.com");
    assert_eq!(settings.sign_in_path, "/api/profile/{customer_number}/signin");
    assert_eq!(settings.call.timeout, Duration::from_secs(2));
    let document = r#"{"base_url": "http://127.0.0.1:9/2_4", "venue_group_id": "g", "timeout_ms": 500}"#;
    let settings = SevenRoomsSettings::parse(document).unwrap();
    assert_eq!((settings.base_url.as_str(), settings.call.timeout.as_millis()), ("http://127.0.0.1:9/2_4", 500));
}

#[test]
fn every_mistake_names_its_key_and_the_accepted_form() {
    check("[]", "the document `partner/memberson` has mistakes: `(document)` must be a JSON object");
    check(
        r#"{"base_url": "http://memberson.example.com", "timeout_ms": "soon", "retires": 2, "reward_path": "/rewards"}"#,
        "the document `partner/memberson` has mistakes: \
         `timeout_ms` must be a whole number from 50 to 20000; \
         `base_url` must be an address such as https://partner.example.com (http only on the loopback interface); \
         `reward_path` must be a path that starts with `/` and contains {reward_number}; \
         `retires` must be left out: there is no such setting",
    );
    check(
        "{}",
        "the document `partner/memberson` has mistakes: \
         `base_url` must be an address such as https://partner.example.com (http only on the loopback interface)",
    );
}

#[test]
fn a_value_is_never_repeated() {
    let error = MembersonSettings::parse(r#"{"base_url": "https://user:hush@x.example.com"}"#).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"));
}

#[test]
fn a_call_that_a_partner_does_not_offer_has_no_path() {
    let settings = MembersonSettings::parse(r#"{"base_url": "https://m.example.com"}"#).unwrap();
    assert_eq!((settings.points_reversal_path, settings.redemption_cancel_path), (None, None));
    let document =
        r#"{"base_url": "https://m.example.com", "points_reversal_path": "/x", "redemption_cancel_path": null}"#;
    assert_eq!(MembersonSettings::parse(document).unwrap().points_reversal_path.as_deref(), Some("/x"));
    check(
        r#"{"base_url": "https://m.example.com", "redemption_cancel_path": "/cancel"}"#,
        "the document `partner/memberson` has mistakes: \
         `redemption_cancel_path` must be a path that starts with `/` and contains {redemption_number}",
    );
    let parse = |more: &str| {
        let document = format!(r#"{{"base_url": "https://s.example.com", "venue_group_id": "g"{more}}}"#);
        SevenRoomsSettings::parse(&document)
    };
    assert_eq!(parse("").unwrap().cancel_path.as_deref(), Some("/reservations/{reservation_id}"));
    assert_eq!(parse(r#", "cancel_path": null, "cancel_method": "PUT""#).unwrap().cancel_path, None);
    assert!(parse(r#", "cancel_method": "GET""#).is_err());
}

#[test]
fn stripe_needs_no_settings() {
    let settings = StripeSettings::parse("{}").unwrap();
    assert_eq!(
        (settings.base_url.as_str(), settings.api_version.as_str()),
        ("https://api.stripe.com", "2026-09-30.endive")
    );
    assert_eq!(settings.call.effect_timeout, Duration::from_secs(10));
    assert!(StripeSettings::parse(r#"{"api_version": "the newest"}"#).is_err());
}
