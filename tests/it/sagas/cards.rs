//! Cards: authorised by the member, taken when the table stands.

use std::sync::Arc;
use std::time::Duration;

use como_adapters::http;
use como_domain::saga::view::Status;
use como_domain::saga_id::SagaId;
use como_domain::sagas::{News, Sagas};
use como_runtime::sagas::{ArcDriver, sweep_until};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::world::{World, by_card, hasty, intent, saga, until};

/// The page on which the member pays.
pub(crate) async fn page(driver: &ArcDriver, id: &SagaId) -> String {
    let mut entries = 0;
    for _ in 0..100 {
        let journal = driver.changed(id, entries, Duration::from_secs(1)).await.unwrap();
        entries = journal.entries().count();
        let shown = como_domain::saga::view::view(&hasty(), &journal.fold()).unwrap();
        if let Status::AwaitingPayment { url: Some(url), .. } = shown.status {
            return url;
        }
    }
    panic!("no page to pay on: {:#?}", driver.read(id).await);
}

pub(crate) async fn pay(page: &str, card: &str) {
    let answer = http::client().unwrap().post(page).form(&[("number", card)]).send().await.unwrap();
    assert!(answer.status().as_u16() < 400, "{}", answer.status());
}

pub(crate) fn charged(world: &World) -> Vec<i64> {
    let ledger = world.stripe.ledger();
    let charges = ledger["charges"].as_array().cloned().unwrap_or_default();
    let taken = charges.iter().filter(|charge| charge["captured"] == true);
    taken.map(|charge| charge["amount_captured"].as_i64().or(charge["amount"].as_i64()).unwrap()).collect()
}

/// Whether the member has put the card down, on whichever page.
pub(crate) fn is_paid(world: &World) -> bool {
    let books = books(world);
    let intents = books["payment_intents"].as_array().cloned().unwrap_or_default();
    intents.iter().any(|intent| intent["status"] == "requires_capture" || intent["status"] == "succeeded")
}

pub(crate) fn books(world: &World) -> Value {
    world.stripe.ledger().clone()
}

#[tokio::test]
async fn a_card_is_charged_once_when_the_table_stands() {
    let world = World::start().await;
    let (member, driver) = (world.mei().await, world.driver().await);
    let stop = CancellationToken::new();
    let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&driver.0), Duration::from_millis(20)));
    let id = saga(&member, "card");
    driver.accept(&id, intent(&member, by_card())).await.unwrap();
    let page = page(&driver, &id).await;
    assert_eq!((charged(&world).len(), world.standing()), (0, 0));
    pay(&page, "4242424242424242").await;
    driver.tell(&id, News::LookAgain).await.unwrap();
    until(&driver, &id, |status| *status == Status::Confirmed).await;
    assert_eq!((charged(&world), world.standing()), (vec![28_800], 1), "{:#}", books(&world));
    stop.cancel();
    sweeping.await.unwrap();
    world.stores.close().await;
}
