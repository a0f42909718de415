//! Tables of settings in DynamoDB.

use crate::connect::AwsCloud;
use crate::failure::Call;
use async_trait::async_trait;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use como_engine::error::CloudError;
use como_engine::port::{ConfigurationTable, Put};
use como_engine::rows::{Attribute, Row};

#[async_trait]
impl ConfigurationTable for AwsCloud {
    async fn contains(&self, region: &str, table: &str, row: &Row) -> Result<bool, CloudError> {
        let call = Call { operation: "GetItem", region };
        let reply = self
            .clients(region)
            .dynamodb
            .get_item()
            .table_name(table)
            .key(&row.key_name, AttributeValue::S(row.key.clone()))
            .consistent_read(true)
            .send()
            .await;
        Ok(reply.map_err(|error| call.failed(error))?.item.is_some())
    }

    async fn put_if_absent(&self, region: &str, table: &str, row: &Row) -> Result<Put, CloudError> {
        let call = Call { operation: "PutItem", region };
        let mut request = self
            .clients(region)
            .dynamodb
            .put_item()
            .table_name(table)
            .item(&row.key_name, AttributeValue::S(row.key.clone()))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", &row.key_name);
        for (name, value) in &row.attributes {
            request = request.item(name, attribute(value));
        }
        match request.send().await {
            Ok(_) => Ok(Put::Written),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(Put::Present)
            }
            Err(error) => Err(call.failed(error)),
        }
    }
}

fn attribute(value: &Attribute) -> AttributeValue {
    match value {
        Attribute::Text(text) => AttributeValue::S(text.clone()),
        Attribute::Number(number) => AttributeValue::N(number.to_string()),
    }
}
