//! The hosted services within another program: without a supervisor, CloudFormation, faults or a second region.
//!
//! Whoever opens them makes the resources one by one, and serves the router at the address that it named before.

use crate::clock::Clock;
use crate::faults::Outages;
use crate::gateway::{Addressee, MAXIMUM_BODY, addressee, nobody, with_request_id};
use crate::hosting::{Hosted, HostingOptions};
use crate::options::{Seeds, TaskProgram};
use crate::provision::{CreateRequest, ProvisionError, Provisioned, Provisioner};
use crate::replication::regions::Regions;
use crate::seeding::{Seeding, SeedingError};
use crate::services::{OpenServicesError, ServiceError, Services, StoreError};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;

/// What [`Stores::open`] is given.
#[derive(Debug, Clone)]
pub struct StoresOptions {
    /// All state; it is made when it is not there.
    pub dir: PathBuf,
    /// The twelve digits of the account that they play.
    pub account: String,
    pub region: String,
    /// Where [`Stores::router`] will answer, for example `http://127.0.0.1:4566`.
    pub endpoint: String,
}

#[derive(Debug, Error)]
pub enum OpenStoresError {
    #[error("could not use the folder of the stores")]
    Folder(#[source] std::io::Error),
    #[error("could not load the state of the regions")]
    Regions(#[source] StoreError),
    #[error("could not prepare the seeds")]
    Seeding(#[from] SeedingError),
    #[error("could not open the services")]
    Services(#[from] OpenServicesError),
}

/// A resource to be made, as a template has it, with every intrinsic function resolved.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub stack: String,
    pub logical_id: String,
    /// For example `AWS::SQS::Queue`.
    pub resource_type: String,
    pub properties: Map<String, Value>,
}

pub struct Stores {
    services: Arc<Services>,
    account: String,
    region: String,
}

impl Stores {
    /// Goes on where an earlier process ended. Needs a runtime.
    pub async fn open(options: StoresOptions) -> Result<Self, OpenStoresError> {
        let StoresOptions { dir, account, region, endpoint } = options;
        crate::options::create_private_dir(&dir).map_err(OpenStoresError::Folder)?;
        // No program is ever started: nothing that runs one is made.
        let program = TaskProgram { executable: PathBuf::new(), arguments_prefix: Vec::new() };
        let seeding = Seeding::open(Seeds::default(), program.clone(), Vec::new(), dir.clone())?;
        let regions = Regions::open(&dir, Outages::default()).map_err(OpenStoresError::Regions)?;
        let services = Services::open(HostingOptions {
            dir: dir.join("services"),
            log_dir: dir.join("logs"),
            account: account.clone(),
            endpoint,
            router_port: 0,
            program,
            clock: Arc::new(Clock::new(1.0)),
            regions: Arc::new(regions),
            seeding: Arc::new(seeding),
        })
        .await?;
        Ok(Self { services, account, region })
    }

    /// Makes a resource, or finds the one that was made under the same name before.
    pub async fn make(&self, wanted: Wanted) -> Result<Provisioned, ProvisionError> {
        let Wanted { stack, logical_id, resource_type, properties } = wanted;
        let (account, region) = (self.account.clone(), self.region.clone());
        let stack_id = format!("arn:aws:cloudformation:{region}:{account}:stack/{stack}/local");
        self.services
            .create(CreateRequest {
                account,
                region,
                stack_name: stack,
                stack_id,
                logical_id,
                resource_type,
                generation: 0,
                properties,
            })
            .await
    }

    /// Writes an item, given in DynamoDB's JSON.
    pub async fn put_item(&self, table: &str, item: Value) -> Result<(), ServiceError> {
        let body = json!({ "TableName": table, "Item": item }).to_string();
        let request = http::Request::post("/").header("x-amz-target", "DynamoDB_20120810.PutItem");
        let request = request.body(Bytes::from(body)).map_err(|error| ServiceError::internal(&error))?;
        let response = self.services.handle(&self.region, "dynamodb", request).await;
        if response.status().is_success() {
            return Ok(());
        }
        let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        Err(ServiceError { status: response.status().as_u16(), code: text("__type"), message: text("message") })
    }

    /// Every mail that was sent, as SES was given it, oldest first.
    pub fn mails(&self) -> Result<Vec<Value>, StoreError> {
        self.services.mails(&self.region)
    }

    /// What a token of the pool with this ARN says; nothing where it is forged, expired or another pool's.
    #[must_use]
    pub fn claims(&self, pool: &str, token: &str) -> Option<Map<String, Value>> {
        self.services.claims(pool, token)
    }

    /// AWS's protocols, of every service that is hosted.
    pub fn router(&self) -> axum::Router {
        axum::Router::new().fallback(answer).with_state(Arc::clone(&self.services))
    }

    /// What was under way is done when this returns.
    pub async fn stop(&self) {
        self.services.stop().await;
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stores").field("region", &self.region).finish_non_exhaustive()
    }
}

async fn answer(State(services): State<Arc<Services>>, request: Request) -> Response {
    let request_id = uuid::Uuid::new_v4().to_string();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAXIMUM_BODY).await else { return nobody(&request_id) };
    let Some(Addressee { region, service }) = addressee(services.as_ref(), &parts.uri, &parts.headers, &body) else {
        return nobody(&request_id);
    };
    let response = services.handle(&region, &service, http::Request::from_parts(parts, body)).await;
    with_request_id(response.map(Body::from), &request_id)
}
