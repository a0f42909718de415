//! Many at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use como_domain::saga::view::Status;
use como_domain::sagas::Sagas;
use como_runtime::sagas::sweep_until;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::world::{PRICE, World, intent, saga, until, with_points};

#[tokio::test]
async fn one_request_a_hundred_times_at_once_is_one_booking() {
    let world = World::start().await;
    let member = world.mei().await;
    let before = world.points("M2000001");
    // Two tasks share the load.
    let drivers = [world.driver().await, world.driver().await];
    let id = saga(&member, "the-same");
    let mut asking = JoinSet::new();
    for number in 0..100 {
        let (driver, id) = (drivers[number % 2].clone(), id.clone());
        let intent = intent(&member, with_points());
        asking.spawn(async move { driver.accept(&id, intent).await.map(|journal| journal.is_empty()) });
    }
    for answer in asking.join_all().await {
        assert!(!answer.unwrap());
    }
    until(&drivers[0], &id, |status| *status == Status::Confirmed).await;
    assert_eq!((world.points("M2000001"), world.standing()), (before - PRICE * 100, 1));
    assert_eq!(world.post.sent.lock().unwrap().len(), 1);
    world.stores.close().await;
}

#[tokio::test]
async fn fifty_members_want_the_last_table_and_one_gets_it() {
    let world = World::start().await;
    assert!(world.sevenrooms.set_behaviour(json!({ "tables_per_slot": 1 })));
    let drivers = [world.driver().await, world.driver().await];
    let stop = CancellationToken::new();
    let sweeping: Vec<_> = drivers
        .iter()
        .map(|driver| tokio::spawn(sweep_until(stop.clone(), Arc::clone(&driver.0), Duration::from_millis(50))))
        .collect();
    let mut sagas = BTreeMap::new();
    for number in 1..=50 {
        let (email, password) = (format!("crowd-{number:03}@example.com"), format!("crowd-password-{number:03}"));
        let member = world.sign_in(&email, &password).await;
        sagas.insert(saga(&member, "last"), member);
    }
    let points = |world: &World| -> i64 {
        let ledger = world.memberson.ledger();
        ledger["points"].as_object().unwrap().values().map(|points| points.as_i64().unwrap()).sum()
    };
    let before = points(&world);
    let mut asking = JoinSet::new();
    for (number, (id, member)) in sagas.iter().enumerate() {
        let (driver, id, intent) = (drivers[number % 2].clone(), id.clone(), intent(member, with_points()));
        asking.spawn(async move { driver.accept(&id, intent).await.map(drop) });
    }
    for answer in asking.join_all().await {
        answer.unwrap();
    }
    let mut confirmed = 0;
    for id in sagas.keys() {
        let state = until(&drivers[0], id, Status::is_final).await;
        confirmed += usize::from(state.is_complete());
    }
    assert_eq!((confirmed, world.standing()), (1, 1));
    assert_eq!(before - points(&world), PRICE * 100);
    stop.cancel();
    for sweeping in sweeping {
        sweeping.await.unwrap();
    }
    world.stores.close().await;
}
