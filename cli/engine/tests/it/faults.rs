//! Calls that fail.

use crate::assembly::{SINGAPORE, assembly, diamond};
use crate::cloud::{FakeCloud, Fault};
use crate::host::Runner;
use como_engine::report::{DeployOutcome, DestroyOutcome, StackOutcome};
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn throttled_calls_are_made_again() {
    let cloud = FakeCloud::default();
    cloud.fail("DescribeStacks(all)", &[Fault::Throttled; 2]);
    cloud.fail("CreateChangeSet", &[Fault::Throttled; 3]);
    cloud.fail("DescribeChangeSet", &[Fault::Throttled; 2]);
    cloud.fail("ExecuteChangeSet", &[Fault::Throttled; 2]);
    cloud.fail("DescribeStackEvents", &[Fault::Throttled; 7]);
    cloud.fail("DescribeStacks", &[Fault::Throttled; 2]);
    let runner = Runner::new(&cloud, "first");
    let report = runner.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert!(runner.host.story().contains("COMO_CALL_RETRIED"));
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_answered_by_the_same_token() {
    let cloud = FakeCloud::default();
    cloud.fail("CreateChangeSet", &[Fault::ReplyLost, Fault::ReplyLost]);
    let small = assembly(&[("network", SINGAPORE, &[])]);
    let report = Runner::new(&cloud, "first").deploy(&small).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(report.stacks[0].outcome, StackOutcome::Created);
    let tokens = cloud.state().tokens.clone();
    assert_eq!(tokens.len(), 3, "twice the same change set, and its execution");
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(cloud.state().stacks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_recognised_by_the_token_of_the_events() {
    let cloud = FakeCloud::default();
    cloud.fail("CreateChangeSet", &[Fault::ReplyLost]);
    cloud.fail("ExecuteChangeSet", &[Fault::ReplyLost]);
    cloud.state().forgets_tokens = true;
    let small = assembly(&[("network", SINGAPORE, &[])]);
    let report = Runner::new(&cloud, "first").deploy(&small).await;
    assert_eq!(report.stacks[0].outcome, StackOutcome::Created);
    assert_eq!(cloud.state().stacks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_was_faster_with_the_same_stack_is_joined() {
    let cloud = FakeCloud::default();
    let small = assembly(&[("network", SINGAPORE, &[])]);
    let (one, other) = (Runner::new(&cloud, "one"), Runner::new(&cloud, "other"));
    let (one, other) = tokio::join!(one.deploy(&small), other.deploy(&small));
    assert_eq!(one.stacks[0].outcome, StackOutcome::Created);
    assert_eq!(other.stacks[0].outcome, StackOutcome::Joined);
    assert_eq!(cloud.state().stacks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_stays_away_is_an_error_with_a_code_and_a_hint() {
    let cloud = FakeCloud::default();
    cloud.fail("DescribeStacks(all)", &[Fault::ReplyLost; 20]);
    let error = Runner::new(&cloud, "first").try_deploy(&diamond()).await.unwrap_err();
    assert_eq!(error.code(), "COMO_CLOUD_UNREACHABLE");
    assert!(error.hint().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_cannot_be_asked_for_is_a_failure_of_its_stack() {
    let cloud = FakeCloud::default();
    cloud.fail("CreateChangeSet", &[Fault::Throttled; 10]);
    let small = assembly(&[("network", SINGAPORE, &[]), ("api", SINGAPORE, &["network"])]);
    let report = Runner::new(&cloud, "first").deploy(&small).await;
    assert_eq!(report.outcome, DeployOutcome::Failed);
    let error = report.stacks[0].failure.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(error.code, "COMO_CLOUD_THROTTLED");
    assert_eq!(error.message.as_deref(), Some("Rate exceeded"));
    assert_eq!(report.stacks[1].blocked_by.as_deref(), Some("network"));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_survives_lost_replies_and_throttling() {
    let cloud = FakeCloud::default();
    Runner::new(&cloud, "first").deploy(&diamond()).await;
    cloud.fail("DeleteStack", &[Fault::ReplyLost, Fault::Throttled]);
    cloud.fail("DescribeStackEvents", &[Fault::Throttled; 5]);
    let report = Runner::new(&cloud, "second").destroy(&diamond()).await;
    assert_eq!(report.outcome, DestroyOutcome::Destroyed);
}
