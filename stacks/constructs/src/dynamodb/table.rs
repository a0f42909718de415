//! Tables that can gain a replica in another region.

use crate::iam::{Permissions, Statement};
use crate::kms::{Key, Via};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::{Pseudo, Value};
use como_resources::dynamodb::{GlobalTable, global_table};

/// A table, on demand, encrypted with a customer key, with point-in-time recovery and protected against deletion.
///
/// Always a global table, even with its one replica: a plain `Table` cannot become one later.
#[derive(Debug, Clone)]
pub struct Table {
    handle: Handle<GlobalTable>,
    key: Key,
}

#[derive(Debug)]
pub struct TableProps<'a> {
    pub name: String,
    /// A string.
    pub partition_key: &'a str,
    /// A number, seconds since 1970, after which DynamoDB deletes an item in its own time.
    pub time_to_live: Option<&'a str>,
    pub key: &'a Key,
}

impl Table {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: &TableProps<'_>) -> Self {
        let replica = global_table::ReplicaSpecification {
            deletion_protection_enabled: Some(true.into()),
            point_in_time_recovery_specification: Some(global_table::PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled: Some(true.into()),
                ..global_table::PointInTimeRecoverySpecification::new()
            }),
            sse_specification: Some(global_table::ReplicaSseSpecification::new(props.key.arn())),
            ..global_table::ReplicaSpecification::new(Value::pseudo(Pseudo::Region))
        };
        let handle = scope.add(
            id,
            GlobalTable {
                table_name: Some(props.name.as_str().into()),
                billing_mode: Some(global_table::BillingMode::PayPerRequest.into()),
                attribute_definitions: Some(vec![global_table::AttributeDefinition::new(
                    props.partition_key,
                    global_table::AttributeType::S,
                )]),
                key_schema: Some(vec![global_table::KeySchemaItem::new(
                    props.partition_key,
                    global_table::KeyType::Hash,
                )]),
                time_to_live_specification: props.time_to_live.map(|attribute| global_table::TimeToLiveSpecification {
                    attribute_name: Some(attribute.into()),
                    ..global_table::TimeToLiveSpecification::new(true)
                }),
                sse_specification: Some(global_table::SseSpecification {
                    sse_type: Some(global_table::SseType::Kms.into()),
                    ..global_table::SseSpecification::new(true)
                }),
                ..GlobalTable::new(vec![replica])
            },
        );
        Self { handle, key: props.key.clone() }
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(GlobalTable::ARN)
    }

    pub fn grant_read(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(READ, [self.arn()]));
        self.key.grant_decrypt(permissions, Via::DynamoDb);
    }

    pub fn grant_read_write(&self, permissions: &mut Permissions) {
        let actions = [&READ[..], &WRITE[..]].concat();
        permissions.add(Statement::allow(actions, [self.arn()]));
        self.key.grant_encrypt_decrypt(permissions, Via::DynamoDb);
    }
}

const READ: [&str; 3] = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];
const WRITE: [&str; 3] = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
