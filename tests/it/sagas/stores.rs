//! DynamoDB and SQS of the rehearsal cloud, on loopback.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use como_adapters::aws::AwsClients;
use como_contract::table::{
    self, idempotency_attribute, journal_attribute, lease_attribute, manual_action_attribute, webhook_event_attribute,
};
use como_rehearsal::clock::Clock;
use como_rehearsal::faults::Faults;
use como_rehearsal::hosting::{Hosted, HostingOptions};
use como_rehearsal::options::{Seeds, TaskProgram};
use como_rehearsal::provision::{CreateRequest, Provisioner};
use como_rehearsal::replication::regions::Regions;
use como_rehearsal::seeding::Seeding;
use como_rehearsal::services::Services;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const ENVIRONMENT: &str = "test";
pub(crate) const SINGAPORE: &str = "ap-southeast-1";
pub(crate) const SYDNEY: &str = "ap-southeast-2";
pub(crate) const TOKYO: &str = "ap-northeast-1";
const ACCOUNT: &str = "123456789012";

/// Tables in two regions; none replicates another, as if the link between them were cut.
pub(crate) struct Stores {
    endpoint: String,
    pub(crate) queue: String,
    services: Arc<Services>,
    _dir: TempDir,
}

impl Stores {
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let endpoint = format!("http://{address}");
        let clock = Arc::new(Clock::new(1e9));
        let faults = Faults::open(dir.path(), Arc::clone(&clock)).unwrap();
        let regions = Arc::new(Regions::open(dir.path(), faults.outages().clone()).unwrap());
        let program = TaskProgram { executable: "/nonexistent".into(), arguments_prefix: Vec::new() };
        let seeding = Seeding::open(Seeds::default(), program.clone(), Vec::new(), dir.path().to_owned()).unwrap();
        let services = Services::open(HostingOptions {
            dir: dir.path().join("services"),
            log_dir: dir.path().join("logs"),
            account: ACCOUNT.to_owned(),
            endpoint: endpoint.clone(),
            router_port: 0,
            program,
            clock,
            regions,
            seeding: Arc::new(seeding),
        });
        let services = services.await.unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&services));
        tokio::spawn(axum::serve(listener, router).into_future());
        for region in [SINGAPORE, SYDNEY] {
            for (name, properties) in tables() {
                create(&services, region, "AWS::DynamoDB::GlobalTable", &name, with_replica(properties, region)).await;
            }
        }
        for region in [SINGAPORE, SYDNEY, TOKYO] {
            let name = table::lease(ENVIRONMENT);
            let properties = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{ "AttributeName": lease_attribute::LEASE, "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": lease_attribute::LEASE, "AttributeType": "S" }] });
            create(&services, region, "AWS::DynamoDB::GlobalTable", &name, with_replica(properties, region)).await;
        }
        let queue = json!({ "QueueName": "effects.fifo", "FifoQueue": true });
        let queue = create(&services, SINGAPORE, "AWS::SQS::Queue", "Effects", queue).await;
        Self { endpoint, queue, services, _dir: dir }
    }

    /// The SDK's own client over the wire.
    pub(crate) async fn clients(&self, region: &str) -> AwsClients {
        let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .endpoint_url(&self.endpoint)
            .load()
            .await;
        AwsClients::from_config(&config)
    }

    pub(crate) async fn close(self) {
        self.services.stop().await;
    }
}

async fn answer(State(services): State<Arc<Services>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    // `Credential=<key>/<date>/<region>/<service>/aws4_request`
    let signed = parts.headers["authorization"].to_str().unwrap().to_owned();
    let mut scope = signed.split("Credential=").nth(1).unwrap().split('/').skip(2);
    let (region, service) = (scope.next().unwrap(), scope.next().unwrap());
    let answered = services.handle(region, service, axum::http::Request::from_parts(parts, body)).await;
    answered.map(Body::from)
}

async fn create(services: &Services, region: &str, kind: &str, id: &str, properties: Value) -> String {
    let request = CreateRequest {
        account: ACCOUNT.to_owned(),
        region: region.to_owned(),
        stack_name: "como-test".to_owned(),
        stack_id: format!("arn:aws:cloudformation:{region}:{ACCOUNT}:stack/como-test/1"),
        logical_id: id.to_owned(),
        resource_type: kind.to_owned(),
        generation: 0,
        properties: properties.as_object().unwrap().clone(),
    };
    services.create(request).await.unwrap().physical_id
}

/// What the stacks make of them; `stacks/tests` holds those to the contract.
fn tables() -> Vec<(String, Value)> {
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let index = |name: &str, hash: &str, range: &str| {
        json!({ "IndexName": name, "Projection": { "ProjectionType": "ALL" },
            "KeySchema": [key(hash, "HASH"), key(range, "RANGE")] })
    };
    let table = |name: String, keys: Vec<Value>, indexes: Vec<Value>| {
        let mut names: Vec<String> = Vec::new();
        for schema in indexes.iter().map(|index| index["KeySchema"].clone()).chain([json!(keys)]) {
            for key in schema.as_array().unwrap() {
                let name = key["AttributeName"].as_str().unwrap().to_owned();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let definitions: Vec<Value> =
            names.iter().map(|name| json!({ "AttributeName": name, "AttributeType": "S" })).collect();
        let mut properties = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": keys,
            "AttributeDefinitions": definitions });
        if !indexes.is_empty() {
            properties["GlobalSecondaryIndexes"] = json!(indexes);
        }
        (name, properties)
    };
    use journal_attribute as journal;
    use manual_action_attribute as action;
    vec![
        table(
            table::journal(ENVIRONMENT),
            vec![key(journal::SAGA_ID, "HASH"), key(journal::POSITION, "RANGE")],
            vec![
                index(table::PENDING_EFFECTS_INDEX, journal::PENDING_FOR, journal::PENDING_SINCE),
                index(table::MEMBER_SAGAS_INDEX, journal::ACCEPTED_OF, journal::ACCEPTED_AT),
            ],
        ),
        table(table::idempotency(ENVIRONMENT), vec![key(idempotency_attribute::REQUEST_ID, "HASH")], Vec::new()),
        table(table::webhook_events(ENVIRONMENT), vec![key(webhook_event_attribute::EVENT_ID, "HASH")], Vec::new()),
        table(
            table::manual_actions(ENVIRONMENT),
            vec![key(action::ACTION_ID, "HASH")],
            vec![index(table::OPEN_ACTIONS_INDEX, action::OPEN_KIND, action::OPENED_AT)],
        ),
    ]
}

/// A table of its own in each region: the names of two regions do not meet.
fn with_replica(mut properties: Value, region: &str) -> Value {
    properties["Replicas"] = json!([{ "Region": region }]);
    properties
}
