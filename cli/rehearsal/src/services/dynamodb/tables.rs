//! Tables: over the wire, from CloudFormation, and what dynoxide does not know of them.

use super::operations;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned};
use crate::seeding::Seeding;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{self, Properties};
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
}

pub(crate) struct DynamoDb {
    account: String,
    dir: PathBuf,
    databases: Mutex<BTreeMap<String, Database>>,
    /// Region and table name, with a space between.
    extras: Store<BTreeMap<String, Extras>>,
    seeding: Arc<Seeding>,
}

/// What dynoxide leaves out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Extras {
    /// The stack and logical id that the table was made for; none for a table made over the wire.
    #[serde(default)]
    owner: Option<String>,
    /// Of a global table; empty for others.
    replicas: Vec<String>,
    point_in_time_recovery: bool,
}

/// dynoxide's ARNs have its own region and account.
const ENGINE_ARN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

impl DynamoDb {
    pub(crate) fn open(dir: &Path, account: &str, seeding: Arc<Seeding>) -> Result<Self, OpenDynamoDbError> {
        let dir = dir.join("dynamodb");
        fs_err::create_dir_all(&dir).map_err(OpenDynamoDbError::Folder)?;
        let extras = Store::open(dir.join("tables.json")).map_err(OpenDynamoDbError::Load)?;
        Ok(Self { account: account.to_owned(), dir, databases: Mutex::default(), extras, seeding })
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

    fn database(&self, region: &str) -> Result<Database, DynoxideError> {
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
        if let Some(answer) = self.backups(region, operation, &body) {
            return match answer {
                Ok(value) => (200, value.to_string()),
                Err(error) => (error.status, error_body(&error)),
            };
        }
        let answer = self.database(region).map(|database| operations::run(&database, operation, &body));
        match answer {
            Ok(Some(Ok(answer))) => (200, self.complete(region, operation, answer.replace(ENGINE_ARN, &arn))),
            Ok(Some(Err(error))) | Err(error) => (error.status_code(), error.to_json().replace(ENGINE_ARN, &arn)),
            Ok(None) => (400, error_body(&ServiceError::unknown_operation("DynamoDB", operation))),
        }
    }

    pub(super) fn call(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let (status, body) = self.run(region, operation, &input.to_string());
        let value: Value = serde_json::from_str(&body).map_err(|error| ServiceError::internal(&error))?;
        if status == 200 {
            return Ok(value);
        }
        let code = value["__type"].as_str().and_then(|code| code.rsplit('#').next()).unwrap_or_default();
        let message = value["message"].as_str().or_else(|| value["Message"].as_str()).unwrap_or_default();
        Err(ServiceError { status, code: code.to_owned(), message: message.to_owned() })
    }

    /// Point-in-time recovery, as far as it is a setting.
    fn backups(&self, region: &str, operation: &str, body: &str) -> Option<Result<Value, ServiceError>> {
        let update = match operation {
            "DescribeContinuousBackups" => false,
            "UpdateContinuousBackups" => true,
            _ => return None,
        };
        let input: Value = serde_json::from_str(body).unwrap_or_default();
        let table = input["TableName"].as_str().unwrap_or_default();
        if let Err(error) = self.call(region, "DescribeTable", &json!({ "TableName": table })) {
            let code = if error.code == "ResourceNotFoundException" { "TableNotFoundException" } else { &error.code };
            return Some(Err(ServiceError::new(code, format!("Table not found: {table}"))));
        }
        let key = key(region, table);
        if update {
            let enabled = &input["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
            let enabled = enabled.as_bool().unwrap_or(false);
            let changed = self.extras.change(|extras| {
                extras.entry(key.clone()).or_default().point_in_time_recovery = enabled;
                Ok::<_, StoreError>(())
            });
            if let Err(error) = changed {
                return Some(Err(error.into()));
            }
        }
        let enabled = self.extras.read(|extras| extras.get(&key).is_some_and(|extras| extras.point_in_time_recovery));
        let recovery = if enabled {
            json!({ "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35 })
        } else {
            json!({ "PointInTimeRecoveryStatus": "DISABLED" })
        };
        let description = json!({ "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery });
        Some(Ok(json!({ "ContinuousBackupsDescription": description })))
    }

    fn complete(&self, region: &str, operation: &str, answer: String) -> String {
        if operation != "DescribeTable" {
            return answer;
        }
        let Ok(mut value) = serde_json::from_str::<Value>(&answer) else { return answer };
        let table = value["Table"]["TableName"].as_str().unwrap_or_default();
        let replicas = self.extras.read(|extras| extras.get(&key(region, table)).map(|extras| extras.replicas.clone()));
        let Some(replicas) = replicas.filter(|replicas| 1 < replicas.len()) else { return answer };
        let others = replicas.iter().filter(|replica| *replica != region);
        let others: Vec<Value> = others.map(|name| json!({ "RegionName": name, "ReplicaStatus": "ACTIVE" })).collect();
        value["Table"]["GlobalTableVersion"] = json!("2019.11.21");
        value["Table"]["Replicas"] = Value::Array(others);
        value.to_string()
    }

    fn create_table(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let properties = &request.properties;
        let name = property::text(properties, "TableName").map_or_else(|| generated_name(request), str::to_owned);
        let is_global = request.resource_type == "AWS::DynamoDB::GlobalTable";
        let mut replicas: Vec<(String, &Properties)> = Vec::new();
        for replica in property::objects(properties, "Replicas") {
            replicas.push((property::text(replica, "Region").unwrap_or_default().to_owned(), replica));
        }
        if is_global && !replicas.iter().any(|(region, _)| *region == request.region) {
            let region = &request.region;
            let message = format!("Replicas must contain the region of the stack, {region}");
            return Err(refused(message));
        }
        if 1 < replicas.len() {
            return Err(refused("the rehearsal cloud does not replicate tables between regions yet".to_owned()));
        }
        if !is_global {
            replicas.push((request.region.clone(), properties));
        }
        let regions: Vec<String> = replicas.iter().map(|(region, _)| region.clone()).collect();
        for (region, settings) in &replicas {
            let recovery = property::object(settings, "PointInTimeRecoverySpecification");
            let recovery = recovery.and_then(|recovery| property::flag(recovery, "PointInTimeRecoveryEnabled"));
            let extras = Extras {
                owner: Some(owner(request)),
                replicas: regions.clone(),
                point_in_time_recovery: recovery.unwrap_or(false),
            };
            self.create_replica(region, &name, properties, settings, extras)?;
        }
        let described = self.call(&request.region, "DescribeTable", &json!({ "TableName": name }));
        let table = described.map_err(|error| refused(error.message))?;
        let attribute = |key: &str| table["Table"][key].as_str().unwrap_or_default().into();
        let attributes = BTreeMap::from([
            ("Arn".to_owned(), attribute("TableArn")),
            ("StreamArn".to_owned(), attribute("LatestStreamArn")),
            ("TableId".to_owned(), attribute("TableId")),
        ]);
        self.seed(&request.region, &name)?;
        Ok(Provisioned { physical_id: name, attributes })
    }

    fn create_replica(
        &self,
        region: &str,
        name: &str,
        properties: &Properties,
        settings: &Properties,
        extras: Extras,
    ) -> Result<(), ProvisionError> {
        // Whose it is comes first, so that a table found half-made is known for what it is.
        let known_owner = self.extras.change(|all| {
            let known = all.get(&key(region, name)).map(|known| known.owner.clone());
            all.entry(key(region, name)).or_insert_with(|| extras.clone());
            Ok::<_, ProvisionError>(known)
        })?;
        let exists = || ProvisionError::AlreadyExists { identifier: name.to_owned() };
        if known_owner.as_ref().is_some_and(|owner| *owner != extras.owner) {
            return Err(exists());
        }
        match self.call(region, "CreateTable", &create_table_input(name, properties, settings)) {
            Err(error) if error.code != "ResourceInUseException" => {
                self.forget(region, name)?;
                return Err(refused(error.message));
            }
            // Made over the wire, by nobody's template.
            Err(_) if known_owner.is_none() => {
                self.forget(region, name)?;
                return Err(exists());
            }
            _ => {}
        }
        let described = self.call(region, "DescribeTimeToLive", &json!({ "TableName": name }));
        let is_set = described.is_ok_and(|answer| answer["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED");
        if let Some(specification) = properties.get("TimeToLiveSpecification")
            && !is_set
        {
            let input = json!({ "TableName": name, "TimeToLiveSpecification": specification });
            self.call(region, "UpdateTimeToLive", &input).map_err(|error| refused(error.message))?;
        }
        Ok(())
    }

    fn forget(&self, region: &str, name: &str) -> Result<(), ProvisionError> {
        self.extras.change(|all| {
            all.remove(&key(region, name));
            Ok(())
        })
    }

    fn seed(&self, region: &str, table: &str) -> Result<(), ProvisionError> {
        let rows = self.seeding.rows(region, table).map_err(|error| refused(error.to_string()))?;
        for row in rows {
            let input = json!({ "TableName": table, "Item": row });
            self.call(region, "PutItem", &input).map_err(|error| refused(error.message))?;
        }
        Ok(())
    }

    fn delete_table(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let name = &request.physical_id;
        let known = self.extras.read(|extras| extras.get(&key(&request.region, name)).cloned()).unwrap_or_default();
        let mut regions = known.replicas;
        if regions.is_empty() {
            regions.push(request.region.clone());
        }
        for region in regions {
            if request.despite_protection {
                let input = json!({ "TableName": name, "DeletionProtectionEnabled": false });
                // Without protection, or without the table, there is nothing to lift.
                let _ = self.call(&region, "UpdateTable", &input);
            }
            match self.call(&region, "DeleteTable", &json!({ "TableName": name })) {
                Err(error) if error.code != "ResourceNotFoundException" => return Err(refused(error.message)),
                _ => self.forget(&region, name)?,
            }
        }
        Ok(())
    }
}

fn create_table_input(name: &str, properties: &Properties, settings: &Properties) -> Value {
    let mut input = json!({ "TableName": name });
    for key in
        ["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "SSESpecification"]
    {
        if let Some(value) = properties.get(key) {
            input[key] = value.clone();
        }
    }
    let on_demand = property::text(properties, "BillingMode") == Some("PAY_PER_REQUEST");
    input["BillingMode"] = json!(if on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" });
    if !on_demand {
        let given = properties.get("ProvisionedThroughput").cloned();
        // A global table's capacity scales by itself; the engine wants a number and does not enforce it.
        input["ProvisionedThroughput"] =
            given.unwrap_or_else(|| json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 }));
    }
    if let Some(encryption) = property::object(properties, "SSESpecification") {
        let enabled = property::flag(encryption, "SSEEnabled").unwrap_or(true);
        input["SSESpecification"] =
            if enabled { json!({ "Enabled": true, "SSEType": "KMS" }) } else { json!({ "Enabled": false }) };
    }
    if let Some(stream) = property::object(properties, "StreamSpecification") {
        input["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": stream.get("StreamViewType") });
    }
    for key in ["DeletionProtectionEnabled", "TableClass", "Tags"] {
        if let Some(value) = settings.get(key) {
            input[key] = value.clone();
        }
    }
    input
}

fn key(region: &str, table: &str) -> String {
    format!("{region} {table}")
}

fn error_body(error: &ServiceError) -> String {
    json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{}", error.code), "message": error.message })
        .to_string()
}

pub(super) fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
