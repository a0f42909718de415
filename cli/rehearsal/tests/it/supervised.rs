//! A whole supervisor within the test, and clients' calls as they come over the wire.

use crate::support::{ACCOUNT, Answer, REGION, authorization};
use como_rehearsal::launcher;
use como_rehearsal::options::{Seeds, SupervisorOptions, TaskProgram};
use como_rehearsal::supervisor::{self, SupervisorError};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) struct Supervised {
    pub(crate) endpoint: String,
    client: reqwest::Client,
    serving: JoinHandle<Result<(), SupervisorError>>,
    stop: CancellationToken,
    _dir: TempDir,
}

/// What a call says, in the protocol of its service.
pub(crate) enum Said<'a> {
    Json { operation: &'a str, input: Value },
    Query { fields: Vec<(&'a str, String)> },
    Rest { method: &'a str, path: String, body: String },
}

impl Supervised {
    pub(crate) async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let options = SupervisorOptions {
            dir: dir.path().to_owned(),
            account: ACCOUNT.to_owned(),
            speed: 1e9,
            api_port: 0,
            router_port: 0,
            program: TaskProgram { executable: "/bin/false".into(), arguments_prefix: Vec::new() },
            seeds: Seeds::default(),
            doubles: Vec::new(),
        };
        let stop = CancellationToken::new();
        let mut serving = tokio::spawn(supervisor::run_until(options, stop.clone()));
        let running = loop {
            tokio::select! {
                ended = &mut serving => panic!("the supervisor ended: {ended:?}"),
                found = launcher::connect(dir.path()) => if let Some(running) = found { break running },
            }
        };
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { endpoint: running.endpoint().to_owned(), client, serving, stop, _dir: dir }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.serving.await.unwrap().unwrap();
    }

    /// The service is named as in signatures.
    pub(crate) async fn call(&self, service: &str, said: Said<'_>) -> Answer {
        let (method, path) = match &said {
            Said::Rest { method, path, .. } => (*method, path.clone()),
            Said::Json { .. } | Said::Query { .. } => ("POST", "/".to_owned()),
        };
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.endpoint));
        let request = request.header("authorization", authorization(REGION, service));
        let request = match said {
            Said::Json { operation, input } => {
                let request = request.header("x-amz-target", format!("Whatever.{operation}"));
                request.header("content-type", "application/x-amz-json-1.1").body(input.to_string())
            }
            Said::Query { fields } => request.form(&fields),
            Said::Rest { body, .. } => request.body(body),
        };
        let response = request.send().await.unwrap();
        Answer { status: response.status().as_u16(), text: response.text().await.unwrap() }
    }

    /// A call of CloudFormation that has to succeed.
    pub(crate) async fn cloudformation(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = [("Action", action), ("Version", "2010-05-15")].into_iter().chain(fields.iter().copied());
        let fields = fields.map(|(name, value)| (name, value.to_owned())).collect();
        let answer = self.call("cloudformation", Said::Query { fields }).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        answer
    }
}
