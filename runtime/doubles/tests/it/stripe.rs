//! Cards: authorised on the page, captured or let go, refunded up to what was taken; one key, one effect.

use serde_json::{Value, json};

use crate::client::{OfStripe, SESSION, ask};

const VISA: &str = "4242 4242 4242 4242";

#[tokio::test]
async fn a_checkout_is_paid_on_its_page_captured_and_refunded_within_limits() {
    let stripe = OfStripe::start().await;
    let session = stripe.session("k1").await;
    assert_eq!((&session["amount_total"], &session["status"]), (&json!(28_800), &json!("open")));
    let page = stripe.http.get(session["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("SGD 288.00") && page.contains("Massage &lt;90 minutes&gt;"), "{page}");
    let id = session["id"].as_str().unwrap();
    let (status, location, _) = stripe.pay(&session, VISA).await;
    assert_eq!((status, location), (303, format!("https://site.example.com/paid?session={id}")));
    // A second press of the button pays nothing.
    assert_eq!(stripe.pay(&session, VISA).await.0, 303);

    let session = stripe.get(&format!("/checkout/sessions/{id}?expand[]=payment_intent.latest_charge")).await;
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("unpaid")));
    let intent = &session["payment_intent"];
    assert_eq!((&intent["status"], &intent["metadata"]), (&json!("requires_capture"), &json!({ "saga": "saga-1" })));
    assert!(intent["latest_charge"]["payment_method_details"]["card"]["capture_before"].is_i64());
    let intent = intent["id"].as_str().unwrap();

    let refund = |key: &'static str, amount: &'static str| {
        let form = [("payment_intent", intent.to_owned()), ("amount", amount.to_owned())];
        let form: Vec<(&str, String)> = form.into();
        let request = stripe.http.post(format!("{}/v1/refunds", stripe.origin)).bearer_auth("sk_test_rehearsal");
        ask(request.header("Idempotency-Key", key).form(&form))
    };
    assert_eq!(refund("r0", "100").await.0, 400, "nothing was taken yet");
    let (status, captured) = stripe.do_post(&format!("/payment_intents/{intent}/capture"), "c1", &[]).await;
    assert_eq!((status, &captured["amount_received"]), (200, &json!(28_800)));
    assert_eq!(stripe.do_post(&format!("/payment_intents/{intent}/capture"), "c2", &[]).await.0, 400);
    assert_eq!(stripe.do_post(&format!("/payment_intents/{intent}/cancel"), "x1", &[]).await.0, 400);
    assert_eq!(refund("r1", "20000").await.0, 200);
    assert_eq!(refund("r1", "20000").await.0, 200, "the same refund");
    assert_eq!(refund("r2", "8801").await.0, 400, "more than is left");
    assert_eq!(refund("r3", "8800").await.0, 200);
    assert_eq!(refund("r4", "1").await.1.unwrap()["error"]["code"], "charge_already_refunded");
    let books = stripe.double.ledger();
    assert_eq!(
        (&books["charges"][0]["amount_refunded"], books["refunds"].as_array().unwrap().len()),
        (&json!(28_800), 2)
    );
    assert_eq!(books["payment_intents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_test_card_does_what_stripe_says_it_does() {
    for (number, code, decline_code) in [
        ("4000000000000002", "card_declined", json!("generic_decline")),
        ("4000000000009995", "card_declined", json!("insufficient_funds")),
        ("4000000000000069", "expired_card", Value::Null),
        ("4000000000000127", "incorrect_cvc", Value::Null),
        ("4000000000000119", "processing_error", Value::Null),
    ] {
        let stripe = OfStripe::start().await;
        let session = stripe.session("k1").await;
        let (status, _, page) = stripe.pay(&session, number).await;
        assert_eq!(status, 402, "{number}");
        assert!(page.contains("role=\"alert\""));
        let intent = stripe.double.ledger()["payment_intents"][0].clone();
        assert_eq!(intent["status"], "requires_payment_method");
        let error = &intent["last_payment_error"];
        assert_eq!((&error["code"], &error["decline_code"]), (&json!(code), &decline_code));
        // The same page takes another card.
        assert_eq!(stripe.pay(&session, VISA).await.0, 303);
        assert_eq!(stripe.double.ledger()["payment_intents"][0]["status"], "requires_capture");
    }
    for (number, answer, status, ends) in [
        ("4000002760003184", "complete", 303, "requires_capture"),
        ("4000002760003184", "fail", 402, "requires_payment_method"),
        ("4000002500003155", "complete", 303, "requires_capture"),
        ("4000008400001629", "complete", 402, "requires_payment_method"),
        ("4000008260003178", "complete", 402, "requires_payment_method"),
    ] {
        let stripe = OfStripe::start().await;
        let session = stripe.session("k1").await;
        let (asked, _, page) = stripe.pay(&session, number).await;
        assert!(asked == 200 && page.contains("Your bank asks"), "{number}");
        assert_eq!(stripe.double.ledger()["payment_intents"][0]["status"], "requires_action");
        let bank = format!("{}/bank", session["url"].as_str().unwrap());
        assert_eq!(stripe.send_form(&bank, &[("answer", answer)]).await.0, status, "{number} {answer}");
        assert_eq!(stripe.double.ledger()["payment_intents"][0]["status"], ends, "{number} {answer}");
    }
}

#[tokio::test]
async fn a_key_has_one_effect_and_one_reply_500s_included() {
    let stripe = OfStripe::start().await;
    let first = stripe.session("k1").await;
    let again = stripe.post("/checkout/sessions", "k1", &SESSION).send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let mut other = SESSION;
    other[4].1 = "3";
    let (status, reply) = stripe.do_post("/checkout/sessions", "k1", &other).await;
    assert_eq!((status, &reply["error"]["type"]), (400, &json!("idempotency_error")));
    // What is wrong before anything is done leaves the key free.
    assert_eq!(stripe.do_post("/checkout/sessions", "k2", &SESSION[..3]).await.0, 400);
    assert_eq!(stripe.do_post("/checkout/sessions", "k2", &SESSION).await.0, 200);

    for (when, sessions) in [("before", 2), ("after", 3)] {
        stripe.double.set_faults(json!({ "mode": "fail_stored", "when": when, "status": 500, "count": 1 }));
        let key = format!("stored-{when}");
        for _ in 0..3 {
            assert_eq!(stripe.do_post("/checkout/sessions", &key, &SESSION).await.0, 500, "for ever");
        }
        assert_eq!(stripe.double.ledger()["sessions"].as_array().unwrap().len(), sessions);
    }
    stripe.double.advance(86_401);
    assert_eq!(stripe.do_post("/checkout/sessions", "stored-before", &SESSION).await.0, 200, "a day later");
}

#[tokio::test]
async fn a_key_in_flight_is_a_conflict_and_a_hundred_at_once_have_one_effect() {
    let stripe = OfStripe::start().await;
    stripe.double.set_faults(json!({ "mode": "slow_in_flight", "delay_ms": 300, "count": 1 }));
    let requests: Vec<_> =
        (0..100).map(|_| tokio::spawn(ask(stripe.post("/checkout/sessions", "k1", &SESSION)))).collect();
    let mut statuses = std::collections::BTreeMap::new();
    for request in requests {
        *statuses.entry(request.await.unwrap().0).or_insert(0) += 1;
    }
    assert!(statuses.keys().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert!(statuses.contains_key(&409) && statuses.contains_key(&200), "{statuses:?}");
    assert_eq!(stripe.double.ledger()["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn authorisations_pages_and_refunds_keep_their_dates() {
    let stripe = OfStripe::start().await;
    let session = stripe.session("k1").await;
    let intent = stripe.authorised("k2", VISA).await;
    let pending = stripe.authorised("k3", "4000000000007726").await;
    let failing = stripe.authorised("k4", "4000000000005126").await;
    for (intent, status) in [(&pending, "pending"), (&failing, "succeeded")] {
        stripe.do_post(&format!("/payment_intents/{intent}/capture"), &format!("c-{intent}"), &[]).await;
        let refund = stripe.do_post("/refunds", &format!("r-{intent}"), &[("payment_intent", intent.as_str())]).await;
        assert_eq!(refund.1["status"], status);
    }
    stripe.double.advance(86_401);
    assert_eq!(
        stripe.get(&format!("/checkout/sessions/{}", session["id"].as_str().unwrap())).await["status"],
        "expired"
    );
    assert_eq!(stripe.pay(&session, VISA).await.0, 410);
    let refunds = stripe.get("/refunds").await["data"].clone();
    assert_eq!((&refunds[0]["status"], &refunds[1]["status"]), (&json!("failed"), &json!("succeeded")));
    assert_eq!(stripe.get(&format!("/payment_intents/{intent}")).await["status"], "requires_capture");
    stripe.double.advance(6 * 86_400);
    assert_eq!(stripe.get(&format!("/payment_intents/{intent}")).await["status"], "canceled");
    assert_eq!(stripe.do_post(&format!("/payment_intents/{intent}/capture"), "late", &[]).await.0, 400);
}

#[tokio::test]
async fn lists_go_on_where_the_last_page_ended() {
    let stripe = OfStripe::start().await;
    for number in 0..5 {
        stripe.session(&format!("k{number}")).await;
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = stripe.get(&format!("/checkout/sessions?limit=2{after}")).await;
        let data = page["data"].as_array().unwrap().clone();
        seen.extend(data.iter().map(|session| session["id"].as_str().unwrap().to_owned()));
        if page["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", seen.last().unwrap());
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(stripe.get("/checkout/sessions?created[gte]=4102444800").await["data"], json!([]));
    let stranger = stripe.http.get(format!("{}/v1/refunds", stripe.origin)).bearer_auth("sk_live_no");
    assert_eq!(ask(stranger).await.0, 401);
}
