//! Services come to the wanted image, once, and only those that can.

use crate::fakes::{FakeStacks, digest};
use como_contract::service::Service;
use como_lambdas::rollout::{StackState, roll_out};

#[tokio::test]
async fn what_runs_another_image_rolls_and_what_rolls_is_left_alone() {
    let stacks = FakeStacks::all(&digest('a'));
    let rollout = roll_out(&stacks, digest('b')).await.unwrap();
    assert_eq!(rollout.rolling, ["accounts", "experiences", "bookings", "redemptions"]);
    let rollout = roll_out(&stacks, digest('b')).await.unwrap();
    assert_eq!((rollout.busy.len(), rollout.rolling.len()), (4, 0));
    for service in Service::ALL {
        stacks.set(service, StackState::Settled);
    }
    let rollout = roll_out(&stacks, digest('b')).await.unwrap();
    assert_eq!((rollout.settled.len(), stacks.rolled.lock().unwrap().len()), (4, 4));
}

#[tokio::test]
async fn what_was_rolled_back_is_not_tried_again_with_the_same_image() {
    let stacks = FakeStacks::all(&digest('a'));
    stacks.set(Service::Bookings, StackState::RolledBack);
    stacks.failed.lock().unwrap().insert(Service::Bookings, digest('b'));
    stacks.set(Service::Accounts, StackState::Broken);
    stacks.stacks.lock().unwrap().remove(&Service::Redemptions);
    let rollout = roll_out(&stacks, digest('b')).await.unwrap();
    assert_eq!(rollout.stuck, ["accounts", "bookings"]);
    assert_eq!((rollout.rolling, rollout.absent), (vec!["experiences"], vec!["redemptions"]));
    let rollout = roll_out(&stacks, digest('c')).await.unwrap();
    assert_eq!(rollout.rolling, ["bookings"]);
}

#[tokio::test]
async fn one_failure_keeps_no_other_service_back_and_is_no_success() {
    let stacks = FakeStacks { unreadable: Some(Service::Accounts), ..FakeStacks::all(&digest('a')) };
    let error = roll_out(&stacks, digest('b')).await.unwrap_err();
    let expected = format!("cannot bring every service to {}: cannot read accounts: Throttling", digest('b'));
    assert_eq!(error.to_string(), expected);
    assert_eq!(*stacks.rolled.lock().unwrap(), ["experiences", "bookings", "redemptions"]);
}
