//! Point-in-time recovery, as far as it is a setting.

use super::tables::{DynamoDb, key};
use crate::services::store::StoreError;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// As many as DynamoDB keeps.
const LONGEST_DAYS: u64 = 35;

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
            let wanted = &input["PointInTimeRecoverySpecification"];
            let enabled = wanted["PointInTimeRecoveryEnabled"].as_bool().unwrap_or(false);
            let days = wanted["RecoveryPeriodInDays"].as_u64();
            if days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
                let message = "RecoveryPeriodInDays must be between 1 and 35";
                return Some(Err(ServiceError::new("ValidationException", message)));
            }
            let changed = self.extras.change(|extras| {
                let extras = extras.entry(key.clone()).or_default();
                extras.point_in_time_recovery = enabled;
                extras.recovery_days = days.or(extras.recovery_days);
                Ok::<_, StoreError>(())
            });
            if let Err(error) = changed {
                return Some(Err(error.into()));
            }
        }
        let extras = self.extras.read(|extras| extras.get(&key).cloned()).unwrap_or_default();
        let recovery = if extras.point_in_time_recovery {
            let days = extras.recovery_days.unwrap_or(LONGEST_DAYS);
            json!({ "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": days })
        } else {
            json!({ "PointInTimeRecoveryStatus": "DISABLED" })
        };
        let description = json!({ "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery });
        Some(Ok(json!({ "ContinuousBackupsDescription": description })))
    }
}
