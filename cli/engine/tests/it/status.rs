//! How things are.

use crate::assembly::{SINGAPORE, assembly, diamond};
use crate::cloud::FakeCloud;
use crate::host::Runner;
use como_engine::status::status;
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn each_stack_is_held_against_the_assembly() {
    let cloud = FakeCloud::default();
    let mut two = assembly(&[("network", SINGAPORE, &[]), ("data", SINGAPORE, &[])]);
    let service = two.stacks[0].template.resources.get_mut("Queue").unwrap();
    service.resource_type = "AWS::ECS::Service".to_owned();
    let runner = Runner::new(&cloud, "first");
    runner.deploy(&two).await;
    cloud.forget_calls();
    let current = status(runner.ports(), &two).await.unwrap();
    assert!(current.is_current());
    cloud.edit("data", |stack| stack.edit_template(|template| template["Description"] = json!("older")));
    let mut more = diamond();
    more.stacks[1] = two.stacks[0].clone();
    let report = status(runner.ports(), &more).await.unwrap();
    assert!(!report.is_current());
    assert_eq!(cloud.mutations(), [""; 0]);
    insta::assert_json_snapshot!(report);
}
