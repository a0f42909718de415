//! Tables that can have replicas in other regions.

use crate::iam::{Condition, Permissions, Statement};
use crate::kms::{Key, Via};
use como_core::resource::Options;
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::{Pseudo, Value};
use como_resources::dynamodb::{GlobalTable, global_table};

/// A table, on demand, encrypted, with point-in-time recovery and protected against deletion, in every region that has it.
///
/// Always a global table, even with its one replica: a plain `Table` cannot become one later.
#[derive(Debug, Clone)]
pub struct Table {
    name: Value<String>,
    arn: Value<String>,
    key: Option<Key>,
    indexes: Vec<&'static str>,
}

#[derive(Debug)]
pub struct TableProps<'a> {
    pub name: String,
    /// A string.
    pub partition_key: &'static str,
    /// A string.
    pub sort_key: Option<&'static str>,
    /// A number, seconds since 1970, after which DynamoDB deletes an item in its own time.
    pub time_to_live: Option<&'static str>,
    pub indexes: &'a [Index],
    pub encryption: Encryption<'a>,
    /// In other regions than the stack's.
    pub replicas: &'a [Replica<'a>],
}

/// Items by other attributes; an item that lacks one of them is not in it.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    pub name: &'static str,
    /// A string.
    pub partition_key: &'static str,
    /// A string.
    pub sort_key: &'static str,
}

/// With whose key the items are encrypted.
#[derive(Debug, Clone, Copy)]
pub enum Encryption<'a> {
    /// A customer key of the stack's region.
    Key(&'a Key),
    /// DynamoDB's own key in the account: nothing to pay by the month, and nothing that anybody could switch off.
    DynamoDb,
}

/// A whole copy in another region, written there as well as here; the last writer of an item wins.
#[derive(Debug, Clone, Copy)]
pub struct Replica<'a> {
    pub region: &'a str,
    /// A customer key of that region.
    pub key: &'a Key,
}

impl Table {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: &TableProps<'_>) -> Self {
        let own_key = match props.encryption {
            Encryption::Key(key) => Some(key),
            Encryption::DynamoDb => None,
        };
        let own = replica(Value::pseudo(Pseudo::Region), own_key, props);
        let others = props.replicas.iter().map(|other| replica(other.region.into(), Some(other.key), props));
        let replicated = !props.replicas.is_empty();
        let suppressions = match props.encryption {
            Encryption::Key(_) => Vec::new(),
            Encryption::DynamoDb => vec![Suppression::new(
                ["CKV_AWS_119"],
                "It holds no secret, and has to answer when a key of ours does not; DynamoDB's own key encrypts it",
            )],
        };
        let handle = scope.add_with(
            id,
            &GlobalTable {
                table_name: Some(props.name.as_str().into()),
                billing_mode: Some(global_table::BillingMode::PayPerRequest.into()),
                attribute_definitions: Some(attributes(props)),
                key_schema: Some(key_schema(props.partition_key, props.sort_key)),
                global_secondary_indexes: (!props.indexes.is_empty())
                    .then(|| props.indexes.iter().map(Index::definition).collect()),
                time_to_live_specification: props.time_to_live.map(|attribute| global_table::TimeToLiveSpecification {
                    attribute_name: Some(attribute.into()),
                    ..global_table::TimeToLiveSpecification::new(true)
                }),
                sse_specification: Some(global_table::SseSpecification {
                    sse_type: Some(global_table::SseType::Kms.into()),
                    ..global_table::SseSpecification::new(true)
                }),
                // What DynamoDB replicates by; a table with more than one replica must have it.
                stream_specification: replicated
                    .then(|| global_table::StreamSpecification::new(global_table::StreamViewType::NewAndOldImages)),
                ..GlobalTable::new(std::iter::once(own).chain(others).collect())
            },
            Options { suppressions, ..Options::default() },
        );
        Self {
            name: handle.reference(),
            arn: handle.get(GlobalTable::ARN),
            key: own_key.cloned(),
            indexes: props.indexes.iter().map(|index| index.name).collect(),
        }
    }

    /// The replica in the stack's own region of a table that a stack of another region makes. Nothing is added: that stack
    /// says which replicas there are.
    #[must_use]
    pub fn replica(name: &str, key: &Key, indexes: &[Index]) -> Self {
        let arn = format!("arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{name}");
        Self {
            name: name.into(),
            arn: Value::substitute(&arn, []),
            key: Some(key.clone()),
            indexes: indexes.iter().map(|index| index.name).collect(),
        }
    }

    /// The table of that name in some region, encrypted with DynamoDB's own key. Nothing is added.
    #[must_use]
    pub fn named_in(region: &str, name: &str) -> Self {
        let arn = format!("arn:${{AWS::Partition}}:dynamodb:{region}:${{AWS::AccountId}}:table/{name}");
        Self { name: name.into(), arn: Value::substitute(&arn, []), key: None, indexes: Vec::new() }
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.arn.clone()
    }

    pub fn grant_read(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(READ, self.with_indexes()));
        if let Some(key) = &self.key {
            key.grant_decrypt(permissions, Via::DynamoDb);
        }
    }

    pub fn grant_read_write(&self, permissions: &mut Permissions) {
        self.grant_writing(permissions, &[&READ[..], &WRITE[..]].concat());
    }

    /// Everything but deleting: what was written stays.
    pub fn grant_append(&self, permissions: &mut Permissions) {
        self.grant_writing(permissions, &[&READ[..], &APPEND[..]].concat());
    }

    /// Reads and replaces the one item whose partition key is `key`, in a table without a sort key.
    pub fn grant_row(&self, permissions: &mut Permissions, key: &'static str) {
        let only =
            Condition { operator: "ForAllValues:StringEquals", key: "dynamodb:LeadingKeys", values: vec![key.into()] };
        let row = Statement::allow(["dynamodb:GetItem", "dynamodb:PutItem"], [self.arn()]);
        permissions.add(Statement { conditions: vec![only], ..row });
        if let Some(key) = &self.key {
            key.grant_encrypt_decrypt(permissions, Via::DynamoDb);
        }
    }

    /// All items of the sparse indexes, whatever their partition.
    pub fn grant_scan_indexes(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["dynamodb:Scan"], self.index_arns().collect::<Vec<_>>()));
    }

    fn grant_writing(&self, permissions: &mut Permissions, actions: &[&'static str]) {
        permissions.add(Statement::allow(actions, self.with_indexes()));
        if let Some(key) = &self.key {
            key.grant_encrypt_decrypt(permissions, Via::DynamoDb);
        }
    }

    fn with_indexes(&self) -> Vec<Value<String>> {
        std::iter::once(self.arn()).chain(self.index_arns()).collect()
    }

    fn index_arns(&self) -> impl Iterator<Item = Value<String>> {
        self.indexes.iter().map(|index| Value::join("/", [self.arn(), "index".into(), (*index).into()]))
    }
}

impl Index {
    fn definition(&self) -> global_table::GlobalSecondaryIndex {
        let everything = global_table::Projection {
            projection_type: Some(global_table::ProjectionType::All.into()),
            ..global_table::Projection::new()
        };
        global_table::GlobalSecondaryIndex::new(
            self.name,
            key_schema(self.partition_key, Some(self.sort_key)),
            everything,
        )
    }
}

fn replica(region: Value<String>, key: Option<&Key>, props: &TableProps<'_>) -> global_table::ReplicaSpecification {
    global_table::ReplicaSpecification {
        deletion_protection_enabled: Some(true.into()),
        // Nobody takes a region out of a global table by an update that was meant for something else.
        disassociation_protection_enabled: (!props.replicas.is_empty()).then_some(true.into()),
        point_in_time_recovery_specification: Some(global_table::PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: Some(true.into()),
            ..global_table::PointInTimeRecoverySpecification::new()
        }),
        sse_specification: key.map(|key| global_table::ReplicaSseSpecification::new(key.arn())),
        ..global_table::ReplicaSpecification::new(region)
    }
}

/// Every attribute of a key, of the table's or of an index's; DynamoDB takes no others here, and each once.
fn attributes(props: &TableProps<'_>) -> Vec<global_table::AttributeDefinition> {
    let own = [Some(props.partition_key), props.sort_key].into_iter().flatten();
    let indexed = props.indexes.iter().flat_map(|index| [index.partition_key, index.sort_key]);
    let mut names: Vec<&'static str> = Vec::new();
    for name in own.chain(indexed) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let definition = |name| global_table::AttributeDefinition::new(name, global_table::AttributeType::S);
    names.into_iter().map(definition).collect()
}

fn key_schema(partition_key: &str, sort_key: Option<&str>) -> Vec<global_table::KeySchemaItem> {
    let partition = global_table::KeySchemaItem::new(partition_key, global_table::KeyType::Hash);
    let sort = sort_key.map(|name| global_table::KeySchemaItem::new(name, global_table::KeyType::Range));
    std::iter::once(partition).chain(sort).collect()
}

const READ: [&str; 3] = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];
const APPEND: [&str; 2] = ["dynamodb:PutItem", "dynamodb:UpdateItem"];
const WRITE: [&str; 3] = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
