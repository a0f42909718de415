//! Tables that CloudFormation makes, in every region that they name.

use super::tables::{DynamoDb, Extras, key, refused};
use crate::faults::Plane;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned};
use crate::services::adoption::Claim;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{self, Properties};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl DynamoDb {
    pub(super) fn create_table(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
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
        if let Some(reason) = self.refusal(properties, &replicas) {
            return Err(refused(reason));
        }
        if !is_global {
            replicas.push((request.region.clone(), properties));
        }
        let regions: Vec<String> = replicas.iter().map(|(region, _)| region.clone()).collect();
        for (region, settings) in &replicas {
            let recovery = property::object(settings, "PointInTimeRecoverySpecification");
            let enabled = recovery.and_then(|recovery| property::flag(recovery, "PointInTimeRecoveryEnabled"));
            let extras = Extras {
                owner: Some(owner(request)),
                replicas: regions.clone(),
                point_in_time_recovery: enabled.unwrap_or(false),
                recovery_days: recovery.and_then(|recovery| property::number(recovery, "RecoveryPeriodInDays")),
                is_whole: false,
            };
            self.create_replica(region, &name, properties, settings, extras)?;
        }
        if 1 < regions.len() {
            for region in &regions {
                let started = self.start_replication(region, &name, &[]);
                started.map_err(|error| refused(error.to_string()))?;
            }
        }
        let provisioned = self.described(&request.region, &name)?;
        self.seed(&request.region, &name)?;
        Ok(provisioned)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        let Some(name) = property::text(&request.properties, "TableName") else { return Ok(None) };
        match self.call(&request.region, "DescribeTable", &json!({ "TableName": name })) {
            Err(error) if error.code == "ResourceNotFoundException" => return Ok(None),
            found => found.map_err(|error| refused(error.message))?,
        };
        if claim == Claim::Take {
            let replicas = property::objects(&request.properties, "Replicas");
            let regions = replicas.filter_map(|replica| property::text(replica, "Region"));
            let regions: Vec<&str> = regions.chain([request.region.as_str()]).collect();
            self.extras.change(|all| {
                for region in regions {
                    let known = all.entry(key(region, name)).or_default();
                    (known.owner, known.is_whole) = (Some(owner(request)), true);
                }
                Ok::<_, ProvisionError>(())
            })?;
        }
        self.described(&request.region, name).map(Some)
    }

    fn described(&self, region: &str, name: &str) -> Result<Provisioned, ProvisionError> {
        let described = self.call(region, "DescribeTable", &json!({ "TableName": name }));
        let table = described.map_err(|error| refused(error.message))?;
        let attribute = |key: &str| table["Table"][key].as_str().unwrap_or_default().into();
        let attributes = BTreeMap::from([
            ("Arn".to_owned(), attribute("TableArn")),
            ("StreamArn".to_owned(), attribute("LatestStreamArn")),
            ("TableId".to_owned(), attribute("TableId")),
        ]);
        Ok(Provisioned { physical_id: name.to_owned(), attributes })
    }

    /// Why a global table cannot be as it is declared.
    fn refusal(&self, properties: &Properties, replicas: &[(String, &Properties)]) -> Option<String> {
        let stream = property::object(properties, "StreamSpecification");
        let view = stream.and_then(|stream| property::text(stream, "StreamViewType"));
        if 1 < replicas.len() && view != Some("NEW_AND_OLD_IMAGES") {
            return Some("A table with more than one replica needs a stream of NEW_AND_OLD_IMAGES".to_owned());
        }
        if property::text(properties, "MultiRegionConsistency") == Some("STRONG") {
            return Some("the rehearsal cloud does not offer MultiRegionConsistency STRONG".to_owned());
        }
        let regions = &self.replication.regions;
        let gone = replicas.iter().find(|(region, _)| regions.is_dead(region, Plane::Control));
        gone.map(|(region, _)| format!("Replica region {region} is not available"))
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
        let known = self.extras.change(|all| {
            let known = all.get(&key(region, name)).cloned();
            all.entry(key(region, name)).or_insert_with(|| extras.clone());
            Ok::<_, ProvisionError>(known)
        })?;
        let exists = || ProvisionError::AlreadyExists { identifier: name.to_owned() };
        if known.as_ref().is_some_and(|known| known.owner != extras.owner) {
            return Err(exists());
        }
        if known.as_ref().is_some_and(|known| !known.is_whole) {
            // Nobody has been told of it yet, so nothing is in it. Without the table there is no protection to lift.
            let lifted = json!({ "TableName": name, "DeletionProtectionEnabled": false });
            let _ = self.engine_call(region, "UpdateTable", &lifted);
            match self.engine_call(region, "DeleteTable", &json!({ "TableName": name })) {
                Err(error) if error.code != "ResourceNotFoundException" => return Err(refused(error.message)),
                _ => {}
            }
        }
        match self.call(region, "CreateTable", &create_table_input(name, properties, settings)) {
            Err(error) if error.code != "ResourceInUseException" => {
                self.forget(region, name)?;
                return Err(refused(error.message));
            }
            // Made over the wire, by nobody's template.
            Err(_) if known.is_none() => {
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
            self.engine_call(region, "UpdateTimeToLive", &input).map_err(|error| refused(error.message))?;
        }
        self.extras.change(|all| {
            all.entry(key(region, name)).or_default().is_whole = true;
            Ok(())
        })
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

    pub(super) fn delete_table(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let name = &request.physical_id;
        let known = self.extras.read(|extras| extras.get(&key(&request.region, name)).cloned()).unwrap_or_default();
        let mut regions = known.replicas;
        // The home region tells where the others are, so it goes last: a deletion that was cut off can be asked for again.
        regions.retain(|region| *region != request.region);
        regions.push(request.region.clone());
        for region in regions {
            if request.despite_protection {
                let input = json!({ "TableName": name, "DeletionProtectionEnabled": false });
                // Without protection, or without the table, there is nothing to lift.
                let _ = self.call(&region, "UpdateTable", &input);
            }
            match self.call(&region, "DeleteTable", &json!({ "TableName": name })) {
                Err(error) if error.code != "ResourceNotFoundException" => return Err(refused(error.message)),
                _ => self.left(&region, name).map_err(|error| refused(error.message))?,
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
