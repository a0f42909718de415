//! Customer keys.

use crate::iam::{Condition, Permissions, Principal, Statement, policy_document};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::kms;

/// A symmetric key that turns every year, with an alias that people can read.
#[derive(Debug, Clone)]
pub struct Key {
    handle: Handle<kms::Key>,
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
    SecretsManager,
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

impl Key {
    /// The account's administrators keep full control, which KMS asks for: a key without it can be locked for ever.
    pub fn new(scope: &mut Scope<'_>, id: &str, props: KeyProps) -> Self {
        let mut scope = scope.child(id);
        let administrators =
            Statement { principal: Some(Principal::Account), ..Statement::allow(["kms:*"], ["*".into()]) };
        let statements: Vec<Statement> = std::iter::once(administrators).chain(props.services).collect();
        let handle = scope.add(
            "Resource",
            kms::Key {
                description: Some(props.description.into()),
                enable_key_rotation: Some(true.into()),
                key_policy: Some(policy_document(&statements)),
                multi_region: Some((props.replication == Replication::MultiRegion).into()),
                // The longest that KMS offers: time to notice that a key was deleted by mistake.
                pending_window_in_days: Some(30.into()),
                ..kms::Key::new()
            },
        );
        scope.add("Alias", kms::Alias::new(format!("alias/{}", props.alias), handle.reference()));
        Self { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(kms::Key::ARN)
    }

    pub fn grant_decrypt(&self, permissions: &mut Permissions, via: Via) {
        self.grant(permissions, via, &["kms:Decrypt", "kms:DescribeKey"]);
    }

    pub fn grant_encrypt_decrypt(&self, permissions: &mut Permissions, via: Via) {
        self.grant(permissions, via, &ENCRYPT_DECRYPT);
    }

    fn grant(&self, permissions: &mut Permissions, via: Via, actions: &[&'static str]) {
        let service = match via {
            Via::DynamoDb => "dynamodb.${AWS::Region}.amazonaws.com",
            Via::SecretsManager => "secretsmanager.${AWS::Region}.amazonaws.com",
        };
        let only =
            Condition { operator: "StringEquals", key: "kms:ViaService", values: vec![Value::substitute(service, [])] };
        permissions.add(Statement { conditions: vec![only], ..Statement::allow(actions, [self.arn()]) });
    }
}
