//! Secrets, whose values no template ever holds.

use crate::iam::{Permissions, Statement};
use crate::kms::{Key, Via};
use como_core::resource::Options;
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::secretsmanager;

/// A secret, encrypted with a customer key in every region that has it.
#[derive(Debug, Clone)]
pub struct Secret {
    arn: Value<String>,
    key: Key,
}

#[derive(Debug)]
pub struct SecretProps<'a> {
    pub name: String,
    pub description: &'a str,
    pub content: Content,
    pub key: &'a Key,
    /// Copies in other regions, which follow every change and can be read without this region.
    pub replicas: &'a [SecretReplica<'a>],
}

#[derive(Debug, Clone, Copy)]
pub struct SecretReplica<'a> {
    pub region: &'a str,
    /// A customer key of that region.
    pub key: &'a Key,
}

/// Where the value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Secrets Manager makes 64 random letters and digits, over 380 bits, at creation.
    Generated,
    /// A person puts it in. Until then the secret has no value, and ECS refuses to start a task that asks for it.
    ByHand,
}

impl Secret {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: SecretProps<'_>) -> Self {
        let generated = secretsmanager::secret::GenerateSecretString {
            password_length: Some(64.into()),
            exclude_punctuation: Some(true.into()),
            ..secretsmanager::secret::GenerateSecretString::new()
        };
        let replicas = props.replicas.iter().map(|replica| secretsmanager::secret::ReplicaRegion {
            kms_key_id: Some(replica.key.arn()),
            ..secretsmanager::secret::ReplicaRegion::new(replica.region)
        });
        let unrotated = match props.content {
            Content::Generated => {
                "a new value must be taken over by whoever used the old one: a step of its own, not a timer"
            }
            Content::ByHand => {
                "the partner offers no API that rotates it: people do, by the runbook of docs/topology.md"
            }
        };
        let options = Options {
            suppressions: vec![Suppression::new(
                ["AwsSolutions-SMG4", "SecretsManager.1", "SecretsManager.4"],
                unrotated,
            )],
            ..Options::default()
        };
        let handle = scope.add_with(
            id,
            &secretsmanager::Secret {
                name: Some(props.name.into()),
                description: Some(props.description.into()),
                kms_key_id: Some(props.key.arn()),
                generate_secret_string: (props.content == Content::Generated).then_some(generated),
                replica_regions: (!props.replicas.is_empty()).then(|| replicas.collect()),
                ..secretsmanager::Secret::new()
            },
            options,
        );
        Self { arn: handle.reference(), key: props.key.clone() }
    }

    /// The replica in the stack's own region of a secret that a stack of another region makes. Nothing is added. The ARN is
    /// the primary's but for the region, its six random characters included.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>
    #[must_use]
    pub fn replica(primary: &Self, key: &Key) -> Self {
        const NAME: usize = 6;
        let arn = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Name}";
        let name = Value::select(NAME, &primary.arn.split(":"));
        Self { arn: Value::substitute(arn, [("Name", name)]), key: key.clone() }
    }

    /// Gives the secret to other stacks under a stable name; what comes back is the secret as they see it. They read this
    /// stack then, wherever the secret was made.
    #[must_use]
    pub fn share(&self, scope: &mut Scope<'_>, name: &str, description: &str) -> Self {
        Self { arn: scope.give(name, description, &self.arn), key: self.key.clone() }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.arn.clone()
    }

    pub fn grant_read(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["secretsmanager:GetSecretValue"], [self.arn()]));
        self.key.grant_decrypt(permissions, Via::SecretsManager);
    }

    /// Puts new values in; reading the old ones is another grant.
    pub fn grant_write(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["secretsmanager:PutSecretValue"], [self.arn()]));
        self.key.grant_send(permissions, Via::SecretsManager);
    }
}
