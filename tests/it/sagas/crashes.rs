//! A process that dies at every write in turn, before it and after it; the next one goes on. Whatever it died at, the books say
//! that the member has the table and has paid once.
//!
//! Before a write, the effect is done and nothing says so; after it, the entry stands and its effect is not begun. So every
//! point between two steps is among them.

use std::sync::Arc;
use std::time::Duration;

use como_domain::saga::view::Status;
use como_domain::sagas::Sagas;
use como_runtime::sagas::sweep_until;
use tokio_util::sync::CancellationToken;

use super::cards;
use super::fakes::Dies;
use super::world::{PRICE, World, by_card, intent, saga, until, with_points};

/// Accepts, dies, goes on with another process; whether the first one came to die at all.
async fn crash_with_points(world: &World, at: usize, dies: Dies) -> bool {
    let member = world.mei().await;
    let id = saga(&member, &format!("{dies:?}-{at}"));
    let before = (world.points("M2000001"), world.standing());
    let (first, dying) = world.dying(at, dies).await;
    let accepting = {
        let (first, id, intent) = (first.clone(), id.clone(), intent(&member, with_points()));
        tokio::spawn(async move { first.accept(&id, intent).await })
    };
    let died = tokio::select! {
        () = dying.is_dead.notified() => true,
        _ = until_confirmed(&first, &id) => false,
    };
    accepting.abort();
    let second = world.driver().await;
    // What was never accepted, the client asks for again.
    second.accept(&id, intent(&member, with_points())).await.unwrap();
    let stop = CancellationToken::new();
    let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&second.0), Duration::from_millis(20)));
    until(&second, &id, |status| *status == Status::Confirmed).await;
    stop.cancel();
    sweeping.await.unwrap();
    let after = (world.points("M2000001"), world.standing());
    assert_eq!(after, (before.0 - PRICE * 100, before.1 + 1), "{dies:?} {at}: {:?}", world.memberson.calls());
    died
}

async fn until_confirmed(driver: &como_runtime::sagas::ArcDriver, id: &como_domain::saga_id::SagaId) {
    until(driver, id, |status| *status == Status::Confirmed).await;
}

#[tokio::test]
async fn points_are_taken_once_wherever_the_process_dies() {
    for dies in [Dies::Before, Dies::After] {
        let mut deaths = 0;
        for at in 1.. {
            // A member can pay one booking: each death has a world of its own.
            let world = World::start().await;
            let died = crash_with_points(&world, at, dies).await;
            world.stores.close().await;
            if !died {
                break;
            }
            deaths += 1;
        }
        // Accepted, reserved, deducted, told; whoever dies after the last has nothing left to lose.
        assert!(3 <= deaths, "{dies:?}: {deaths}");
    }
}

#[tokio::test]
async fn a_card_is_charged_once_wherever_the_process_dies() {
    for dies in [Dies::Before, Dies::After] {
        let mut deaths = 0;
        for at in 1.. {
            let world = World::start().await;
            let member = world.mei().await;
            let id = saga(&member, "card");
            let (first, dying) = world.dying(at, dies).await;
            let accepting = {
                let (first, id, intent) = (first.clone(), id.clone(), intent(&member, by_card()));
                tokio::spawn(async move { first.accept(&id, intent).await })
            };
            let stop = CancellationToken::new();
            let life = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&first.0), Duration::from_millis(20)));
            let paid_in_the_first = async {
                let page = cards::page(&first, &id).await;
                cards::pay(&page, "4242424242424242").await;
                until_confirmed(&first, &id).await;
            };
            let died = tokio::select! {
                () = dying.is_dead.notified() => true,
                () = paid_in_the_first => false,
            };
            accepting.abort();
            life.abort();
            let second = world.driver().await;
            second.accept(&id, intent(&member, by_card())).await.unwrap();
            let stop = CancellationToken::new();
            let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&second.0), Duration::from_millis(20)));
            // A process that dies before it has opened a page leaves nothing to pay on; the next one opens its own.
            if !cards::is_paid(&world) {
                let page = cards::page(&second, &id).await;
                cards::pay(&page, "4242424242424242").await;
            }
            until_confirmed(&second, &id).await;
            stop.cancel();
            sweeping.await.unwrap();
            let found = (cards::charged(&world), world.standing());
            assert_eq!(found, (vec![28_800], 1), "{dies:?} {at}: {:#}", cards::books(&world));
            world.stores.close().await;
            if !died {
                break;
            }
            deaths += 1;
        }
        // Accepted, authorised, waited, reserved, captured, told.
        assert!(5 <= deaths, "{dies:?}: {deaths}");
    }
}
