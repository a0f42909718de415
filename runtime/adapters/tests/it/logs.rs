//! Whatever the partners do, nothing of a member, of a card or of a key reaches a log or an error.

use std::io::Write;
use std::sync::{Arc, Mutex};

use como_domain::payment::Payments;
use como_domain::points::{MemberContacts, PointAccounts};
use como_domain::reservation::Reservations;
use como_doubles::members::MEI;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::world::{World, checkout, key, points};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_personal_datum_and_no_secret_is_logged() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter("info,como_adapters=trace")
        .with_writer(move || writer.clone())
        .finish();
    // With exactly one dispatcher, `tracing` asks the thread that meets a callsite first, which may belong to another test
    // and have none, and would then leave the callsite out here too. A second one makes it ask them all.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // The runtime of this test has one thread, so everything runs under this subscriber.
    let guard = tracing::subscriber::set_default(subscriber);
    let mut said = String::new();
    // Every call is to be made, whatever happened to the one before.
    let world = World::with(json!({ "breaker_failures": 1_000 })).await;
    let token = world.sign_in(&MEI).await;
    let table = world.table().await;
    for mode in ["none", "down", "reset", "malformed", "truncated", "overloaded"] {
        for when in ["before", "after"] {
            let fault = json!({ "mode": mode, "when": when });
            world.memberson_double.set_faults(fault.clone());
            world.sevenrooms_double.set_faults(fault.clone());
            world.stripe_double.set_faults(fault);
            let results = [
                format!("{:?}", world.memberson.take_points(&key("k"), &points(1_250_001), &token).await),
                format!("{:?}", world.memberson.contact(&"C1000001".try_into().unwrap()).await),
                format!("{:?}", world.sevenrooms.reserve(&key("k"), &table).await),
                format!("{:?} {:?}", table, checkout("saga-1")),
                format!("{:?}", world.stripe.open_checkout(&key("k"), &checkout("saga-1")).await.map(drop)),
            ];
            said.extend(results);
        }
    }
    drop(guard);
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("reserve a table") && log.contains("open a checkout"), "the log was captured: {log}");
    for datum in [
        MEI.email,
        MEI.mobile,
        MEI.name,
        MEI.password,
        "Mei\"",
        token.secret.expose_secret(),
        "sk_test_rehearsal",
        "rehearsal-client-secret",
        "rehearsal-service-password",
        "/c/pay/",
    ] {
        assert!(!log.contains(datum), "`{datum}` is in the log");
        assert!(!said.contains(datum), "`{datum}` is in an error or a debug text");
    }
}
