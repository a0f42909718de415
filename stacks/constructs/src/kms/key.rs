//! Customer keys.

use crate::iam::{Condition, Permissions, Principal, Statement, policy_document};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::kms;

/// A symmetric key that turns every year, with an alias that people can read; or a replica of one in another region, which
/// turns with it.
#[derive(Debug, Clone)]
pub struct Key {
    arn: Value<String>,
}

#[derive(Debug)]
pub struct KeyProps {
    pub description: &'static str,
    /// Without the `alias/` in front, for example `como-prod-data`.
    pub alias: String,
    pub replication: Replication,
    /// Beyond the account's administrators: services that use the key by themselves.
    pub services: Vec<Statement>,
}

#[derive(Debug)]
pub struct ReplicaKeyProps<'a> {
    pub description: &'static str,
    /// Without the `alias/` in front; each region has its own aliases.
    pub alias: String,
    /// A key of another region with [`Replication::MultiRegion`].
    pub primary: &'a Key,
    /// As of a key: a replica has a policy of its own.
    pub services: Vec<Statement>,
}

/// Whether other regions may hold a replica of the key. It cannot be changed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    OneRegion,
    MultiRegion,
}

/// The service through which alone a grant may be used: a stolen credential decrypts nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    DynamoDb,
    Ecr,
    S3,
    SecretsManager,
    Sns,
    Sqs,
}

/// What a service does with a key that encrypts data at rest.
pub const ENCRYPT_DECRYPT: [&str; 7] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// The longest that KMS offers: time to notice that a key was deleted by mistake.
const PENDING_WINDOW_DAYS: i64 = 30;

impl Key {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: KeyProps) -> Self {
        let mut scope = scope.child(id);
        let handle = scope.add(
            "Resource",
            kms::Key {
                description: Some(props.description.into()),
                enable_key_rotation: Some(true.into()),
                key_policy: Some(key_policy(props.services)),
                multi_region: Some((props.replication == Replication::MultiRegion).into()),
                pending_window_in_days: Some(PENDING_WINDOW_DAYS.into()),
                ..kms::Key::new()
            },
        );
        scope.add("Alias", kms::Alias::new(format!("alias/{}", props.alias), handle.reference()));
        Self { arn: handle.get(kms::Key::ARN) }
    }

    /// The same key material in the stack's region: what the primary encrypted, this decrypts, with the primary's region gone.
    pub fn replica(scope: &mut Scope<'_>, id: &str, props: ReplicaKeyProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let handle = scope.add(
            "Resource",
            kms::ReplicaKey {
                description: Some(props.description.into()),
                pending_window_in_days: Some(PENDING_WINDOW_DAYS.into()),
                ..kms::ReplicaKey::new(key_policy(props.services), props.primary.arn())
            },
        );
        scope.add("Alias", kms::Alias::new(format!("alias/{}", props.alias), handle.reference()));
        Self { arn: handle.get(kms::ReplicaKey::ARN) }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.arn.clone()
    }

    pub fn grant_decrypt(&self, permissions: &mut Permissions, via: Via) {
        self.grant(permissions, via, &["kms:Decrypt", "kms:DescribeKey"]);
    }

    /// What a sender needs: SQS and SNS ask for a data key and open the one that they have cached.
    pub fn grant_send(&self, permissions: &mut Permissions, via: Via) {
        self.grant(permissions, via, &["kms:Decrypt", "kms:GenerateDataKey"]);
    }

    pub fn grant_encrypt_decrypt(&self, permissions: &mut Permissions, via: Via) {
        self.grant(permissions, via, &ENCRYPT_DECRYPT);
    }

    fn grant(&self, permissions: &mut Permissions, via: Via, actions: &[&'static str]) {
        let only = Condition {
            operator: "StringEquals",
            key: "kms:ViaService",
            values: vec![Value::substitute(via.service(), [])],
        };
        permissions.add(Statement { conditions: vec![only], ..Statement::allow(actions, [self.arn()]) });
    }
}

impl Via {
    const fn service(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb.${AWS::Region}.amazonaws.com",
            Self::Ecr => "ecr.${AWS::Region}.amazonaws.com",
            Self::S3 => "s3.${AWS::Region}.amazonaws.com",
            Self::SecretsManager => "secretsmanager.${AWS::Region}.amazonaws.com",
            Self::Sns => "sns.${AWS::Region}.amazonaws.com",
            Self::Sqs => "sqs.${AWS::Region}.amazonaws.com",
        }
    }
}

/// The account's administrators keep full control, which KMS asks for: a key without it can be locked for ever.
fn key_policy(services: Vec<Statement>) -> Value<serde_json::Value> {
    let administrators = Statement { principal: Some(Principal::Account), ..Statement::allow(["kms:*"], ["*".into()]) };
    let statements: Vec<Statement> = std::iter::once(administrators).chain(services).collect();
    policy_document(&statements)
}
