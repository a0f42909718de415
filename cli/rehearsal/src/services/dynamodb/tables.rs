//! Tables over the wire.

use super::operations;
use super::replication::{Replication, ReplicationError, shared};
use crate::clock::Clock;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned};
use crate::replication::regions::Regions;
use crate::seeding::Seeding;
use crate::services::store::{Store, StoreError};
use crate::services::wire::{self, Request, Response, ServiceError};
use dynoxide::{Database, DynoxideError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum OpenDynamoDbError {
    #[error("could not load what is known of the tables")]
    Load(#[source] StoreError),
    #[error("could not create the folder of the tables")]
    Folder(#[source] std::io::Error),
    #[error("could not go on with the replication of tables")]
    Replication(#[source] ReplicationError),
}

pub(crate) struct DynamoDb {
    account: String,
    pub(super) dir: PathBuf,
    pub(super) clock: Arc<Clock>,
    databases: Mutex<BTreeMap<String, Database>>,
    /// Region and table name, with a space between.
    pub(super) extras: Store<BTreeMap<String, Extras>>,
    pub(super) replication: Replication,
    pub(super) seeding: Arc<Seeding>,
}

/// What dynoxide leaves out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Extras {
    /// The stack and logical id that the table was made for; none for a table made over the wire.
    #[serde(default)]
    pub(super) owner: Option<String>,
    /// Of a global table, itself among them; empty for others.
    #[serde(default)]
    pub(super) replicas: Vec<String>,
    #[serde(default)]
    pub(super) point_in_time_recovery: bool,
    /// As long as DynamoDB keeps them at most, when nobody has said.
    #[serde(default)]
    pub(super) recovery_days: Option<u64>,
    /// The engine makes a table in several steps; one that it was killed over is not whole.
    #[serde(default)]
    pub(super) is_whole: bool,
}

/// dynoxide's ARNs have its own region and account.
const ENGINE_ARN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

impl DynamoDb {
    pub(crate) fn open(
        dir: &Path,
        account: &str,
        seeding: Arc<Seeding>,
        regions: Arc<Regions>,
        clock: Arc<Clock>,
    ) -> Result<Self, OpenDynamoDbError> {
        let dir = dir.join("dynamodb");
        fs_err::create_dir_all(&dir).map_err(OpenDynamoDbError::Folder)?;
        let extras = Store::open(dir.join("tables.json")).map_err(OpenDynamoDbError::Load)?;
        let replication = Replication::new(dir.join("replication"), regions);
        let account = account.to_owned();
        let tables = Self { account, dir, clock, databases: Mutex::default(), extras, replication, seeding };
        tables.resume_replication().map_err(OpenDynamoDbError::Replication)?;
        Ok(tables)
    }

    pub(crate) async fn handle(self: &Arc<Self>, region: &str, request: Request) -> Response {
        let Some(operation) = wire::operation(&request).map(str::to_owned) else {
            return wire::not_there("dynamodb", &request);
        };
        let (this, region) = (Arc::clone(self), region.to_owned());
        // The engine works synchronously, on a file.
        let answer = tokio::task::spawn_blocking(move || {
            let body = String::from_utf8_lossy(request.body());
            this.run(&region, &operation, &body)
        })
        .await;
        let (status, body) = answer.unwrap_or_else(|error| (500, error_body(&ServiceError::internal(&error))));
        wire::with_content_type(status, "application/x-amz-json-1.0", body)
    }

    pub(crate) async fn create(self: &Arc<Self>, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        let this = Arc::clone(self);
        let created = tokio::task::spawn_blocking(move || this.create_table(&request)).await;
        created.unwrap_or_else(|error| Err(refused(error.to_string())))
    }

    pub(crate) async fn delete(self: &Arc<Self>, request: DeleteRequest) -> Result<(), ProvisionError> {
        let this = Arc::clone(self);
        let deleted = tokio::task::spawn_blocking(move || this.delete_table(&request)).await;
        deleted.unwrap_or_else(|error| Err(refused(error.to_string())))
    }

    pub(super) fn database(&self, region: &str) -> Result<Database, DynoxideError> {
        let mut databases = self.databases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = databases.get(region) {
            return Ok(database.clone());
        }
        let path = self.dir.join(format!("{region}.sqlite"));
        let database = Database::new(&path.to_string_lossy())?;
        databases.insert(region.to_owned(), database.clone());
        Ok(database)
    }

    /// Status and body of the answer to one operation.
    fn run(&self, region: &str, operation: &str, body: &str) -> (u16, String) {
        let arn = format!("arn:aws:dynamodb:{region}:{}:", self.account);
        let body = body.replace(&arn, ENGINE_ARN);
        let own = self.backups(region, operation, &body).or_else(|| self.of_replicas(region, operation, &body));
        if let Some(answer) = own {
            return match answer {
                Ok(value) => (200, value.to_string().replace(ENGINE_ARN, &arn)),
                Err(error) => (error.status, error_body(&error)),
            };
        }
        match self.on_engine(region, operation, &body) {
            Ok(Some(Ok(answer))) => (200, self.complete(region, operation, answer).replace(ENGINE_ARN, &arn)),
            Ok(Some(Err(error))) | Err(error) => (error.status_code(), error.to_json().replace(ENGINE_ARN, &arn)),
            Ok(None) => (400, error_body(&ServiceError::unknown_operation("DynamoDB", operation))),
        }
    }

    /// One operation on a region's engine, beside its replication. None when the engine does not have it.
    fn on_engine(
        &self,
        region: &str,
        operation: &str,
        body: &str,
    ) -> Result<Option<Result<String, DynoxideError>>, DynoxideError> {
        let database = self.database(region)?;
        if !writes_items(operation) {
            return Ok(operations::run(&database, operation, body));
        }
        let internal = |error: ReplicationError| DynoxideError::InternalServerError(error.to_string());
        let journal = self.journal(region).map_err(internal)?;
        let journal = shared(&journal);
        let answer = operations::run(&database, operation, body);
        if journal.ledger().replicates() {
            self.replication.written(region);
        }
        Ok(answer)
    }

    pub(super) fn call(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        understood(self.run(region, operation, &input.to_string()))
    }

    /// As [`Self::call`], but without a thought for replicas.
    pub(super) fn engine_call(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let answer = match self.on_engine(region, operation, &input.to_string()) {
            Ok(Some(Ok(answer))) => (200, answer),
            Ok(Some(Err(error))) | Err(error) => (error.status_code(), error.to_json()),
            Ok(None) => (400, error_body(&ServiceError::unknown_operation("DynamoDB", operation))),
        };
        understood(answer)
    }

    /// Adds to an answer what the engine does not know.
    fn complete(&self, region: &str, operation: &str, answer: String) -> String {
        let part = match operation {
            "GetRecords" => return as_streams_say(region, answer),
            "DescribeTable" => "Table",
            "CreateTable" | "DeleteTable" | "UpdateTable" => "TableDescription",
            _ => return answer,
        };
        let Ok(mut value) = serde_json::from_str::<Value>(&answer) else { return answer };
        self.describe_replicas(region, &mut value[part]);
        if operation == "DeleteTable"
            && let Some(table) = value[part]["TableName"].as_str()
            && let Err(error) = self.left(region, table)
        {
            tracing::error!(
                region,
                table,
                error = &error as &dyn std::error::Error,
                "a deleted table is not forgotten"
            );
        }
        value.to_string()
    }
}

/// The engine names its own region, and who deleted what has expired as events for Lambda do; the API has other names.
fn as_streams_say(region: &str, answer: String) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(&answer) else { return answer };
    for record in value["Records"].as_array_mut().into_iter().flatten() {
        record["awsRegion"] = json!(region);
        let identity = &record["userIdentity"];
        if identity.is_object() {
            record["userIdentity"] = json!({ "PrincipalId": identity["principalId"], "Type": identity["type"] });
        } else if let Some(record) = record.as_object_mut() {
            record.remove("userIdentity");
        }
    }
    value.to_string()
}

/// Whether items may change; the others need not wait for replication.
fn writes_items(operation: &str) -> bool {
    !["Get", "Query", "Scan", "Describe", "List", "BatchGet", "TransactGet"]
        .iter()
        .any(|prefix| operation.starts_with(prefix))
}

fn understood((status, body): (u16, String)) -> Result<Value, ServiceError> {
    let value: Value = serde_json::from_str(&body).map_err(|error| ServiceError::internal(&error))?;
    if status == 200 {
        return Ok(value);
    }
    let code = value["__type"].as_str().and_then(|code| code.rsplit('#').next()).unwrap_or_default();
    let message = value["message"].as_str().or_else(|| value["Message"].as_str()).unwrap_or_default();
    Err(ServiceError { status, code: code.to_owned(), message: message.to_owned() })
}

pub(super) fn key(region: &str, table: &str) -> String {
    format!("{region} {table}")
}

fn error_body(error: &ServiceError) -> String {
    json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{}", error.code), "message": error.message })
        .to_string()
}

pub(super) fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
