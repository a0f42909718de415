//! First deployments, deployments of what is there, and what is refused.

use crate::assembly::{SINGAPORE, SYDNEY, assembly, diamond};
use crate::cloud::FakeCloud;
use crate::host::Runner;
use crate::timeline::Fate;
use como_core::assembly::DeployedStack;
use como_engine::code::Code;
use como_engine::deploy::DeployError;
use como_engine::host::Answer;
use como_engine::plan::{Action, RefusalKind};
use como_engine::port::Put;
use como_engine::report::{DeployOutcome, StackOutcome};
use como_engine::rows::Row;
use como_engine::step::{Step, Task};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, timeout};

fn steps() -> Vec<Step> {
    let row = Row::configuration("partner/memberson", &json!({ "base_url": "https://memberson.example" }));
    let task = Task::Rows { table: "como-prod-configuration".to_owned(), rows: vec![row] };
    vec![Step { stack: "data".to_owned(), task }]
}

#[tokio::test(start_paused = true)]
async fn a_first_deployment_follows_the_dependencies() {
    let cloud = FakeCloud::default();
    let runner = Runner { steps: steps(), ..Runner::new(&cloud, "first") };
    let report = runner.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(report.output("api", "Id"), Some("api-queue"));
    insta::assert_snapshot!(runner.host.story());
    insta::assert_json_snapshot!(report);
    assert_eq!(
        cloud.mutations(),
        [
            "CreateChangeSet ap-southeast-1 data",
            "CreateChangeSet ap-southeast-1 network",
            "ExecuteChangeSet ap-southeast-1 data",
            "ExecuteChangeSet ap-southeast-1 network",
            "PutItem ap-southeast-1 partner/memberson",
            "CreateChangeSet ap-southeast-1 compute",
            "ExecuteChangeSet ap-southeast-1 compute",
            "CreateChangeSet ap-southeast-1 api",
            "ExecuteChangeSet ap-southeast-1 api",
        ]
    );
    let compute = cloud.state();
    let compute = compute.stacks.iter().find(|stack| stack.description.name == "compute").unwrap();
    assert_eq!(compute.description.parameters["networkId"], "network-queue");
}

#[tokio::test(start_paused = true)]
async fn a_stand_in_reads_what_another_environment_has_deployed() {
    let cloud = FakeCloud::default();
    let mut standby = assembly(&[("standby", SYDNEY, &["data"])]);
    standby.deployed = vec![DeployedStack { name: "data".to_owned(), region: SINGAPORE.to_owned() }];
    standby.stacks[0].dependencies.clear();
    let report = Runner::new(&cloud, "too-early").deploy(&standby).await;
    assert_eq!(report.outcome, DeployOutcome::Refused);
    let missing = RefusalKind::NotDeployed { from: "data".to_owned(), region: SINGAPORE.to_owned() };
    assert_eq!(report.stacks[0].refusal.as_ref().map(|refusal| &refusal.kind), Some(&missing));
    assert_eq!(cloud.mutations(), Vec::<String>::new());
    Runner::new(&cloud, "other").deploy(&assembly(&[("data", SINGAPORE, &[])])).await;
    let report = Runner::new(&cloud, "standby").deploy(&standby).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    {
        let state = cloud.state();
        let deployed = state.stacks.iter().find(|stack| stack.description.name == "standby").unwrap();
        assert_eq!(deployed.description.parameters["dataId"], "data-queue");
    }
    assert_eq!(Runner::new(&cloud, "again").deploy(&standby).await.outcome, DeployOutcome::Unchanged);
}

#[tokio::test(start_paused = true)]
async fn a_second_deployment_changes_nothing_and_asks_nothing() {
    let cloud = FakeCloud::default();
    let first = Runner { steps: steps(), ..Runner::new(&cloud, "first") };
    first.deploy(&diamond()).await;
    cloud.forget_calls();
    let second = Runner { steps: steps(), ..Runner::asking(&cloud, "second", Answer::No) };
    let start = Instant::now();
    let report = second.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Unchanged);
    assert!(report.stacks.iter().all(|stack| stack.outcome == StackOutcome::Unchanged));
    assert_eq!(report.output("api", "Id"), Some("api-queue"));
    assert_eq!(cloud.mutations(), [""; 0]);
    assert_eq!(start.elapsed(), Duration::ZERO, "nothing is waited for");
    // One look at the region, one template for each stack, one row.
    assert_eq!(cloud.state().calls.len(), 6);
    insta::assert_snapshot!(second.host.story());
}

#[tokio::test(start_paused = true)]
async fn a_row_that_an_interrupted_run_did_not_write_is_written_by_the_next() {
    let cloud = FakeCloud::default();
    Runner::new(&cloud, "first").deploy(&diamond()).await;
    cloud.forget_calls();
    let second = Runner { steps: steps(), ..Runner::asking(&cloud, "second", Answer::Yes) };
    let report = second.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(report.stacks[0].rows[0].put, Put::Written);
    assert_eq!(cloud.mutations(), ["PutItem ap-southeast-1 partner/memberson"]);
    assert_eq!(second.host.asked.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_is_an_answer() {
    let cloud = FakeCloud::default();
    let runner = Runner::asking(&cloud, "first", Answer::No);
    let report = runner.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Declined);
    assert_eq!(cloud.mutations(), [""; 0]);
    let asked = runner.host.asked.lock().unwrap();
    assert!(asked[0].stacks.iter().all(|stack| stack.action == Action::Create));
}

#[tokio::test(start_paused = true)]
async fn what_cloudformation_cannot_show_is_no_change() {
    let cloud = FakeCloud::default();
    let mut small = assembly(&[("network", SINGAPORE, &[])]);
    small.stacks[0].template.description = Some("Two zones – public and private".to_owned());
    Runner::new(&cloud, "first").deploy(&small).await;
    cloud.edit("network", |stack| {
        stack.edit_template(|template| template["Description"] = json!("Two zones ? public and private"));
    });
    let report = Runner::new(&cloud, "second").deploy(&small).await;
    assert_eq!(report.outcome, DeployOutcome::Unchanged);
}

async fn check_refusal(status: &str, expected: DeployOutcome) {
    let cloud = FakeCloud::default();
    let small = assembly(&[("network", SINGAPORE, &[])]);
    Runner::new(&cloud, "first").deploy(&small).await;
    cloud.forget_calls();
    cloud.edit("network", |stack| stack.set_status(status));
    let report = Runner::new(&cloud, "second").deploy(&small).await;
    assert_eq!(report.outcome, expected, "{status}");
    assert_eq!(cloud.mutations(), [""; 0], "{status}");
}

#[tokio::test(start_paused = true)]
async fn each_state_has_its_answer() {
    for status in ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"] {
        check_refusal(status, DeployOutcome::Unchanged).await;
    }
    for status in ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "IMPORT_IN_PROGRESS"] {
        check_refusal(status, DeployOutcome::Busy).await;
    }
    for status in ["ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "NEW_STATUS"] {
        check_refusal(status, DeployOutcome::Stuck).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_runs_already_is_joined_from_its_beginning() {
    let cloud = FakeCloud::default();
    let killed = Runner::new(&cloud, "killed");
    let detached = timeout(Duration::from_secs(12), killed.deploy(&diamond())).await;
    assert!(detached.is_err());
    let runner = Runner::new(&cloud, "next");
    let report = runner.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    let outcomes: Vec<_> = report.stacks.iter().map(|stack| stack.outcome).collect();
    use StackOutcome::{Created, Joined};
    assert_eq!(outcomes, [Joined, Joined, Created, Created]);
    insta::assert_snapshot!(runner.host.story());
}

#[tokio::test(start_paused = true)]
async fn a_failure_tells_its_root_cause_and_what_waits_for_it_is_not_started() {
    let cloud = FakeCloud::default();
    cloud.fate("network", Fate::FirstFails);
    let runner = Runner::new(&cloud, "first");
    let report = runner.deploy(&diamond()).await;
    assert_eq!(report.outcome, DeployOutcome::Failed);
    insta::assert_snapshot!(runner.host.story());
    insta::assert_json_snapshot!(report);
}

#[tokio::test(start_paused = true)]
async fn an_empty_rolled_back_stack_is_deleted_and_created_again() {
    let cloud = FakeCloud::default();
    cloud.fate("network", Fate::FirstFails);
    let small = assembly(&[("network", SINGAPORE, &[])]);
    Runner::new(&cloud, "first").deploy(&small).await;
    cloud.fate("network", Fate::Succeeds);
    let runner = Runner::asking(&cloud, "second", Answer::Yes);
    let report = runner.deploy(&small).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(runner.host.asked.lock().unwrap()[0].stacks[0].action, Action::Recreate);
    insta::assert_snapshot!(runner.host.story());
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_waited_for_before_the_creation() {
    let cloud = FakeCloud::default();
    let small = assembly(&[("network", SINGAPORE, &[])]);
    Runner::new(&cloud, "first").deploy(&small).await;
    let killed = Runner::new(&cloud, "killed");
    assert!(timeout(Duration::from_secs(3), killed.destroy(&small)).await.is_err());
    let runner = Runner::new(&cloud, "next");
    let report = runner.deploy(&small).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    insta::assert_snapshot!(runner.host.story());
}

#[tokio::test(start_paused = true)]
async fn two_regions_are_worked_on_side_by_side() {
    let cloud = FakeCloud::default();
    let both = assembly(&[("network", SINGAPORE, &[]), ("network-dr", SYDNEY, &[]), ("edge", SYDNEY, &["network"])]);
    let start = Instant::now();
    let report = Runner::new(&cloud, "first").deploy(&both).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    let took = start.elapsed().as_secs();
    assert!((60..70).contains(&took), "two stacks one after the other, three in all: {took} s");
}

#[tokio::test(start_paused = true)]
async fn an_assembly_that_cannot_be_deployed_is_refused() {
    let cloud = FakeCloud::default();
    let mut broken = diamond();
    broken.stacks[3].dependencies.push("dns".to_owned());
    let error = Runner::new(&cloud, "first").try_deploy(&broken).await.unwrap_err();
    assert!(matches!(error, DeployError::UnknownDependency { .. }), "{error}");
    let mut broken = diamond();
    broken.stacks[0].dependencies.push("api".to_owned());
    let error = Runner::new(&cloud, "first").try_deploy(&broken).await.unwrap_err();
    assert!(matches!(error, DeployError::Cycle(_)), "{error}");
    let mut broken = diamond();
    broken.stacks[0].template.outputs.clear();
    let report = Runner::new(&cloud, "first").deploy(&broken).await;
    assert_eq!(report.outcome, DeployOutcome::Refused);
    let kind = &report.stacks[2].refusal.as_ref().unwrap().kind;
    assert!(matches!(kind, RefusalKind::MissingOutput { from, .. } if from == "data"), "{kind:?}");
    assert_eq!(cloud.mutations(), [""; 0]);
}

#[test]
fn the_registry_of_codes_is_stable() {
    let line = |code: &Code| format!("{:<28} {:<8} {}", code.as_str(), format!("{:?}", code.level()), code.meaning());
    let table: Vec<String> = Code::ALL.iter().map(line).collect();
    insta::assert_snapshot!(table.join("\n"));
}
