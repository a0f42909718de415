//! Demolitions.

use crate::assembly::{SINGAPORE, assembly, diamond};
use crate::cloud::FakeCloud;
use crate::host::Runner;
use crate::timeline::Fate;
use como_core::assembly::Assembly;
use como_engine::host::Answer;
use como_engine::report::{DestroyOutcome, DestroyReport, DestroyedOutcome};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test(start_paused = true)]
async fn stacks_go_in_reverse_order_and_what_is_kept_is_listed() {
    let cloud = FakeCloud::default();
    Runner::new(&cloud, "first").deploy(&diamond()).await;
    cloud.forget_calls();
    let runner = Runner::asking(&cloud, "second", Answer::Yes);
    let report = runner.destroy(&diamond()).await;
    assert_eq!(report.outcome, DestroyOutcome::Destroyed);
    assert_eq!(report.kept().count(), 4);
    insta::assert_snapshot!(runner.host.story());
    insta::assert_json_snapshot!(report);
    let asked = runner.host.asked.lock().unwrap();
    assert_eq!(asked[0].stacks.iter().map(|stack| stack.kept.len()).sum::<usize>(), 4);
}

#[tokio::test(start_paused = true)]
async fn destroying_nothing_does_nothing() {
    let cloud = FakeCloud::default();
    let runner = Runner::asking(&cloud, "first", Answer::No);
    let report = runner.destroy(&diamond()).await;
    assert_eq!(report.outcome, DestroyOutcome::Absent);
    assert_eq!(cloud.mutations(), [""; 0]);
    assert_eq!(runner.host.asked.lock().unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn protection_falls_only_after_consent() {
    let cloud = FakeCloud::default();
    let mut small = assembly(&[("network", SINGAPORE, &[])]);
    small.stacks[0].termination_protection = true;
    Runner::new(&cloud, "first").deploy(&small).await;
    cloud.forget_calls();
    let no = Runner::asking(&cloud, "second", Answer::No);
    assert_eq!(no.destroy(&small).await.outcome, DestroyOutcome::Declined);
    assert_eq!(cloud.mutations(), [""; 0]);
    assert!(no.host.asked.lock().unwrap()[0].stacks[0].protected);
    let yes = Runner::asking(&cloud, "third", Answer::Yes);
    let report = yes.destroy(&small).await;
    assert_eq!(report.outcome, DestroyOutcome::Destroyed);
    assert!(report.stacks[0].unprotected);
    let id = "arn:ap-southeast-1:network/0";
    let expected = ["UpdateTerminationProtection ap-southeast-1 network", &format!("DeleteStack ap-southeast-1 {id}")];
    assert_eq!(cloud.mutations(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_runs_already_is_joined() {
    let cloud = FakeCloud::default();
    Runner::new(&cloud, "first").deploy(&diamond()).await;
    let killed = Runner::new(&cloud, "killed");
    assert!(timeout(Duration::from_secs(5), killed.destroy(&diamond())).await.is_err());
    cloud.forget_calls();
    let runner = Runner::new(&cloud, "next");
    let report = runner.destroy(&diamond()).await;
    assert_eq!(report.outcome, DestroyOutcome::Destroyed);
    assert_eq!(cloud.mutations().len(), 3, "api is on its way already");
    insta::assert_snapshot!(runner.host.story());
}

#[tokio::test(start_paused = true)]
async fn what_others_stand_on_stays_when_they_do_not_go() {
    let cloud = FakeCloud::default();
    Runner::new(&cloud, "first").deploy(&diamond()).await;
    cloud.fate("compute", Fate::FirstResists);
    let runner = Runner::new(&cloud, "second");
    let report = runner.destroy(&diamond()).await;
    assert_eq!(report.outcome, DestroyOutcome::Failed);
    let outcomes: Vec<_> = report.stacks.iter().map(|stack| (stack.name.as_str(), stack.outcome)).collect();
    use DestroyedOutcome::{Deleted, Failed, NotStarted};
    assert_eq!(outcomes, [("api", Deleted), ("compute", Failed), ("network", NotStarted), ("data", NotStarted)]);
    insta::assert_snapshot!(runner.host.story());
    let failure = report.stacks[1].failure.as_ref().unwrap();
    assert_eq!(failure.causes[0].reason.as_deref(), Some("the queue is in use"));
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_somebody_changes_is_left_alone() {
    let cloud = FakeCloud::default();
    Runner::new(&cloud, "first").deploy(&diamond()).await;
    cloud.forget_calls();
    cloud.edit("data", |stack| stack.set_status("UPDATE_IN_PROGRESS"));
    let report = Runner::new(&cloud, "second").destroy(&diamond()).await;
    assert_eq!(report.outcome, DestroyOutcome::Busy);
    assert_eq!(cloud.mutations(), [""; 0]);
}

/// An assembly of one environment: an account-wide stack and its own, tagged as the topology tags them.
fn environment(name: &str, stands_in_for: Option<&str>) -> Assembly {
    let mut assembly = assembly(&[("shared", SINGAPORE, &[]), (name, SINGAPORE, &["shared"])]);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assembly.stacks[0].shared = true;
    assembly.stacks[0].tags = BTreeMap::from([tag("como:environment", "shared")]);
    assembly.stacks[1].tags = BTreeMap::from([tag("como:environment", name)]);
    assembly.stacks[1].tags.extend(stands_in_for.map(|other| tag("como:stands-in-for", other)));
    assembly
}

#[tokio::test(start_paused = true)]
async fn what_environments_share_goes_with_the_last_of_them() {
    let cloud = FakeCloud::default();
    let (prod, dev) = (environment("prod", None), environment("dev", None));
    Runner::new(&cloud, "prod").deploy(&prod).await;
    Runner::new(&cloud, "dev").deploy(&dev).await;
    let names = |report: &DestroyReport| report.stacks.iter().map(|stack| stack.name.clone()).collect::<Vec<_>>();
    let report = Runner::new(&cloud, "first").destroy(&dev).await;
    assert_eq!((report.outcome, names(&report)), (DestroyOutcome::Destroyed, vec!["dev".to_owned()]));
    let report = Runner::new(&cloud, "last").destroy(&prod).await;
    assert_eq!(report.outcome, DestroyOutcome::Destroyed);
    assert_eq!(names(&report), ["prod", "shared"]);
}

#[tokio::test(start_paused = true)]
async fn an_environment_stays_while_another_stands_in_for_it() {
    let cloud = FakeCloud::default();
    let (prod, sydney) = (environment("prod", None), environment("sydney", Some("prod")));
    Runner::new(&cloud, "prod").deploy(&prod).await;
    Runner::new(&cloud, "sydney").deploy(&sydney).await;
    cloud.forget_calls();
    let report = Runner::new(&cloud, "too-early").destroy(&prod).await;
    assert_eq!(report.outcome, DestroyOutcome::Refused);
    assert_eq!(cloud.mutations(), [""; 0]);
    assert_eq!(Runner::new(&cloud, "first").destroy(&sydney).await.outcome, DestroyOutcome::Destroyed);
    assert_eq!(Runner::new(&cloud, "then").destroy(&prod).await.outcome, DestroyOutcome::Destroyed);
}
