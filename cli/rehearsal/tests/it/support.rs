//! A rehearsal cloud within the test: the real gateway and CloudFormation over a made-up service.

use crate::made_up::MadeUp;
use como_rehearsal::admin::Admin;
use como_rehearsal::clock::Clock;
use como_rehearsal::cloudformation::CloudFormation;
use como_rehearsal::faults::{Faults, FaultyProvisioner};
use como_rehearsal::gateway::Gateway;
use como_rehearsal::options::{Seeds, TaskProgram};
use como_rehearsal::replication::regions::Regions;
use como_rehearsal::seeding::Seeding;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-southeast-1";
/// Fast enough that no wait is felt.
const SPEED: f64 = 1e9;

pub(crate) struct Cloud {
    pub(crate) endpoint: String,
    pub(crate) made_up: Arc<MadeUp>,
    pub(crate) cloudformation: Arc<CloudFormation>,
    dir: Arc<TempDir>,
    client: reqwest::Client,
}

/// An answer; XML elements are found by name alone.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn all(&self, tag: &str) -> Vec<String> {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let mut found = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((_, after)) = rest.split_once(&open) {
            let (value, remainder) = after.split_once(&close).unwrap();
            let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            found.push(value);
            rest = remainder;
        }
        found
    }

    pub(crate) fn one(&self, tag: &str) -> String {
        let mut all = self.all(tag);
        assert_eq!(all.len(), 1, "{tag} in {}", self.text);
        all.remove(0)
    }
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        Self::start_in(Arc::new(TempDir::new().unwrap()), MadeUp::new()).await
    }

    /// A new supervisor over the state of this one, which is stopped.
    pub(crate) async fn restart(self) -> Self {
        self.cloudformation.stop().await;
        Self::start_in(self.dir, self.made_up).await
    }

    async fn start_in(dir: Arc<TempDir>, made_up: Arc<MadeUp>) -> Self {
        let clock = Arc::new(Clock::new(SPEED));
        let program = TaskProgram { executable: "/nonexistent".into(), arguments_prefix: Vec::new() };
        let seeding = Seeding::open(Seeds::default(), program, Vec::new(), dir.path().to_owned()).unwrap();
        let faults = Faults::open(dir.path(), Arc::clone(&clock)).unwrap();
        let cloudformation = CloudFormation::open(
            dir.path().join("cloudformation"),
            ACCOUNT.to_owned(),
            Arc::new(FaultyProvisioner { inner: Arc::clone(&made_up) as _, faults: Arc::clone(&faults) }),
            Arc::clone(&clock),
        )
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let admin = Arc::new(Admin {
            endpoint: endpoint.clone(),
            account: ACCOUNT.to_owned(),
            started: jiff::Timestamp::now(),
            clock,
            cloudformation: Arc::clone(&cloudformation),
            hosted: Arc::clone(&made_up) as _,
            seeding: Arc::new(seeding),
            faults: Arc::clone(&faults),
            regions: Arc::new(Regions::open(dir.path(), faults.outages().clone()).unwrap()),
            stop: CancellationToken::new(),
        });
        let gateway = Gateway { cloudformation: Arc::clone(&cloudformation), hosted: Arc::clone(&made_up) as _, admin };
        tokio::spawn(axum::serve(listener, gateway.into_router()).into_future());
        tokio::spawn(faults.serve(Arc::clone(&made_up) as _, CancellationToken::new()));
        cloudformation.resume();
        Self { endpoint, made_up, cloudformation, dir, client: reqwest::Client::new() }
    }

    pub(crate) async fn call(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.call_in(REGION, action, fields).await
    }

    pub(crate) async fn call_in(&self, region: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form: Vec<(&str, &str)> =
            [("Action", action), ("Version", "2010-05-15")].into_iter().chain(fields.iter().copied()).collect();
        let response = self
            .client
            .post(&self.endpoint)
            .header("authorization", authorization(region, "cloudformation"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert!(response.headers().contains_key("x-amzn-requestid"));
        Answer { status: response.status().as_u16(), text: response.text().await.unwrap() }
    }

    pub(crate) async fn create(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let body = template.to_string();
        let mut all = vec![("StackName", name), ("TemplateBody", body.as_str())];
        all.extend_from_slice(fields);
        self.call("CreateStack", &all).await
    }

    /// Asks until the stack rests, and returns the last description. Takes a name or an id.
    pub(crate) async fn settled(&self, name: &str) -> Answer {
        loop {
            let answer = self.call("DescribeStacks", &[("StackName", name)]).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            if !answer.one("StackStatus").ends_with("IN_PROGRESS") {
                return answer;
            }
        }
    }

    /// Creates, waits, and returns how it ended.
    pub(crate) async fn create_and_wait(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let created = self.create(name, template, fields).await;
        assert_eq!(created.status, 200, "{}", created.text);
        self.settled(&created.one("StackId")).await
    }

    pub(crate) async fn update(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let body = template.to_string();
        let mut all = vec![("StackName", name), ("TemplateBody", body.as_str())];
        all.extend_from_slice(fields);
        self.call("UpdateStack", &all).await
    }

    /// Updates, waits, and returns how it ended.
    pub(crate) async fn update_and_wait(&self, name: &str, template: &Value, fields: &[(&str, &str)]) -> Answer {
        let updated = self.update(name, template, fields).await;
        assert_eq!(updated.status, 200, "{}", updated.text);
        self.settled(name).await
    }

    /// Events, oldest first: logical id, status, reason.
    pub(crate) async fn events(&self, name: &str) -> Vec<String> {
        let answer = self.call("DescribeStackEvents", &[("StackName", name)]).await;
        let mut lines: Vec<String> = answer
            .all("member")
            .into_iter()
            .map(|text| {
                let event = Answer { status: 200, text };
                let mut line = format!("{} {}", event.one("LogicalResourceId"), event.one("ResourceStatus"));
                for reason in event.all("ResourceStatusReason") {
                    line.push_str(&format!(" ({})", without_tokens(&reason)));
                }
                line
            })
            .collect();
        lines.reverse();
        lines
    }

    pub(crate) async fn admin(&self, path: &str, body: Value) -> Value {
        let response =
            self.client.post(format!("{}/_rehearsal/{path}", self.endpoint)).json(&body).send().await.unwrap();
        response.json().await.unwrap()
    }

    pub(crate) async fn status(&self) -> Value {
        self.client.get(format!("{}/_rehearsal/status", self.endpoint)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn raw(&self, service: &str) -> Answer {
        let request = self.client.post(&self.endpoint).header("authorization", authorization(REGION, service));
        let response = request.send().await.unwrap();
        Answer { status: response.status().as_u16(), text: response.text().await.unwrap() }
    }
}

pub(crate) fn authorization(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=rehearsal/20261123/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// Request tokens differ from run to run.
fn without_tokens(text: &str) -> String {
    match text.split_once("RequestToken: ") {
        Some((before, after)) => format!("{before}RequestToken: …{}", after.get(36..).unwrap_or_default()),
        None => text.to_owned(),
    }
}
