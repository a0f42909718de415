//! Requests that go as they should, or as partners say.

use std::sync::Arc;
use std::time::Duration;

use como_adapters::doorbell::SqsDoorbell;
use como_adapters::http;
use como_domain::journals::SagaKind;
use como_domain::saga::state::{Goal, Reason};
use como_domain::saga::view::Status;
use como_domain::sagas::{News, Sagas};
use como_runtime::sagas::{sweep_until, work_until};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::stores::SINGAPORE;
use super::world::{PRICE, World, intent, saga, until, with_points};

#[tokio::test]
async fn points_buy_a_table_once_and_a_mail_says_so() {
    let world = World::start().await;
    let (member, driver) = (world.mei().await, world.driver().await);
    let id = saga(&member, "one");
    let before = world.points("M2000001");
    driver.accept(&id, intent(&member, with_points())).await.unwrap();
    until(&driver, &id, |status| *status == Status::Confirmed).await;
    assert_eq!(world.points("M2000001"), before - PRICE * 100);
    assert_eq!(world.standing(), 1);
    let sent = world.post.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].subject.contains("massage") && sent[0].text.contains("9600 points"), "{}", sent[0].text);
    let listed = driver.of_member(&member, SagaKind::Booking, None, 10).await.unwrap();
    assert_eq!(listed.items, [id]);
    assert!(driver.of_member(&member, SagaKind::Redemption, None, 10).await.unwrap().items.is_empty());
    world.stores.close().await;
}

#[tokio::test]
async fn a_cancelled_booking_gives_the_table_back_and_asks_a_person_for_the_points() {
    let world = World::start().await;
    let (member, driver) = (world.mei().await, world.driver().await);
    let id = saga(&member, "one");
    driver.accept(&id, intent(&member, with_points())).await.unwrap();
    until(&driver, &id, |status| *status == Status::Confirmed).await;
    driver.tell(&id, News::CancelRequested).await.unwrap();
    let is_over = |status: &Status| *status == Status::WithOperator(Reason::CancelledByMember);
    let state = until(&driver, &id, is_over).await;
    assert_eq!(state.goal(), Goal::GiveBack(Reason::CancelledByMember));
    assert_eq!(world.standing(), 0);
    world.stores.close().await;
}

/// The queue's worker alone, without a sweeper: SevenRooms is down at first, and a ring brings the saga back.
#[tokio::test]
async fn a_ring_brings_a_saga_back() {
    let world = World::start().await;
    let member = world.mei().await;
    let clients = world.stores.clients(SINGAPORE).await;
    let bell = SqsDoorbell::new(clients.signed(http::client().unwrap()), world.stores.queue.clone());
    let lease = world.lease(SINGAPORE, 1, None);
    let driver = world.driver_with(world.journals(SINGAPORE).await, Arc::new(bell), lease).await;
    assert!(
        world
            .sevenrooms
            .set_faults(json!({ "mode": "overloaded", "retry_after_s": 1, "path_contains": "/book", "count": 2 }))
    );
    let stop = CancellationToken::new();
    let working = tokio::spawn(work_until(stop.clone(), Arc::clone(&driver.0)));
    let id = saga(&member, "one");
    driver.accept(&id, intent(&member, with_points())).await.unwrap();
    until(&driver, &id, |status| *status == Status::Confirmed).await;
    assert_eq!(world.standing(), 1);
    stop.cancel();
    working.await.unwrap();
    world.stores.close().await;
}

/// The same with every ring lost.
#[tokio::test]
async fn the_sweeper_finds_what_no_ring_told_of() {
    let world = World::start().await;
    let (member, driver) = (world.mei().await, world.driver().await);
    assert!(
        world.sevenrooms.set_faults(json!({ "mode": "reset", "when": "after", "path_contains": "/book", "count": 1 }))
    );
    let stop = CancellationToken::new();
    let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&driver.0), Duration::from_millis(20)));
    let id = saga(&member, "one");
    driver.accept(&id, intent(&member, with_points())).await.unwrap();
    until(&driver, &id, |status| *status == Status::Confirmed).await;
    assert_eq!(world.standing(), 1, "{:?}", world.sevenrooms.calls());
    stop.cancel();
    sweeping.await.unwrap();
    world.stores.close().await;
}
