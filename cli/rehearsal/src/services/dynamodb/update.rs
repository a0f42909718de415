//! Tables that CloudFormation changes in place.

use super::tables::{DynamoDb, refused};
use crate::provision::{ProvisionError, Provisioned, UpdateRequest};
use crate::services::property::{self, Properties};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

impl DynamoDb {
    pub(crate) async fn update(self: &Arc<Self>, request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let this = Arc::clone(self);
        let updated = tokio::task::spawn_blocking(move || this.update_table(&request)).await;
        updated.unwrap_or_else(|error| Err(refused(error.to_string())))
    }

    /// Compares with the table itself and not with what the template said before, so that a change which a killed
    /// supervisor made half is completed.
    fn update_table(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let (wanted, name) = (&request.wanted, request.physical_id.as_str());
        let properties = &wanted.properties;
        let is_global = wanted.resource_type == "AWS::DynamoDB::GlobalTable";
        let replicas: Vec<&Properties> = property::objects(properties, "Replicas").collect();
        let region = wanted.region.as_str();
        let table = self.table(region, name)?;
        self.update_billing(region, name, properties, &table)?;
        self.update_indexes(region, name, properties, &table)?;
        self.update_stream(region, name, properties, &table)?;
        self.update_expiry(region, name, properties)?;
        if is_global {
            self.update_replica_set(region, name, properties)?;
            for settings in replicas {
                let region = property::text(settings, "Region").unwrap_or(region);
                self.update_settings(region, name, settings)?;
            }
        } else {
            self.update_settings(region, name, properties)?;
        }
        let table = self.table(region, name)?;
        let attribute = |key: &str| table[key].as_str().unwrap_or_default().into();
        let attributes = BTreeMap::from([
            ("Arn".to_owned(), attribute("TableArn")),
            ("StreamArn".to_owned(), attribute("LatestStreamArn")),
            ("TableId".to_owned(), attribute("TableId")),
        ]);
        Ok(Provisioned { physical_id: name.to_owned(), attributes })
    }

    /// What each replica has for itself.
    fn update_settings(&self, region: &str, name: &str, settings: &Properties) -> Result<(), ProvisionError> {
        let protected = property::flag(settings, "DeletionProtectionEnabled").unwrap_or(false);
        let table = self.table(region, name)?;
        if table["DeletionProtectionEnabled"].as_bool().unwrap_or(false) != protected {
            self.change(region, "UpdateTable", &json!({ "TableName": name, "DeletionProtectionEnabled": protected }))?;
        }
        let recovery = property::object(settings, "PointInTimeRecoverySpecification");
        let enabled = recovery.and_then(|recovery| property::flag(recovery, "PointInTimeRecoveryEnabled"));
        let days = recovery.and_then(|recovery| property::number(recovery, "RecoveryPeriodInDays"));
        let mut recovery = json!({ "PointInTimeRecoveryEnabled": enabled.unwrap_or(false) });
        if let Some(days) = days {
            recovery["RecoveryPeriodInDays"] = json!(days);
        }
        let input = json!({ "TableName": name, "PointInTimeRecoverySpecification": recovery });
        self.change(region, "UpdateContinuousBackups", &input).map(drop)
    }

    /// Copies the table into new regions, and deletes it where it is no longer wanted.
    fn update_replica_set(&self, region: &str, name: &str, properties: &Properties) -> Result<(), ProvisionError> {
        let wanted: Vec<&str> =
            property::objects(properties, "Replicas").filter_map(|replica| property::text(replica, "Region")).collect();
        let failed = |error: ServiceError| refused(error.message);
        for target in wanted.iter().filter(|target| **target != region && !self.replicates(target, name)) {
            self.add_replica(region, name, target).map_err(failed)?;
        }
        for target in self.other_replicas(region, name) {
            if !wanted.contains(&target.as_str()) {
                self.remove_replica(region, name, &target).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn table(&self, region: &str, name: &str) -> Result<Value, ProvisionError> {
        let mut described = self.change(region, "DescribeTable", &json!({ "TableName": name }))?;
        Ok(described["Table"].take())
    }

    fn change(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ProvisionError> {
        self.call(region, operation, input).map_err(|error| refused(error.message))
    }

    fn update_billing(
        &self,
        region: &str,
        name: &str,
        properties: &Properties,
        table: &Value,
    ) -> Result<(), ProvisionError> {
        let on_demand = property::text(properties, "BillingMode") == Some("PAY_PER_REQUEST");
        let was_on_demand = table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST";
        let capacity = properties.get("ProvisionedThroughput");
        let mut input = json!({ "TableName": name });
        match (on_demand, was_on_demand) {
            (true, true) => return Ok(()),
            (true, false) => input["BillingMode"] = json!("PAY_PER_REQUEST"),
            (false, was_on_demand) => {
                let known = |key: &str| {
                    capacity.is_none_or(|capacity| {
                        capacity.get(key).and_then(property::as_number) == table["ProvisionedThroughput"][key].as_u64()
                    })
                };
                if !was_on_demand && known("ReadCapacityUnits") && known("WriteCapacityUnits") {
                    return Ok(());
                }
                let default = || json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 });
                input["BillingMode"] = json!("PROVISIONED");
                input["ProvisionedThroughput"] = capacity.cloned().unwrap_or_else(default);
            }
        }
        self.change(region, "UpdateTable", &input).map(drop)
    }

    /// One index at a time, as DynamoDB wants it.
    fn update_indexes(
        &self,
        region: &str,
        name: &str,
        properties: &Properties,
        table: &Value,
    ) -> Result<(), ProvisionError> {
        let known = table["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
        let known: Vec<&str> = known.iter().filter_map(|index| index["IndexName"].as_str()).collect();
        let wanted: Vec<&Properties> = property::objects(properties, "GlobalSecondaryIndexes").collect();
        for gone in
            known.iter().filter(|known| !wanted.iter().any(|one| property::text(one, "IndexName") == Some(**known)))
        {
            let change = json!([{ "Delete": { "IndexName": gone } }]);
            let input = json!({ "TableName": name, "GlobalSecondaryIndexUpdates": change });
            self.change(region, "UpdateTable", &input)?;
        }
        for index in
            wanted.iter().filter(|one| property::text(one, "IndexName").is_none_or(|name| !known.contains(&name)))
        {
            let mut create = json!({});
            for key in ["IndexName", "KeySchema", "Projection", "ProvisionedThroughput"] {
                if let Some(value) = index.get(key) {
                    create[key] = value.clone();
                }
            }
            let input = json!({
                "TableName": name,
                "AttributeDefinitions": properties.get("AttributeDefinitions"),
                "GlobalSecondaryIndexUpdates": [{ "Create": create }],
            });
            self.change(region, "UpdateTable", &input)?;
        }
        Ok(())
    }

    fn update_stream(
        &self,
        region: &str,
        name: &str,
        properties: &Properties,
        table: &Value,
    ) -> Result<(), ProvisionError> {
        let wanted = property::object(properties, "StreamSpecification")
            .and_then(|stream| property::text(stream, "StreamViewType"));
        let enabled = table["StreamSpecification"]["StreamEnabled"].as_bool().unwrap_or(false);
        let known = table["StreamSpecification"]["StreamViewType"].as_str().filter(|_| enabled);
        if wanted == known {
            return Ok(());
        }
        // Another view needs a stream of its own.
        if enabled {
            let input = json!({ "TableName": name, "StreamSpecification": { "StreamEnabled": false } });
            self.change(region, "UpdateTable", &input)?;
        }
        if let Some(view) = wanted {
            let stream = json!({ "StreamEnabled": true, "StreamViewType": view });
            self.change(region, "UpdateTable", &json!({ "TableName": name, "StreamSpecification": stream }))?;
        }
        Ok(())
    }

    fn update_expiry(&self, region: &str, name: &str, properties: &Properties) -> Result<(), ProvisionError> {
        let described = self.change(region, "DescribeTimeToLive", &json!({ "TableName": name }))?;
        let described = &described["TimeToLiveDescription"];
        let known = described["AttributeName"].as_str().filter(|_| described["TimeToLiveStatus"] == "ENABLED");
        let wanted = property::object(properties, "TimeToLiveSpecification")
            .filter(|expiry| property::flag(expiry, "Enabled").unwrap_or(true))
            .and_then(|expiry| property::text(expiry, "AttributeName"));
        if wanted == known {
            return Ok(());
        }
        // Another attribute can only be named once the old one is off.
        for (attribute, enabled) in [(known, false), (wanted, true)] {
            if let Some(attribute) = attribute {
                let expiry = json!({ "Enabled": enabled, "AttributeName": attribute });
                self.change(
                    region,
                    "UpdateTimeToLive",
                    &json!({ "TableName": name, "TimeToLiveSpecification": expiry }),
                )?;
            }
        }
        Ok(())
    }
}
