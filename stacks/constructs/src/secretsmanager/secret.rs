//! Secrets, whose values no template ever holds.

use crate::iam::{Permissions, Statement};
use crate::kms::{Key, Via};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::secretsmanager;

/// A secret, encrypted with a customer key.
#[derive(Debug, Clone)]
pub struct Secret {
    handle: Handle<secretsmanager::Secret>,
    key: Key,
}

#[derive(Debug)]
pub struct SecretProps<'a> {
    pub name: String,
    pub description: &'a str,
    pub content: Content,
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
        let handle = scope.add(
            id,
            secretsmanager::Secret {
                name: Some(props.name.into()),
                description: Some(props.description.into()),
                kms_key_id: Some(props.key.arn()),
                generate_secret_string: (props.content == Content::Generated).then_some(generated),
                ..secretsmanager::Secret::new()
            },
        );
        Self { handle, key: props.key.clone() }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }

    pub fn grant_read(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["secretsmanager:GetSecretValue"], [self.arn()]));
        self.key.grant_decrypt(permissions, Via::SecretsManager);
    }
}
