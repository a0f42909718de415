//! The replicas of a global table: which there are, and how they come and go over the wire.

use super::replication::ReplicationError;
use super::tables::{DynamoDb, Extras, key};
use crate::faults::Plane;
use crate::services::store::StoreError;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What all replicas of a table share; the rest is each replica's own.
const SHARED_UPDATES: [&str; 4] =
    ["AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexUpdates", "ProvisionedThroughput"];
/// What a replica takes over from the table that it copies.
const COPIED: [&str; 3] = ["TableName", "KeySchema", "AttributeDefinitions"];

impl From<ReplicationError> for ServiceError {
    fn from(error: ReplicationError) -> Self {
        Self::internal(&error)
    }
}

impl DynamoDb {
    /// The other regions of a global table.
    pub(super) fn other_replicas(&self, region: &str, table: &str) -> Vec<String> {
        let all = self.replicas(region, table);
        all.into_iter().filter(|other| other != region).collect()
    }

    /// Every region of a global table; none for others.
    pub(super) fn replicas(&self, region: &str, table: &str) -> Vec<String> {
        self.extras
            .read(|extras| extras.get(&key(region, table)).map(|extras| extras.replicas.clone()))
            .unwrap_or_default()
    }

    /// None when the operation is the engine's business alone.
    pub(super) fn of_replicas(&self, region: &str, operation: &str, body: &str) -> Option<Result<Value, ServiceError>> {
        let input: Value = serde_json::from_str(body).unwrap_or_default();
        let table = input["TableName"].as_str().unwrap_or_default();
        let is_about_replicas = input["ReplicaUpdates"].as_array().is_some_and(|updates| !updates.is_empty());
        let has_others = !self.other_replicas(region, table).is_empty();
        match operation {
            "UpdateTable" if is_about_replicas || has_others => Some(self.update_replicas(region, table, &input)),
            "UpdateTimeToLive" if has_others => Some(self.update_time_to_live(region, table, &input)),
            "CreateTable" if input.get("GlobalTableSourceArn").is_some() => Some(Err(ServiceError::new(
                "ValidationException",
                "the rehearsal cloud does not offer GlobalTableSourceArn; use UpdateTable with ReplicaUpdates",
            ))),
            _ => None,
        }
    }

    fn update_replicas(&self, region: &str, table: &str, input: &Value) -> Result<Value, ServiceError> {
        let refused = |message: String| Err(ServiceError::new("ValidationException", message));
        if input["MultiRegionConsistency"] == "STRONG" || input.get("GlobalTableWitnessUpdates").is_some() {
            return refused("the rehearsal cloud does not offer MultiRegionConsistency STRONG".to_owned());
        }
        let others = self.other_replicas(region, table);
        if input["StreamSpecification"]["StreamEnabled"] == false && !others.is_empty() {
            return refused("Streams must stay enabled for a table with replicas".to_owned());
        }
        let mut own = input.clone();
        if let Some(fields) = own.as_object_mut() {
            fields.remove("ReplicaUpdates");
            fields.remove("MultiRegionConsistency");
        }
        if own.as_object().is_some_and(|fields| 1 < fields.len()) {
            self.engine_call(region, "UpdateTable", &own)?;
            let shared: serde_json::Map<String, Value> = own
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, _)| SHARED_UPDATES.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            if !shared.is_empty() {
                let mut shared = Value::Object(shared);
                shared["TableName"] = json!(table);
                for other in others {
                    self.engine_call(&other, "UpdateTable", &shared)?;
                }
            }
        }
        let updates = input["ReplicaUpdates"].as_array().cloned().unwrap_or_default();
        match updates.as_slice() {
            [] => {}
            [update] => match (update["Create"]["RegionName"].as_str(), update["Delete"]["RegionName"].as_str()) {
                (Some(target), None) => self.add_replica(region, table, target)?,
                (None, Some(target)) => self.remove_replica(region, table, target)?,
                _ => return refused("the rehearsal cloud does not offer ReplicaUpdates with Update".to_owned()),
            },
            _ => return refused("Only one replica may be created or deleted in one UpdateTable".to_owned()),
        }
        let described = self.call(region, "DescribeTable", &json!({ "TableName": table }))?;
        Ok(json!({ "TableDescription": described["Table"] }))
    }

    fn update_time_to_live(&self, region: &str, table: &str, input: &Value) -> Result<Value, ServiceError> {
        let answer = self.engine_call(region, "UpdateTimeToLive", input)?;
        for other in self.other_replicas(region, table) {
            self.engine_call(&other, "UpdateTimeToLive", input)?;
        }
        Ok(answer)
    }

    /// Makes a copy of the table in another region and sends it everything. May be asked for again after a kill.
    pub(super) fn add_replica(&self, region: &str, table: &str, target: &str) -> Result<(), ServiceError> {
        let refused = |message: String| Err(ServiceError::new("ValidationException", message));
        let described = self.engine_call(region, "DescribeTable", &json!({ "TableName": table }))?;
        let described = &described["Table"];
        if described["StreamSpecification"]["StreamViewType"] != "NEW_AND_OLD_IMAGES" {
            return refused(
                "Table streams must be enabled with NEW_AND_OLD_IMAGES before a replica is created".to_owned(),
            );
        }
        if self.replication.regions.is_dead(target, Plane::Control) {
            return refused(format!("Replica region {target} is not available"));
        }
        let mut replicas = self.replicas(region, table);
        let is_known = replicas.iter().any(|known| known == target);
        if is_known && self.replicates(target, table) {
            return refused(format!("Failed to create a replica of the table: {target} has one already"));
        }
        if !is_known && self.engine_call(target, "DescribeTable", &json!({ "TableName": table })).is_ok() {
            return refused(format!(
                "Failed to create a the new replica of table with name: '{table}' because one or more replicas already \
                 existed as tables."
            ));
        }
        for name in [region, target] {
            if !replicas.iter().any(|known| known == name) {
                replicas.push(name.to_owned());
            }
        }
        self.set_replicas(table, &replicas)?;
        match self.engine_call(target, "CreateTable", &copy_of(described)) {
            Err(error) if error.code != "ResourceInUseException" => return Err(error),
            _ => {}
        }
        let ttl = self.engine_call(region, "DescribeTimeToLive", &json!({ "TableName": table }))?;
        if let Some(attribute) = ttl["TimeToLiveDescription"]["AttributeName"].as_str() {
            let specification = json!({ "AttributeName": attribute, "Enabled": true });
            let input = json!({ "TableName": table, "TimeToLiveSpecification": specification });
            // Enabled already, when this is asked for again.
            let _ = self.engine_call(target, "UpdateTimeToLive", &input);
        }
        self.start_replication(region, table, &[target.to_owned()])?;
        self.start_replication(target, table, &[])?;
        Ok(())
    }

    /// Deletes the table in one of its regions.
    pub(super) fn remove_replica(&self, region: &str, table: &str, target: &str) -> Result<(), ServiceError> {
        if target == region || !self.replicas(region, table).iter().any(|known| known == target) {
            let message = format!("Replica of table {table} in {target} does not exist or is the one that was asked");
            return Err(ServiceError::new("ValidationException", message));
        }
        match self.call(target, "DeleteTable", &json!({ "TableName": table })) {
            Err(error) if error.code != "ResourceNotFoundException" => Err(error),
            _ => self.left(target, table),
        }
    }

    /// A table was deleted in a region: its others go on without it.
    pub(super) fn left(&self, region: &str, table: &str) -> Result<(), ServiceError> {
        let replicas = self.replicas(region, table);
        let rest: Vec<String> = replicas.iter().filter(|name| *name != region).cloned().collect();
        // At once: what is in no list any more must not be known either.
        self.extras.change(|extras| {
            note_replicas(extras, table, &rest);
            extras.remove(&key(region, table));
            Ok::<_, StoreError>(())
        })?;
        if !replicas.is_empty() {
            self.end_replication(region, table)?;
        }
        Ok(())
    }

    /// Every replica knows all of them.
    fn set_replicas(&self, table: &str, replicas: &[String]) -> Result<(), StoreError> {
        self.extras.change(|extras| {
            note_replicas(extras, table, replicas);
            Ok(())
        })
    }

    /// Adds to a table's description what the engine does not know.
    pub(super) fn describe_replicas(&self, region: &str, description: &mut Value) {
        let Some(table) = description["TableName"].as_str().map(str::to_owned) else { return };
        let others = self.other_replicas(region, &table);
        if others.is_empty() {
            return;
        }
        let replica = |name: &String| {
            let is_there = self.replicates(name, &table) && !self.is_filling(name, &table);
            json!({ "RegionName": name, "ReplicaStatus": if is_there { "ACTIVE" } else { "CREATING" } })
        };
        description["GlobalTableVersion"] = json!("2019.11.21");
        description["Replicas"] = others.iter().map(replica).collect();
        description["MultiRegionConsistency"] = json!("EVENTUAL");
    }
}

fn copy_of(description: &Value) -> Value {
    let mut input = json!({ "StreamSpecification": description["StreamSpecification"] });
    for name in COPIED {
        input[name] = description[name].clone();
    }
    let mode = description["BillingModeSummary"]["BillingMode"].as_str().unwrap_or("PROVISIONED");
    input["BillingMode"] = json!(mode);
    let capacity = |throughput: &Value| {
        json!({
            "ReadCapacityUnits": throughput["ReadCapacityUnits"],
            "WriteCapacityUnits": throughput["WriteCapacityUnits"],
        })
    };
    if mode == "PROVISIONED" {
        input["ProvisionedThroughput"] = capacity(&description["ProvisionedThroughput"]);
    }
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let Some(indexes) = description[kind].as_array().filter(|indexes| !indexes.is_empty()) else { continue };
        let index = |index: &Value| {
            let mut copy = json!({
                "IndexName": index["IndexName"], "KeySchema": index["KeySchema"], "Projection": index["Projection"],
            });
            if mode == "PROVISIONED" && kind == "GlobalSecondaryIndexes" {
                copy["ProvisionedThroughput"] = capacity(&index["ProvisionedThroughput"]);
            }
            copy
        };
        input[kind] = indexes.iter().map(index).collect();
    }
    if description["SSEDescription"]["Status"] == "ENABLED" {
        input["SSESpecification"] = json!({ "Enabled": true, "SSEType": "KMS" });
    }
    if let Some(class) = description["TableClassSummary"]["TableClass"].as_str() {
        input["TableClass"] = json!(class);
    }
    input
}

fn note_replicas(extras: &mut BTreeMap<String, Extras>, table: &str, replicas: &[String]) {
    for region in replicas {
        extras.entry(key(region, table)).or_default().replicas = replicas.to_vec();
    }
}
