//! Nothing of a member reaches the logs, whatever goes well or wrong.

use std::io::Write;
use std::sync::{Arc, Mutex};

use como_doubles::members::{self, MEI};
use como_doubles::seeds;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::world::{SAGA_KEY, SEVENROOMS_KEY, World, access_token};

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
        .with_env_filter(EnvFilter::new("info,como_runtime=trace,como_adapters=trace,como_domain=trace"))
        .with_writer(move || writer.clone())
        .finish();
    // With exactly one dispatcher, `tracing` asks the thread that meets a callsite first, which may belong to another test
    // and have none, and would then leave the callsite out here too. A second one makes it ask them all.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // The runtime of this test has one thread, so everything runs under this subscriber.
    let guard = tracing::subscriber::set_default(subscriber);
    let world = World::start().await;
    for fault in ["none", "down", "overloaded", "malformed", "slow"] {
        let fault = json!({ "mode": fault, "delay_ms": 1_000 });
        world.memberson.set_faults(fault.clone());
        world.sevenrooms.set_faults(fault);
        for member in members::ALL {
            world.login(member.email, member.password).await;
            world.login(member.mobile, "a-wrong-password").await;
            world.accounts_get("/v1/accounts/me", member.customer_number).await;
        }
        world.experiences_get("/v1/experiences/EXP-1001").await;
        for pay_with in ["points", "card"] {
            let quote = world.item_quote("ITM-2001", pay_with).await.json()["quote"].clone();
            let body = json!({ "quote": quote });
            world.post("/v1/redemptions", Some("an-idempotency-key-of-a-member"), body).await;
        }
        world.read("/v1/redemptions?cursor=query-of-a-member", &access_token(MEI.customer_number)).await;
        let hook = format!("/v1/webhooks/sevenrooms/{SEVENROOMS_KEY}");
        world.post(&hook, None, json!([{ "entity": { "email": MEI.email } }])).await;
        world.post("/v1/webhooks/stripe", None, json!({ "email": MEI.email })).await;
        world.experiences_get("/v1/experiences?secret=query-of-a-member").await;
    }
    drop(guard);
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("login.wrong_credentials") && log.contains("partner_failed"), "the log was captured: {log}");

    let mut forbidden: Vec<String> = vec![
        "a-wrong-password".to_owned(),
        "an-idempotency-key-of-a-member".to_owned(),
        SEVENROOMS_KEY.to_owned(),
        SAGA_KEY.to_owned(),
        "query-of-a-member".to_owned(),
        "id-token-of-the-fake-pool".to_owned(),
        "refresh-token-of-the-fake-pool".to_owned(),
        access_token(MEI.customer_number),
    ];
    for member in members::ALL {
        forbidden.extend([member.email, member.mobile, member.name, member.password].map(str::to_owned));
    }
    for secret in como_contract::secret::Secret::ALL {
        let document = seeds::credentials(secret).unwrap_or_default();
        let values = document.as_object().into_iter().flat_map(|object| object.values());
        forbidden.extend(values.filter_map(|value| value.as_str()).map(str::to_owned));
    }
    for datum in forbidden {
        assert!(!log.contains(&datum), "`{datum}` is in the log");
    }
}
