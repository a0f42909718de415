//! What an account has once may be there before the stack that has it.

use crate::assembly::{SINGAPORE, assembly};
use crate::cloud::FakeCloud;
use crate::host::Runner;
use como_core::assembly::Assembly;
use como_core::resource::RemovalPolicy;
use como_core::template::Resource;
use como_engine::code::Code;
use como_engine::report::{DeployOutcome, StackOutcome};
use serde_json::{Map, Value as Json, json};

const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.example";

/// A stack that environments share, with two things of which an account has one.
fn shared() -> Assembly {
    let mut assembly = assembly(&[("shared", SINGAPORE, &[])]);
    let stack = &mut assembly.stacks[0];
    stack.shared = true;
    let mut add = |id: &str, resource_type: &str, properties: Json| {
        let resource = Resource {
            resource_type: resource_type.to_owned(),
            condition: None,
            depends_on: Vec::new(),
            deletion_policy: Some(RemovalPolicy::Retain),
            update_replace_policy: Some(RemovalPolicy::Retain),
            metadata: Map::new(),
            properties,
        };
        stack.template.resources.insert(id.to_owned(), resource);
    };
    let provider = json!({ "Url": "https://token.actions.example", "ClientIdList": ["sts.amazonaws.com"] });
    add("Provider", "AWS::IAM::OIDCProvider", provider);
    let replication = json!({ "ReplicationConfiguration": { "Rules": [{ "Destinations": [] }] } });
    add("Replication", "AWS::ECR::ReplicationConfiguration", replication);
    assembly
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_taken_over_and_brought_to_what_it_should_be() {
    let cloud = FakeCloud::default();
    cloud.state().existing.insert(PROVIDER.to_owned());
    let runner = Runner::new(&cloud, "first");
    let report = runner.deploy(&shared()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(report.stacks[0].outcome, StackOutcome::Created);
    let changes = &report.stacks[0].changes;
    let provider = changes.iter().find(|change| change.logical_id == "Provider").unwrap();
    assert_eq!(provider.details[0].path, "Properties/ClientIdList", "it was imported without: {provider:?}");
    let calls: Vec<String> = cloud.mutations().iter().map(|call| call.replace(" ap-southeast-1 shared", "")).collect();
    assert_eq!(
        calls,
        [
            "CreateChangeSet",
            "DeleteChangeSet",
            "CreateChangeSet",
            "DeleteChangeSet",
            "CreateChangeSet",
            "ExecuteChangeSet",
            "CreateChangeSet",
            "ExecuteChangeSet",
        ],
        "two looks, the import, the update"
    );
    let told = runner.host.events.lock().unwrap().clone();
    let (_, told) = told.iter().find(|(_, event)| event.code == Code::ResourceAdopted).unwrap();
    assert_eq!(told.about.physical_id.as_deref(), Some(PROVIDER));
    assert_eq!(Runner::new(&cloud, "second").deploy(&shared()).await.outcome, DeployOutcome::Unchanged);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_made() {
    let cloud = FakeCloud::default();
    let report = Runner::new(&cloud, "first").deploy(&shared()).await;
    assert_eq!((report.outcome, report.stacks[0].outcome), (DeployOutcome::Deployed, StackOutcome::Created));
    assert_eq!(cloud.state().stacks.len(), 1);
    let executed = cloud.mutations().iter().filter(|call| call.starts_with("ExecuteChangeSet")).count();
    assert_eq!(executed, 1, "no import");
}

/// An environment's own stack has what is its own; if that exists, somebody else has made it.
#[tokio::test(start_paused = true)]
async fn only_what_environments_share_is_taken_over() {
    let cloud = FakeCloud::default();
    cloud.state().existing.insert(PROVIDER.to_owned());
    let mut own = shared();
    own.stacks[0].shared = false;
    Runner::new(&cloud, "first").deploy(&own).await;
    assert_eq!(cloud.mutations(), ["CreateChangeSet ap-southeast-1 shared", "ExecuteChangeSet ap-southeast-1 shared"]);
}
