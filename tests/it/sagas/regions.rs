//! The first region dies with its journal, and the same request comes to the other one.

use std::sync::Arc;
use std::time::Duration;

use como_domain::saga::view::Status;
use como_domain::sagas::Sagas;
use como_runtime::sagas::{ArcDriver, sweep_until};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::cards;
use super::fakes::{Broken, Dies};
use super::stores::SYDNEY;
use super::world::{PRICE, World, by_card, intent, saga, until, with_points};

async fn in_sydney(world: &World) -> ArcDriver {
    let lease = world.lease(SYDNEY, 2, Some(Timestamp::now()));
    world.driver_with(world.journals(SYDNEY).await, Arc::new(Broken), lease).await
}

/// Nothing of Singapore's journal has reached Sydney, whichever step Singapore died at.
#[tokio::test]
async fn the_other_region_charges_no_second_time() {
    for at in 1.. {
        let world = World::start().await;
        let member = world.mei().await;
        let id = saga(&member, "card");
        let (first, dying) = world.dying(at, Dies::Before).await;
        let accepting = {
            let (first, id, intent) = (first.clone(), id.clone(), intent(&member, by_card()));
            tokio::spawn(async move { first.accept(&id, intent).await })
        };
        let life = tokio::spawn(sweep_until(CancellationToken::new(), Arc::clone(&first.0), Duration::from_millis(20)));
        let paid_in_the_first = async {
            let page = cards::page(&first, &id).await;
            cards::pay(&page, "4242424242424242").await;
            until(&first, &id, |status| *status == Status::Confirmed).await;
        };
        let died = tokio::select! {
            () = dying.is_dead.notified() => true,
            () = paid_in_the_first => false,
        };
        accepting.abort();
        life.abort();
        let second = in_sydney(&world).await;
        let stop = CancellationToken::new();
        let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&second.0), Duration::from_millis(20)));
        second.accept(&id, intent(&member, by_card())).await.unwrap();
        if !cards::is_paid(&world) {
            let page = cards::page(&second, &id).await;
            cards::pay(&page, "4242424242424242").await;
        }
        until(&second, &id, |status| *status == Status::Confirmed).await;
        stop.cancel();
        sweeping.await.unwrap();
        let found = (cards::charged(&world), world.standing());
        assert_eq!(found, (vec![28_800], 1), "died at {at}: {:#}", cards::books(&world));
        world.stores.close().await;
        if !died {
            assert!(5 < at, "{at}");
            break;
        }
    }
}

#[tokio::test]
async fn the_other_region_takes_no_points_a_second_time() {
    for at in 1.. {
        let world = World::start().await;
        let member = world.mei().await;
        let before = world.points("M2000001");
        let id = saga(&member, "points");
        let (first, dying) = world.dying(at, Dies::Before).await;
        let accepting = {
            let (first, id, intent) = (first.clone(), id.clone(), intent(&member, with_points()));
            tokio::spawn(async move { first.accept(&id, intent).await })
        };
        let confirmed = async {
            until(&first, &id, |status| *status == Status::Confirmed).await;
        };
        let died = tokio::select! {
            () = dying.is_dead.notified() => true,
            () = confirmed => false,
        };
        accepting.abort();
        let second = in_sydney(&world).await;
        let stop = CancellationToken::new();
        let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&second.0), Duration::from_millis(20)));
        second.accept(&id, intent(&member, with_points())).await.unwrap();
        until(&second, &id, |status| *status == Status::Confirmed).await;
        stop.cancel();
        sweeping.await.unwrap();
        let found = (world.points("M2000001"), world.standing());
        assert_eq!(found, (before - PRICE * 100, 1), "died at {at}: {:?}", world.memberson.calls());
        world.stores.close().await;
        if !died {
            assert!(3 < at, "{at}");
            break;
        }
    }
}
