//! Events: genuine ones are read, whatever their order; all others are refused.

use std::time::Duration;

use como_adapters::stripe::webhook::{WebhookError, receive, verify};
use como_domain::payment::{PaymentEventKind, RefundStatus};
use como_doubles::stripe::Stripe;
use jiff::Timestamp;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::json;

const TOLERANCE: Duration = Duration::from_secs(300);
const NOW: i64 = 1_790_000_000;

fn secrets(names: &[&str]) -> Vec<SecretString> {
    names.iter().map(|name| SecretString::from(*name)).collect()
}

fn signed(at: i64, body: &str, names: &[&str]) -> String {
    Stripe::sign(at, body, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
}

fn check(header: &str, body: &str, names: &[&str], expected: Result<(), WebhookError>) {
    let now = Timestamp::from_second(NOW).unwrap();
    assert_eq!(verify(header, body.as_bytes(), &secrets(names), now, TOLERANCE), expected, "{header}");
}

#[test]
fn either_secret_will_do_and_everything_else_is_refused() {
    let body = r#"{"id":"evt_1"}"#;
    let header = signed(NOW, body, &["old", "new"]);
    check(&header, body, &["new"], Ok(()));
    check(&header, body, &["old", "other"], Ok(()));
    check(&header, body, &["other"], Err(WebhookError::Signature));
    check(&header, body, &[], Err(WebhookError::Signature));
    check(&header, r#"{"id":"evt_2"}"#, &["new"], Err(WebhookError::Signature));
    check(&header.replace("v1=", "v0="), body, &["new"], Err(WebhookError::Malformed));
    check(&header.replace("t=", "t=0"), body, &["new"], Err(WebhookError::Signature));
    check(&format!("{header},v0=00,x"), body, &["new"], Ok(()));
    for header in ["", "t=1", "t=x,v1=00", "v1=00", "t=1,v1=zz", "t=99999999999999999999,v1=00"] {
        check(header, body, &["new"], Err(WebhookError::Malformed));
    }
    check(&signed(NOW - 300, body, &["new"]), body, &["new"], Ok(()));
    check(&signed(NOW - 301, body, &["new"]), body, &["new"], Err(WebhookError::TooOld));
}

proptest! {
    #[test]
    fn one_altered_byte_is_one_too_many(place in any::<prop::sample::Index>(), by in 1_u8..=255) {
        let body = r#"{"id":"evt_1","type":"checkout.session.completed"}"#;
        let header = signed(NOW, body, &["new"]);
        let mut altered = body.as_bytes().to_vec();
        let place = place.index(altered.len());
        altered[place] ^= by;
        let now = Timestamp::from_second(NOW).unwrap();
        let said = verify(&header, &altered, &secrets(&["new"]), now, TOLERANCE);
        prop_assert_eq!(said, Err(WebhookError::Signature));
    }
}

#[test]
fn events_name_what_they_speak_of() {
    let read = |kind: &str, object: serde_json::Value| {
        let body = json!({ "id": "evt_1", "type": kind, "created": NOW, "data": { "object": object } }).to_string();
        let now = Timestamp::from_second(NOW).unwrap();
        receive(&signed(NOW, &body, &["s"]), body.as_bytes(), &secrets(&["s"]), now, TOLERANCE)
    };
    let session = json!({
        "id": "cs_1", "object": "checkout.session", "client_reference_id": "saga-1", "payment_intent": "pi_1",
        "status": "complete",
    });
    let event = read("checkout.session.completed", session).unwrap();
    assert_eq!((event.kind, event.reference.as_deref()), (PaymentEventKind::CheckoutCompleted, Some("saga-1")));
    assert_eq!(event.checkout.unwrap().as_str(), "cs_1");
    assert_eq!(event.payment.unwrap().as_str(), "pi_1");

    let intent = json!({
        "id": "pi_1", "object": "payment_intent", "status": "requires_capture", "amount": 1, "currency": "sgd",
        "metadata": { "como_reference": "saga-1" },
    });
    let event = read("payment_intent.amount_capturable_updated", intent).unwrap();
    assert_eq!((event.kind, event.reference.as_deref()), (PaymentEventKind::Authorised, Some("saga-1")));

    let refund = json!({ "id": "re_1", "object": "refund", "status": "failed", "amount": 1, "currency": "sgd" });
    assert_eq!(read("refund.failed", refund).unwrap().kind, PaymentEventKind::RefundChanged(RefundStatus::Failed));
    let unknown = read("invoice.paid", json!({ "id": "in_1", "object": "invoice" })).unwrap();
    assert_eq!(unknown.kind, PaymentEventKind::Other("invoice.paid".to_owned()));
    let now = Timestamp::from_second(NOW).unwrap();
    let nonsense = receive(&signed(NOW, "[]", &["s"]), b"[]", &secrets(&["s"]), now, TOLERANCE);
    assert_eq!(nonsense, Err(WebhookError::Body));
}
