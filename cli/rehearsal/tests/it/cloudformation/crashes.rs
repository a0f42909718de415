//! A supervisor that is killed at any instant: the next one ends the operation as the first would have.
//!
//! Each call to a service is a place to die at, before its effect and after it. The services' world outlives the
//! supervisor, as real services do, and at the end it must be the same as if nobody had died: nothing left behind,
//! nothing doubled, and the same events.

use crate::support::{Answer, REGION};
use async_trait::async_trait;
use como_rehearsal::clock::Clock;
use como_rehearsal::cloudformation::CloudFormation;
use como_rehearsal::provision::{
    CreateRequest, DeleteRequest, ProvisionError, Provisioned, Provisioner, UpdateRequest,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::Notify;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Edge {
    Before,
    After,
}

/// What exists, by physical id.
type Things = BTreeMap<String, Map<String, Value>>;

#[derive(Default)]
struct World {
    things: Mutex<Things>,
    calls: Mutex<usize>,
    /// The call at which the supervisor dies.
    death: Mutex<Option<(usize, Edge)>>,
    died: Notify,
}

impl World {
    /// Counts a call, and never comes back from the one at which the supervisor dies.
    async fn call<T>(&self, effect: impl FnOnce() -> T) -> T {
        let call = {
            let mut calls = self.calls.lock().unwrap();
            *calls += 1;
            *calls
        };
        let death = *self.death.lock().unwrap();
        if death == Some((call, Edge::Before)) {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        let result = effect();
        if death == Some((call, Edge::After)) {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        result
    }

    fn arm(&self, death: Option<(usize, Edge)>) {
        (*self.calls.lock().unwrap(), *self.death.lock().unwrap()) = (0, death);
    }
}

fn refused(message: &str) -> ProvisionError {
    ProvisionError::Refused { message: message.to_owned() }
}

struct Services(Arc<World>);

#[async_trait]
impl Provisioner for Services {
    async fn create(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        let id = format!("{}-{}", request.logical_id, request.generation);
        let make = || {
            if request.logical_id.starts_with("Fail") {
                return Err(refused("boom"));
            }
            self.0.things.lock().unwrap().insert(id.clone(), request.properties.clone());
            Ok(Provisioned { physical_id: id.clone(), attributes: BTreeMap::from([("TopicArn".into(), json!(id))]) })
        };
        self.0.call(make).await
    }

    async fn stabilise(&self, _request: &CreateRequest, _provisioned: &Provisioned) -> Result<(), ProvisionError> {
        self.0.call(|| Ok(())).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let change = || {
            let mut things = self.0.things.lock().unwrap();
            let thing = things.get_mut(&request.physical_id).ok_or_else(|| refused("gone"))?;
            thing.clone_from(&request.wanted.properties);
            Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
        };
        self.0.call(change).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<(), ProvisionError> {
        let remove = || {
            self.0.things.lock().unwrap().remove(&request.physical_id);
            Ok(())
        };
        self.0.call(remove).await
    }
}

/// Everything that can be seen when an operation has ended.
#[derive(Debug, PartialEq)]
struct Ending {
    status: String,
    things: Things,
    /// Without their order, since resources move side by side.
    events: Vec<String>,
    listed: Vec<String>,
}

async fn call(cloud: &Arc<CloudFormation>, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let response = cloud.handle(REGION, "request", "", body.as_bytes()).await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    Answer { status: response.status().as_u16(), text }
}

/// One supervisor's life on a folder. Its end takes every task with it, wherever that is.
fn live<T>(dir: &Path, world: &Arc<World>, life: impl AsyncFnOnce(Arc<CloudFormation>) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let services = Arc::new(Services(Arc::clone(world)));
        let clock = Arc::new(Clock::new(1e9));
        let cloud = CloudFormation::open(dir.join("cloudformation"), "123456789012".to_owned(), services, clock);
        let cloud = cloud.unwrap();
        cloud.resume();
        life(cloud).await
    })
}

async fn settled(cloud: &Arc<CloudFormation>, id: &str) -> String {
    loop {
        let answer = call(cloud, &[("Action", "DescribeStacks"), ("StackName", id)]).await;
        if answer.status == 200 && !answer.one("StackStatus").ends_with("IN_PROGRESS") {
            return answer.one("StackStatus");
        }
        tokio::task::yield_now().await;
    }
}

async fn ending(cloud: &Arc<CloudFormation>, world: &World, id: &str) -> Ending {
    let status = settled(cloud, id).await;
    let answer = call(cloud, &[("Action", "DescribeStackEvents"), ("StackName", id)]).await;
    let mut events: Vec<String> = answer
        .all("member")
        .into_iter()
        .map(|text| {
            let event = Answer { status: 200, text };
            let reason = event.all("ResourceStatusReason").concat();
            let reason = reason.split(" (RequestToken").next().unwrap_or_default().to_owned();
            let physical_id = event.all("PhysicalResourceId").concat().replace(id, "the stack");
            format!("{} {physical_id} {} {reason}", event.one("LogicalResourceId"), event.one("ResourceStatus"))
        })
        .collect();
    events.sort();
    let listed = call(cloud, &[("Action", "ListStackResources"), ("StackName", id)]).await;
    let listed = listed.all("member").into_iter().map(|text| Answer { status: 200, text });
    let listed = listed.filter(|one| one.one("ResourceStatus") != "DELETE_COMPLETE");
    let listed = listed.flat_map(|one| one.all("PhysicalResourceId")).collect();
    Ending { status, things: world.things.lock().unwrap().clone(), events, listed }
}

/// What is asked for, and how it should end.
struct Case {
    before: Option<Value>,
    call: Vec<(&'static str, String)>,
    status: &'static str,
}

impl Case {
    fn run(&self, death: Option<(usize, Edge)>) -> (Ending, usize) {
        self.run_and(death, None)
    }

    /// The next supervisor hears of `then` before it goes on.
    fn run_and(&self, death: Option<(usize, Edge)>, then: Option<&str>) -> (Ending, usize) {
        let (dir, world) = (TempDir::new().unwrap(), Arc::new(World::default()));
        let fields: Vec<(&str, &str)> = self.call.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let fields = &fields;
        let (id, finished) = live(dir.path(), &world, async |cloud| {
            if let Some(before) = &self.before {
                let body = before.to_string();
                call(&cloud, &[("Action", "CreateStack"), ("StackName", "s"), ("TemplateBody", &body)]).await;
                assert_eq!(settled(&cloud, "s").await, "CREATE_COMPLETE");
            }
            world.arm(death);
            let known = call(&cloud, &[("Action", "DescribeStacks"), ("StackName", "s")]).await;
            let answer = call(&cloud, fields).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let id = answer.all("StackId").into_iter().chain(known.all("StackId")).next().unwrap();
            let finished = tokio::select! {
                biased;
                () = world.died.notified() => None,
                ending = ending(&cloud, &world, &id) => Some(ending),
            };
            (id, finished)
        });
        let calls = *world.calls.lock().unwrap();
        world.arm(None);
        let ending = match finished {
            Some(finished) => finished,
            None => live(dir.path(), &world, async |cloud| {
                if let Some(then) = then {
                    call(&cloud, &[("Action", then), ("StackName", "s")]).await;
                }
                ending(&cloud, &world, &id).await
            }),
        };
        (ending, calls)
    }

    fn check(&self) {
        let (expected, calls) = self.run(None);
        assert_eq!(expected.status, self.status, "{:#?}", expected.events);
        let listed: Vec<String> = expected.things.keys().cloned().collect();
        let mut own = expected.listed.clone();
        own.sort();
        assert_eq!(own, listed);
        assert!(2 < calls);
        for death in (1..=calls).flat_map(|call| [(call, Edge::Before), (call, Edge::After)]) {
            let (ending, _) = self.run(Some(death));
            assert_eq!(ending, expected, "killed at {death:?} of {calls} calls");
        }
    }
}

fn create(template: &Value, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    ask("CreateStack", Some(template), more)
}

fn ask(action: &str, template: Option<&Value>, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut fields = vec![("Action", action.to_owned()), ("StackName", "s".to_owned())];
    fields.extend(template.map(|template| ("TemplateBody", template.to_string())));
    fields.extend(more.iter().map(|(key, value)| (*key, (*value).to_owned())));
    fields
}

/// A change of the block replaces network and subnet; the topic changes in place.
fn network(block: &str, text: &str, more: Value) -> Value {
    let mut resources = json!({
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": block}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
        "Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Subnet", "Properties": {"DisplayName": text}},
    });
    for (name, resource) in more.as_object().unwrap() {
        resources[name] = resource.clone();
    }
    json!({ "Resources": resources })
}

fn old() -> Value {
    network("10.0.0.0/16", "one", json!({"Old": {"Type": "AWS::SNS::Topic"}}))
}

#[test]
fn a_creation_ends() {
    let call = create(&old(), &[]);
    Case { before: None, call, status: "CREATE_COMPLETE" }.check();
}

#[test]
fn a_creation_that_fails_is_rolled_back_or_stays() {
    let failing = network("10.0.0.0/16", "one", json!({"Fail": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic"}}));
    for (on_failure, status) in
        [("ROLLBACK", "ROLLBACK_COMPLETE"), ("DELETE", "DELETE_COMPLETE"), ("DO_NOTHING", "CREATE_FAILED")]
    {
        Case { before: None, call: create(&failing, &[("OnFailure", on_failure)]), status }.check();
    }
}

#[test]
fn an_update_with_replacements_ends() {
    let new = network("10.1.0.0/16", "two", json!({"New": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic"}}));
    let call = ask("UpdateStack", Some(&new), &[]);
    Case { before: Some(old()), call, status: "UPDATE_COMPLETE" }.check();
}

#[test]
fn an_update_that_fails_comes_back() {
    let failing = json!({
        "New": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic"},
        "Fail": {"Type": "AWS::SNS::Topic", "DependsOn": "New"},
    });
    let failing = network("10.1.0.0/16", "two", failing);
    for (disable, status) in [("false", "UPDATE_ROLLBACK_COMPLETE"), ("true", "UPDATE_FAILED")] {
        let call = ask("UpdateStack", Some(&failing), &[("DisableRollback", disable)]);
        let case = Case { before: Some(old()), call, status };
        if disable == "false" {
            case.check();
            continue;
        }
        // What is to be removed, and what was replaced, is still there when an update rests half-way.
        let (expected, calls) = case.run(None);
        assert_eq!(expected.status, status);
        for death in (1..=calls).flat_map(|call| [(call, Edge::Before), (call, Edge::After)]) {
            assert_eq!(case.run(Some(death)).0, expected, "killed at {death:?}");
        }
    }
}

#[test]
fn what_was_half_made_goes_when_somebody_changes_his_mind() {
    let new = network("10.1.0.0/16", "two", json!({"New": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic"}}));
    let update = Case { before: Some(old()), call: ask("UpdateStack", Some(&new), &[]), status: "UPDATE_COMPLETE" };
    let creation = Case { before: None, call: create(&old(), &[]), status: "CREATE_COMPLETE" };
    let (ended, calls) = update.run(None);
    let untouched = creation.run(None).0.things;
    for death in (1..=calls).flat_map(|call| [(call, Edge::Before), (call, Edge::After)]) {
        let (gone, _) = update.run_and(Some(death), Some("DeleteStack"));
        assert_eq!((gone.status.as_str(), &gone.things), ("DELETE_COMPLETE", &Things::new()), "{death:?}");
        let (back, _) = update.run_and(Some(death), Some("CancelUpdateStack"));
        // It is too late once the cleanup has begun.
        let expected = if back.status == "UPDATE_COMPLETE" { &ended.things } else { &untouched };
        assert_eq!(&back.things, expected, "{death:?}: {}", back.status);
    }
    let (_, calls) = creation.run(None);
    for death in (1..=calls).flat_map(|call| [(call, Edge::Before), (call, Edge::After)]) {
        let (gone, _) = creation.run_and(Some(death), Some("DeleteStack"));
        assert_eq!((gone.status.as_str(), &gone.things), ("DELETE_COMPLETE", &Things::new()), "{death:?}");
    }
}

#[test]
fn a_deletion_ends() {
    let call = ask("DeleteStack", None, &[]);
    Case { before: Some(old()), call, status: "DELETE_COMPLETE" }.check();
}
