//! What the configuration table may say, and how a mistake is told.

use std::time::Duration;

use como_adapters::settings::{MembersonSettings, SevenRoomsSettings};

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
