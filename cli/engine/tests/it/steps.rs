//! What is done after stacks: files, caches, default security groups.

use crate::assembly::{SINGAPORE, SYDNEY, assembly};
use crate::cloud::{FakeCloud, Fault, fail};
use crate::host::Runner;
use async_trait::async_trait;
use como_core::assembly::Assembly;
use como_core::template::Parameter;
use como_engine::error::CloudError;
use como_engine::host::Answer;
use como_engine::plan::RefusalKind;
use como_engine::port::{Buckets, Distributions, GroupRule, SecurityGroups};
use como_engine::report::{DeployOutcome, StepReport};
use como_engine::step::{Object, Place, Site, Step, Task};
use serde_json::json;
use std::collections::BTreeMap;

#[async_trait]
impl Buckets for FakeCloud {
    async fn fingerprint(&self, region: &str, bucket: &str, key: &str) -> Result<Option<String>, CloudError> {
        let mut state = self.state();
        state.enter("HeadObject", region, &format!("{bucket}/{key}"));
        Ok(state.objects.get(&format!("{bucket}/{key}")).cloned())
    }

    async fn put_object(&self, region: &str, bucket: &str, object: &Object) -> Result<(), CloudError> {
        let mut state = self.state();
        let place = format!("{bucket}/{}", object.key);
        let fault = state.enter("PutObject", region, &place);
        if let Some(fault @ Fault::Throttled) = fault {
            return fail(fault, "PutObject", region);
        }
        state.objects.insert(place, object.fingerprint.clone());
        fault.map_or(Ok(()), |fault| fail(fault, "PutObject", region))
    }
}

#[async_trait]
impl Distributions for FakeCloud {
    async fn invalidate(&self, distribution: &str, _reference: &str) -> Result<(), CloudError> {
        match self.state().enter("CreateInvalidation", "us-east-1", distribution) {
            Some(fault) => fail(fault, "CreateInvalidation", "us-east-1"),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl SecurityGroups for FakeCloud {
    async fn rules(&self, region: &str, group: &str) -> Result<Vec<GroupRule>, CloudError> {
        let mut state = self.state();
        state.enter("DescribeSecurityGroupRules", region, group);
        Ok(state.rules.get(group).cloned().unwrap_or_default())
    }

    async fn revoke(&self, region: &str, group: &str, _rules: &[GroupRule]) -> Result<(), CloudError> {
        let mut state = self.state();
        state.enter("RevokeSecurityGroup", region, group);
        state.rules.remove(group);
        Ok(())
    }
}

/// The buckets' stacks in two regions, and the stack in front of them, which reads one.
fn stacks() -> Assembly {
    assembly(&[("site", SINGAPORE, &[]), ("copy", SYDNEY, &[]), ("edge", SINGAPORE, &["site"])])
}

fn site(page: &str) -> Vec<Step> {
    let place = |region: &str, stack: &str| Place {
        region: region.to_owned(),
        stack: stack.to_owned(),
        output: "Id".to_owned(),
    };
    let site = Site {
        buckets: vec![place(SINGAPORE, "site"), place(SYDNEY, "copy")],
        distribution: place(SINGAPORE, "edge"),
        objects: vec![
            Object::new("site.css", "text/css", "no-cache", b"a{}".to_vec()),
            Object::new("index.html", "text/html", "no-cache", page.as_bytes().to_vec()),
        ],
    };
    vec![Step { stack: "edge".to_owned(), task: Task::Site(site) }]
}

fn with_site<'r>(cloud: &'r FakeCloud, attempt: &'r str, page: &str) -> Runner<'r> {
    Runner { steps: site(page), ..Runner::new(cloud, attempt) }
}

#[tokio::test(start_paused = true)]
async fn a_site_is_published_where_it_changed() {
    let cloud = FakeCloud::default();
    let report = with_site(&cloud, "first", "one").deploy(&stacks()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    let edge = report.stacks.iter().find(|stack| stack.name == "edge").unwrap();
    assert_eq!(edge.steps.len(), 3);
    assert_eq!(edge.steps[1], StepReport::Objects { bucket: "copy-queue".to_owned(), written: 2, unchanged: 0 });
    cloud.forget_calls();

    let report = with_site(&cloud, "second", "one").deploy(&stacks()).await;
    assert_eq!((report.outcome, cloud.mutations()), (DeployOutcome::Unchanged, Vec::new()));

    let third = Runner { steps: site("two"), ..Runner::asking(&cloud, "third", Answer::Yes) };
    assert_eq!(third.deploy(&stacks()).await.outcome, DeployOutcome::Deployed);
    assert_eq!(third.host.asked.lock().unwrap()[0].steps[0].what, "publish 2 files of the site");
    assert_eq!(
        cloud.mutations(),
        [
            "PutObject ap-southeast-1 site-queue/index.html",
            "PutObject ap-southeast-2 copy-queue/index.html",
            "CreateInvalidation us-east-1 edge-queue",
            "PutObject ap-southeast-1 site-queue/.como/published",
        ]
    );
    cloud.forget_calls();
    // What is published again after something else is a change too.
    with_site(&cloud, "fourth", "one").deploy(&stacks()).await;
    assert_eq!(cloud.mutations().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_was_not_cleared_is_cleared_by_the_next_run() {
    let cloud = FakeCloud::default();
    cloud.fail("CreateInvalidation", &[Fault::ReplyLost; 5]);
    let report = with_site(&cloud, "first", "one").deploy(&stacks()).await;
    assert_eq!(report.outcome, DeployOutcome::Failed);
    cloud.forget_calls();
    let report = with_site(&cloud, "second", "one").deploy(&stacks()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    let expected = ["CreateInvalidation us-east-1 edge-queue", "PutObject ap-southeast-1 site-queue/.como/published"];
    assert_eq!(cloud.mutations(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_object_whose_reply_was_lost_is_put_again() {
    let cloud = FakeCloud::default();
    cloud.fail("PutObject", &[Fault::ReplyLost, Fault::Throttled]);
    let report = with_site(&cloud, "first", "one").deploy(&stacks()).await;
    assert_eq!(report.outcome, DeployOutcome::Deployed);
    assert_eq!(cloud.state().objects.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_does_not_exist_is_named() {
    let cloud = FakeCloud::default();
    let task = Task::EmptyGroup { output: "GroupId".to_owned() };
    let runner = Runner { steps: vec![Step { stack: "site".to_owned(), task }], ..Runner::new(&cloud, "first") };
    let report = runner.deploy(&assembly(&[("site", SINGAPORE, &[])])).await;
    let error = report.stacks[0].failure.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(error.code, "COMO_STEP_VALUE");
    assert_eq!(error.doing, "GroupId of site, which a step of the deployment needs, does not exist");
}

#[tokio::test(start_paused = true)]
async fn a_default_security_group_loses_its_rules_once() {
    let cloud = FakeCloud::default();
    let rules = vec![GroupRule::Ingress("sgr-1".to_owned()), GroupRule::Egress("sgr-2".to_owned())];
    cloud.state().rules.insert("site-queue".to_owned(), rules);
    let step = || Step { stack: "site".to_owned(), task: Task::EmptyGroup { output: "Id".to_owned() } };
    let assembly = assembly(&[("site", SINGAPORE, &[])]);
    let first = Runner { steps: vec![step()], ..Runner::new(&cloud, "first") };
    let report = first.deploy(&assembly).await;
    assert_eq!(report.stacks[0].steps, [StepReport::GroupEmptied { group: "site-queue".to_owned(), rules: 2 }]);
    cloud.forget_calls();
    let second = Runner { steps: vec![step()], ..Runner::new(&cloud, "second") };
    assert_eq!(second.deploy(&assembly).await.outcome, DeployOutcome::Unchanged);
    assert_eq!(cloud.mutations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_no_output_gives_is_supplied() {
    let cloud = FakeCloud::default();
    let mut assembly = assembly(&[("site", SINGAPORE, &[])]);
    let template = &mut assembly.stacks[0].template;
    template.parameters.insert("ArchiveKey".to_owned(), Parameter::required_string(None));
    template.resources.get_mut("Queue").unwrap().properties = json!({ "Tags": { "Ref": "ArchiveKey" } });
    let refused = Runner::new(&cloud, "first").deploy(&assembly).await;
    let kind = &refused.stacks[0].refusal.as_ref().unwrap().kind;
    assert_eq!(*kind, RefusalKind::MissingParameter { parameter: "ArchiveKey".to_owned() });
    let supplied = |value: &str| BTreeMap::from([("ArchiveKey".to_owned(), value.to_owned())]);
    let given = |cloud: &FakeCloud| cloud.state().find("site").unwrap().description.parameters["ArchiveKey"].clone();
    let deploy = async |attempt: &str, value: &str| {
        let runner = Runner { supplied: supplied(value), ..Runner::new(&cloud, attempt) };
        runner.deploy(&assembly).await.outcome
    };
    assert_eq!((deploy("second", "a.zip").await, given(&cloud).as_str()), (DeployOutcome::Deployed, "a.zip"));
    assert_eq!(deploy("third", "a.zip").await, DeployOutcome::Unchanged);
    assert_eq!((deploy("fourth", "b.zip").await, given(&cloud).as_str()), (DeployOutcome::Deployed, "b.zip"));
}

#[tokio::test(start_paused = true)]
async fn an_archive_is_there_before_the_stack_that_needs_it() {
    let cloud = FakeCloud::default();
    let assembly = assembly(&[("assets", SINGAPORE, &[]), ("functions", SINGAPORE, &["assets"])]);
    let deploy = async |attempt: &str, content: &str| {
        let archive = Object::new("functions/1.zip", "application/zip", "no-store", content.as_bytes().to_vec());
        let task = Task::Objects { parameter: "assetsId".to_owned(), objects: vec![archive] };
        let steps = vec![Step { stack: "functions".to_owned(), task }];
        Runner { steps, ..Runner::new(&cloud, attempt) }.deploy(&assembly).await.outcome
    };
    assert_eq!(deploy("first", "one").await, DeployOutcome::Deployed);
    let expected = [
        "CreateChangeSet ap-southeast-1 assets",
        "ExecuteChangeSet ap-southeast-1 assets",
        "PutObject ap-southeast-1 assets-queue/functions/1.zip",
        "CreateChangeSet ap-southeast-1 functions",
        "ExecuteChangeSet ap-southeast-1 functions",
    ];
    assert_eq!(cloud.mutations(), expected);
    assert_eq!(deploy("second", "one").await, DeployOutcome::Unchanged);
    assert_eq!(deploy("third", "two").await, DeployOutcome::Deployed);
    assert_eq!(cloud.mutations().last().unwrap(), "PutObject ap-southeast-1 assets-queue/functions/1.zip");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_the_pipeline_rolled_out_stays_until_the_file_names_another() {
    let cloud = FakeCloud::default();
    let mut assembly = assembly(&[("svc", SINGAPORE, &[])]);
    let set_default = |assembly: &mut Assembly, digest: &str| {
        let parameter = Parameter { default: Some(digest.to_owned()), ..Parameter::required_string(None) };
        assembly.stacks[0].template.parameters.insert("ImageDigest".to_owned(), parameter);
    };
    let running = || cloud.state().find("svc").unwrap().description.parameters.get("ImageDigest").cloned();
    set_default(&mut assembly, "old");
    Runner::new(&cloud, "first").deploy(&assembly).await;
    cloud.edit("svc", |stack| {
        stack.description.parameters.insert("ImageDigest".to_owned(), "pushed".to_owned());
    });
    assert_eq!(Runner::new(&cloud, "second").deploy(&assembly).await.outcome, DeployOutcome::Unchanged);
    assembly.stacks[0].template.resources.get_mut("Queue").unwrap().properties = json!({ "Tags": ["changed"] });
    assert_eq!(Runner::new(&cloud, "third").deploy(&assembly).await.outcome, DeployOutcome::Deployed);
    assert_eq!(running().as_deref(), Some("pushed"));
    set_default(&mut assembly, "new");
    assembly.stacks[0].template.resources.get_mut("Queue").unwrap().properties = json!({ "Tags": ["again"] });
    assert_eq!(Runner::new(&cloud, "fourth").deploy(&assembly).await.outcome, DeployOutcome::Deployed);
    assert_eq!(running(), None, "CloudFormation takes the default");
}
