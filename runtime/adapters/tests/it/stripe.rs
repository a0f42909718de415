//! Checkouts, payments and refunds, over the wire.

use como_domain::effect::EffectError;
use como_domain::identifier::{CheckoutId, PaymentId};
use como_domain::money::{Currency, Money};
use como_domain::payment::{CheckoutStatus, Opened, PaymentStatus, Payments, RefundRequest, RefundStatus};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::world::{World, checkout, class, key, pay};

fn refund(payment: &PaymentId, cents: i64) -> RefundRequest {
    RefundRequest {
        payment: payment.clone(),
        amount: Money::from_minor(cents, Currency::Sgd),
        reference: "saga-1".to_owned(),
    }
}

#[tokio::test]
async fn a_payment_is_authorised_captured_and_given_back() {
    let world = World::start().await;
    let payment = world.authorised("saga-1").await;
    let read = world.stripe.payment(&payment).await.unwrap().unwrap().value;
    assert_eq!(
        (read.reference.as_deref(), read.capturable.minor(), read.received.minor()),
        (Some("saga-1"), 28_800, 0)
    );
    assert!(Timestamp::now() + SignedDuration::from_hours(6 * 24) < read.capture_before.unwrap());

    let captured = world.stripe.capture(&key("saga-1:capture:1"), &payment).await.unwrap();
    assert_eq!((captured.status, captured.received.minor()), (PaymentStatus::Captured, 28_800));
    // The same key is the same capture; another one finds nothing left to do.
    assert_eq!(class(&world.stripe.capture(&key("saga-1:capture:1"), &payment).await), "done");
    assert_eq!(class(&world.stripe.capture(&key("saga-1:capture:2"), &payment).await), "wrong_state");
    assert_eq!(class(&world.stripe.release(&key("saga-1:release:1"), &payment).await), "wrong_state");

    let given = world.stripe.refund(&key("r1"), &refund(&payment, 20_000)).await.unwrap();
    assert_eq!((given.status, given.reference.as_deref()), (RefundStatus::Succeeded, Some("saga-1")));
    assert_eq!(class(&world.stripe.refund(&key("r1"), &refund(&payment, 20_000)).await), "done");
    assert_eq!(class(&world.stripe.refund(&key("r2"), &refund(&payment, 8_801)).await), "amount_too_large");
    assert_eq!(class(&world.stripe.refund(&key("r3"), &refund(&payment, 8_800)).await), "done");
    let refunds = world.stripe.refunds(&payment).await.unwrap().value;
    assert_eq!(refunds.iter().map(|refund| refund.amount.minor()).sum::<i64>(), 28_800);
}

#[tokio::test]
async fn what_was_authorised_can_be_let_go() {
    let world = World::start().await;
    let payment = world.authorised("saga-1").await;
    let released = world.stripe.release(&key("saga-1:release:1"), &payment).await.unwrap();
    assert_eq!(released.status, PaymentStatus::Cancelled);
    assert_eq!(class(&world.stripe.capture(&key("saga-1:capture:1"), &payment).await), "wrong_state");
    assert_eq!(world.stripe_double.ledger()["charges"][0]["captured"], false);
}

#[tokio::test]
async fn a_checkout_is_found_by_its_reference_and_closed_once() {
    let world = World::start().await;
    let opened = world.stripe.open_checkout(&key("k1"), &checkout("saga-1")).await.unwrap();
    world.stripe.open_checkout(&key("k2"), &checkout("saga-2")).await.unwrap();
    let now = Timestamp::now();
    let around = Opened { from: now - SignedDuration::from_mins(5), to: now };
    let found = world.stripe.checkouts_of(&key("saga-1"), around).await.unwrap().value;
    assert_eq!((found.len(), &found[0].id, found[0].reference.as_deref()), (1, &opened.id, Some("saga-1")));
    let before = Opened { from: now - SignedDuration::from_hours(9), to: now - SignedDuration::from_hours(8) };
    assert!(world.stripe.checkouts_of(&key("saga-1"), before).await.unwrap().value.is_empty());

    let closed = world.stripe.expire_checkout(&key("k3"), &opened.id).await.unwrap();
    assert_eq!((closed.status, closed.page), (CheckoutStatus::Expired, None));
    assert_eq!(class(&world.stripe.expire_checkout(&key("k4"), &opened.id).await), "wrong_state");
    assert_eq!(pay(opened.page.as_deref().unwrap(), "4242424242424242").await, 410);
    assert!(world.stripe.checkout(&CheckoutId::try_from("cs_none").unwrap()).await.unwrap().is_none());
    assert!(world.stripe.payment(&PaymentId::try_from("pi_none").unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_declined_card_leaves_the_payment_waiting_for_another() {
    let world = World::start().await;
    let opened = world.stripe.open_checkout(&key("k1"), &checkout("saga-1")).await.unwrap();
    assert_eq!(pay(opened.page.as_deref().unwrap(), "4000000000000002").await, 402);
    let checkout = world.stripe.checkout(&opened.id).await.unwrap().unwrap().value;
    assert_eq!(checkout.status, CheckoutStatus::Open);
    let payment = world.stripe.payment(&checkout.payment.unwrap()).await.unwrap().unwrap().value;
    assert_eq!(payment.status, PaymentStatus::NeedsCard);
    assert_eq!(pay(opened.page.as_deref().unwrap(), "4000002760003184").await, 200);
    let payment = world.stripe.payment(&payment.id).await.unwrap().unwrap().value;
    assert_eq!(payment.status, PaymentStatus::NeedsAction);
}

#[tokio::test]
async fn a_key_is_for_one_effect_with_one_set_of_parameters() {
    let world = World::start().await;
    let request = checkout("saga-1");
    let first = world.stripe.open_checkout(&key("k1"), &request).await.unwrap();
    assert_eq!(world.stripe.open_checkout(&key("k1"), &request).await.unwrap().id, first.id);
    assert_eq!(class(&world.stripe.open_checkout(&key("k1"), &checkout("saga-2")).await), "key_reused");

    world.stripe_double.set_faults(json!({ "mode": "slow_in_flight", "delay_ms": 500, "count": 1 }));
    let (k2, k2_again) = (key("k2"), key("k2"));
    let both = tokio::join!(world.stripe.open_checkout(&k2, &request), world.stripe.open_checkout(&k2_again, &request));
    let mut classes = [class(&both.0), class(&both.1)];
    classes.sort_unstable();
    assert_eq!(classes, ["done", "unknown"], "the second one's end is the first one's");
    let other = [both.0, both.1].into_iter().find_map(Result::err).unwrap();
    assert!(matches!(&other, EffectError::Unknown(_)) && other.retry_after().is_some());
    assert_eq!(world.stripe_double.ledger()["sessions"].as_array().unwrap().len(), 2);

    // A stored 500 is the key's answer for ever: only reading tells what became of it.
    world.stripe_double.set_faults(json!({ "mode": "fail_stored", "when": "after", "status": 500, "count": 1 }));
    for _ in 0..2 {
        assert_eq!(class(&world.stripe.open_checkout(&key("k3"), &checkout("saga-3")).await), "unknown");
    }
    let now = Timestamp::now();
    let around = Opened { from: now - SignedDuration::from_mins(5), to: now };
    assert_eq!(world.stripe.checkouts_of(&key("saga-3"), around).await.unwrap().value.len(), 1);
}

#[tokio::test]
async fn a_lost_reply_is_asked_for_again_under_the_same_key() {
    let world = World::with(json!({ "retries": 2 })).await;
    world.stripe_double.set_faults(json!({ "mode": "reset", "when": "after", "method": "POST", "count": 1 }));
    assert_eq!(class(&world.stripe.open_checkout(&key("k1"), &checkout("saga-1")).await), "done");
    let sessions = world.stripe_double.calls().iter().filter(|call| *call == "POST /v1/checkout/sessions").count();
    assert_eq!((sessions, world.stripe_double.ledger()["sessions"].as_array().unwrap().len()), (2, 1));
}
