//! Stacks that exist and differ.

use crate::assembly::{SINGAPORE, assembly, diamond};
use crate::cloud::{FakeCloud, Fault};
use crate::host::Runner;
use crate::timeline::Fate;
use como_core::assembly::Assembly;
use como_engine::change_set::Replacement;
use como_engine::code::Code;
use como_engine::host::Answer;
use como_engine::plan::{Action, RefusalKind};
use como_engine::report::{DeployOutcome, StackOutcome};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

fn small() -> Assembly {
    assembly(&[("network", SINGAPORE, &[])])
}

/// Sets a property of a resource.
fn set(assembly: &mut Assembly, stack: usize, resource: &str, property: &str, value: Json) {
    let resource = assembly.stacks[stack].template.resources.get_mut(resource).unwrap();
    resource.properties[property] = value;
}

/// `small` with a longer delay of its queue.
fn delayed() -> Assembly {
    let mut changed = small();
    set(&mut changed, 0, "Queue", "DelaySeconds", json!(30));
    changed
}

async fn deployed(assembly: &Assembly) -> FakeCloud {
    let cloud = FakeCloud::default();
    assert_eq!(Runner::new(&cloud, "first").deploy(assembly).await.outcome, DeployOutcome::Deployed);
    cloud.forget_calls();
    cloud
}

#[tokio::test(start_paused = true)]
async fn a_change_is_shown_asked_for_and_made() {
    let cloud = deployed(&small()).await;
    let runner = Runner::asking(&cloud, "second", Answer::Yes);
    let report = runner.deploy(&delayed()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    insta::assert_json_snapshot!(runner.host.asked.lock().unwrap()[0]);
    insta::assert_snapshot!(runner.host.story());
    assert_eq!(report.stacks[0].outcome, StackOutcome::Updated);
    assert_eq!(report.stacks[0].changes.len(), 1);
    assert_eq!(
        cloud.mutations(),
        ["CreateChangeSet ap-southeast-1 network", "ExecuteChangeSet ap-southeast-1 network"]
    );
    let again = Runner::new(&cloud, "third").deploy(&delayed()).await;
    assert_eq!(again.outcome, DeployOutcome::Unchanged);
}

#[tokio::test(start_paused = true)]
async fn no_leaves_no_change_set_behind() {
    let cloud = deployed(&small()).await;
    let report = Runner::asking(&cloud, "second", Answer::No).deploy(&delayed()).await;
    assert_eq!(report.outcome, DeployOutcome::Declined);
    assert_eq!(cloud.mutations(), ["CreateChangeSet ap-southeast-1 network", "DeleteChangeSet ap-southeast-1 network"]);
    assert!(cloud.state().stacks.iter().all(|stack| stack.change_sets.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn an_empty_change_set_is_no_change() {
    let cloud = deployed(&small()).await;
    // A YAML template cannot be compared here, so CloudFormation is asked.
    cloud.edit("network", |stack| stack.shown_as = Some("Resources:\n  Queue: !Ref It\n".to_owned()));
    let runner = Runner::asking(&cloud, "second", Answer::No);
    let report = runner.deploy(&small()).await;
    assert_eq!(report.outcome, DeployOutcome::Unchanged);
    assert_eq!(cloud.mutations(), ["CreateChangeSet ap-southeast-1 network", "DeleteChangeSet ap-southeast-1 network"]);
    assert!(runner.host.asked.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn data_is_lost_only_by_name() {
    let cloud = deployed(&diamond()).await;
    let mut changed = diamond();
    set(&mut changed, 1, "Queue", "DelaySeconds", json!(30));
    set(&mut changed, 0, "Table", "KeySchema", json!("other"));
    cloud.state().replacements.insert("Table".to_owned(), Replacement::Always);
    let report = Runner::new(&cloud, "second").deploy(&changed).await;
    assert_eq!(report.outcome, DeployOutcome::Refused);
    let refusals: Vec<_> = report.stacks.iter().filter_map(|stack| stack.refusal.as_ref()).collect();
    insta::assert_json_snapshot!(refusals);
    assert!(!cloud.mutations().iter().any(|call| call.starts_with("Execute")));
    assert!(cloud.state().stacks.iter().all(|stack| stack.change_sets.is_empty()), "nothing is left behind");

    let allow_replace = BTreeSet::from(["Table".to_owned()]);
    let runner = Runner { allow_replace, ..Runner::new(&cloud, "third") };
    assert_eq!(runner.deploy(&changed).await.outcome, DeployOutcome::Deployed);
}

#[tokio::test(start_paused = true)]
async fn a_kept_resource_leaves_its_stack_only_by_name() {
    let cloud = deployed(&small()).await;
    let mut changed = small();
    changed.stacks[0].template.resources.shift_remove("Table");
    let report = Runner::new(&cloud, "second").deploy(&changed).await;
    let Some(RefusalKind::DataLoss { resources }) = report.stacks[0].refusal.as_ref().map(|refusal| &refusal.kind)
    else {
        panic!("{report:?}");
    };
    assert_eq!(resources[0].logical_id, "Table");
}

#[tokio::test(start_paused = true)]
async fn a_failed_change_tells_its_cause_and_is_rolled_back() {
    let cloud = deployed(&small()).await;
    cloud.fate("network", Fate::FirstFails);
    let mut changed = delayed();
    set(&mut changed, 0, "Table", "BillingMode", json!("PROVISIONED"));
    let runner = Runner::new(&cloud, "second");
    let report = runner.deploy(&changed).await;
    assert_eq!(report.outcome, DeployOutcome::Failed);
    insta::assert_snapshot!(runner.host.story());
    insta::assert_json_snapshot!(report.stacks[0].failure);
    cloud.fate("network", Fate::Succeeds);
    assert_eq!(Runner::new(&cloud, "third").deploy(&changed).await.outcome, DeployOutcome::Deployed);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_fails_needs_an_operator() {
    let cloud = deployed(&small()).await;
    cloud.fate("network", Fate::FirstIsLost);
    let report = Runner::new(&cloud, "second").deploy(&delayed()).await;
    let failure = report.stacks[0].failure.as_ref().unwrap();
    assert!(!failure.rolled_back);
    assert_eq!(failure.causes.len(), 1);
    assert_eq!(failure.not_rolled_back[0].reason.as_deref(), Some("Access denied"));
    let next = Runner::new(&cloud, "third").deploy(&delayed()).await;
    assert_eq!(next.outcome, DeployOutcome::Stuck);
    let Some(RefusalKind::Stuck { holds, .. }) = next.stacks[0].refusal.as_ref().map(|refusal| &refusal.kind) else {
        panic!("{next:?}");
    };
    assert_eq!(holds, &["Queue"]);
}

/// `compute` reads the queue of `network`, which is made anew.
#[tokio::test(start_paused = true)]
async fn what_reads_a_changed_output_gets_its_change_set_once_the_output_is_known() {
    let reading = |delay: Option<u32>| {
        let mut three = assembly(&[
            ("network", SINGAPORE, &[]),
            ("compute", SINGAPORE, &["network"]),
            ("api", SINGAPORE, &["compute"]),
        ]);
        set(&mut three, 1, "Queue", "Target", json!({ "Ref": "networkId" }));
        if let Some(delay) = delay {
            set(&mut three, 0, "Queue", "DelaySeconds", json!(delay));
        }
        three
    };
    let cloud = deployed(&reading(None)).await;
    let calm = Runner::asking(&cloud, "second", Answer::Yes);
    assert_eq!(calm.deploy(&reading(Some(10))).await.outcome, DeployOutcome::Deployed);
    let plan = calm.host.asked.lock().unwrap().remove(0);
    assert!(plan.stacks.iter().all(|stack| stack.may_change.is_empty()), "a change in place keeps the output");

    cloud.forget_calls();
    cloud.state().replacements.insert("Queue".to_owned(), Replacement::Always);
    let runner = Runner::asking(&cloud, "third", Answer::Yes);
    let report = runner.deploy(&reading(Some(30))).await;
    let plan = runner.host.asked.lock().unwrap().remove(0);
    let planned: Vec<_> = plan.stacks.iter().map(|stack| (stack.action, stack.may_change.clone())).collect();
    let (network, compute) = (vec!["networkId".to_owned()], vec!["computeId".to_owned()]);
    assert_eq!(planned, [(Action::Update, vec![]), (Action::Keep, network), (Action::Keep, compute)]);
    let outcomes: Vec<_> = report.stacks.iter().map(|stack| stack.outcome).collect();
    // Nothing in `api` uses its parameter, so that its change set is empty.
    assert_eq!(outcomes, [StackOutcome::Updated, StackOutcome::Updated, StackOutcome::Unchanged]);
    assert!(runner.host.story().contains(Code::ChangesKnown.as_str()));
    let state = cloud.state();
    let compute = state.stacks.iter().find(|stack| stack.description.name == "compute").unwrap();
    assert_eq!(compute.description.parameters["networkId"], "network-queue-2");
}

#[tokio::test(start_paused = true)]
async fn a_change_known_only_later_still_loses_no_data() {
    let mut two = assembly(&[("network", SINGAPORE, &[]), ("data", SINGAPORE, &["network"])]);
    set(&mut two, 1, "Table", "Stream", json!({ "Ref": "networkId" }));
    let cloud = deployed(&two).await;
    cloud.state().replacements.insert("Queue".to_owned(), Replacement::Always);
    cloud.state().replacements.insert("Table".to_owned(), Replacement::Conditional);
    set(&mut two, 0, "Queue", "DelaySeconds", json!(30));
    let report = Runner::new(&cloud, "second").deploy(&two).await;
    assert_eq!(report.outcome, DeployOutcome::Failed);
    assert_eq!(report.stacks[0].outcome, StackOutcome::Updated);
    assert_eq!(report.stacks[1].outcome, StackOutcome::Refused);
    assert!(cloud.state().stacks.iter().all(|stack| stack.change_sets.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_runs_already_is_joined() {
    let cloud = deployed(&small()).await;
    let killed = Runner::new(&cloud, "killed");
    assert!(timeout(Duration::from_secs(8), killed.deploy(&delayed())).await.is_err());
    let runner = Runner::new(&cloud, "next");
    let report = runner.deploy(&delayed()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(report.stacks[0].outcome, StackOutcome::Joined);
    insta::assert_snapshot!(runner.host.story());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_somebody_else_is_left_alone() {
    let cloud = deployed(&small()).await;
    let killed = Runner::new(&cloud, "killed");
    assert!(timeout(Duration::from_secs(8), killed.deploy(&delayed())).await.is_err());
    cloud.edit("network", |stack| {
        for due in &mut stack.timeline {
            due.event.token = Some("somebody".to_owned());
        }
    });
    let report = Runner::new(&cloud, "next").deploy(&delayed()).await;
    assert_eq!(report.outcome, DeployOutcome::Busy);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_to_an_execution_is_recognised_by_its_events() {
    let cloud = deployed(&small()).await;
    cloud.fail("ExecuteChangeSet", &[Fault::ReplyLost]);
    let report = Runner::new(&cloud, "second").deploy(&delayed()).await;
    assert_eq!(report.stacks[0].outcome, StackOutcome::Updated);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_an_interrupted_run_left_is_used() {
    let cloud = FakeCloud::default();
    let killed = Runner::new(&cloud, "killed");
    assert!(timeout(Duration::from_secs(1), killed.deploy(&small())).await.is_err());
    assert_eq!(cloud.mutations(), ["CreateChangeSet ap-southeast-1 network"]);
    let report = Runner::new(&cloud, "next").deploy(&small()).await;
    assert_eq!(report.stacks[0].outcome, StackOutcome::Created);
    assert_eq!(cloud.state().stacks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_not_rolled_back_is_mended_by_the_next() {
    let cloud = deployed(&small()).await;
    cloud.edit("network", |stack| stack.set_status("UPDATE_FAILED"));
    let report = Runner::new(&cloud, "second").deploy(&delayed()).await;
    assert_eq!(report.stacks[0].outcome, StackOutcome::Updated);
    cloud.edit("network", |stack| stack.set_status("UPDATE_FAILED"));
    let report = Runner::new(&cloud, "third").deploy(&delayed()).await;
    assert_eq!(report.outcome, DeployOutcome::Stuck, "there is nothing to change");
}

#[tokio::test(start_paused = true)]
async fn what_still_clears_up_is_changed_afterwards() {
    let cloud = deployed(&small()).await;
    let killed = Runner::new(&cloud, "killed");
    assert!(timeout(Duration::from_secs(11), killed.deploy(&delayed())).await.is_err());
    let mut more = delayed();
    set(&mut more, 0, "Queue", "DelaySeconds", json!(60));
    let report = Runner::new(&cloud, "next").deploy(&more).await;
    assert_eq!(report.stacks[0].outcome, StackOutcome::Updated);
}

#[tokio::test(start_paused = true)]
async fn a_protected_stack_is_protected_before_anything_is_in_it() {
    let cloud = FakeCloud::default();
    let mut protected = small();
    protected.stacks[0].termination_protection = true;
    cloud.fate("network", Fate::FirstFails);
    Runner::new(&cloud, "first").deploy(&protected).await;
    let calls: Vec<String> = cloud.mutations().iter().map(|call| call.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(calls, ["CreateChangeSet", "UpdateTerminationProtection", "ExecuteChangeSet"]);
    cloud.fate("network", Fate::Succeeds);
    let report = Runner::new(&cloud, "second").deploy(&protected).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed, "a creation that failed does not stay in the way");
}
