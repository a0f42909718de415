//! Point-in-time recovery, as far as it is a setting.

use super::tables::{DynamoDb, key};
use crate::services::store::StoreError;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

impl DynamoDb {
    /// None for other operations.
    pub(super) fn backups(&self, region: &str, operation: &str, body: &str) -> Option<Result<Value, ServiceError>> {
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
}
