//! Directories whose users come from somewhere else.

use crate::iam::{Permissions, Statement};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::cognito::{self, user_pool, user_pool_client};

/// A pool into which only a service puts users: it has checked their credentials elsewhere and wants tokens for them.
///
/// No one signs up, and no one signs in with a password of their own. So there is no second factor and no password
/// recovery here either: both belong to where the credentials are checked, and here could only lock a user out.
#[derive(Debug, Clone)]
pub struct UserPool {
    handle: Handle<cognito::UserPool>,
}

#[derive(Debug)]
pub struct UserPoolProps {
    pub name: String,
}

/// The one application that gets tokens from the pool.
#[derive(Debug, Clone)]
pub struct UserPoolClient {
    handle: Handle<cognito::UserPoolClient>,
}

impl UserPool {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: UserPoolProps) -> Self {
        let handle = scope.add(
            id,
            cognito::UserPool {
                user_pool_name: Some(props.name.into()),
                user_pool_tier: Some(user_pool::UserPoolTier::Essentials.into()),
                admin_create_user_config: Some(user_pool::AdminCreateUserConfig {
                    allow_admin_create_user_only: Some(true.into()),
                    ..user_pool::AdminCreateUserConfig::new()
                }),
                account_recovery_setting: Some(user_pool::AccountRecoverySetting {
                    recovery_mechanisms: Some(vec![user_pool::RecoveryOption {
                        name: Some(user_pool::Name::AdminOnly.into()),
                        priority: Some(1.into()),
                    }]),
                }),
                policies: Some(user_pool::Policies {
                    password_policy: Some(long_password()),
                    ..user_pool::Policies::new()
                }),
                mfa_configuration: Some(user_pool::MfaConfiguration::Off.into()),
                // The service alone writes names; the directory they come from decides their spelling.
                username_configuration: Some(user_pool::UsernameConfiguration { case_sensitive: Some(true.into()) }),
                deletion_protection: Some(user_pool::DeletionProtection::Active.into()),
                ..cognito::UserPool::new()
            },
        );
        Self { handle }
    }

    /// A client for a service that signs users in with its own rights (`AdminInitiateAuth`).
    ///
    /// It has no secret: its calls are signed with the service's role, and a refresh needs none. It may write one attribute
    /// that nothing reads, so that a stolen access token changes nothing of worth in the directory.
    pub fn add_client(&self, scope: &mut Scope<'_>, id: &str, name: String) -> UserPoolClient {
        use user_pool_client::ExplicitAuthFlow::{AllowAdminUserPasswordAuth, AllowRefreshTokenAuth};
        let handle = scope.add(
            id,
            cognito::UserPoolClient {
                client_name: Some(name.into()),
                explicit_auth_flows: Some(vec![AllowAdminUserPasswordAuth.into(), AllowRefreshTokenAuth.into()].into()),
                generate_secret: Some(false.into()),
                access_token_validity: Some(60.into()),
                id_token_validity: Some(60.into()),
                // One day: who loses the membership is out within a day.
                refresh_token_validity: Some(24.into()),
                token_validity_units: Some(user_pool_client::TokenValidityUnits {
                    access_token: Some(user_pool_client::AccessToken::Minutes.into()),
                    id_token: Some(user_pool_client::IdToken::Minutes.into()),
                    refresh_token: Some(user_pool_client::RefreshToken::Hours.into()),
                }),
                enable_token_revocation: Some(true.into()),
                prevent_user_existence_errors: Some(user_pool_client::PreventUserExistenceErrors::Enabled.into()),
                // An absent list means every attribute; this one is read by nobody.
                write_attributes: Some(["preferred_username"].into()),
                ..cognito::UserPoolClient::new(self.handle.reference())
            },
        );
        UserPoolClient { handle }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(cognito::UserPool::ARN)
    }

    /// Makes users, sets their passwords and signs them in; changes no attribute, deletes no one.
    pub fn grant_sign_in(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(
            [
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminInitiateAuth",
                "cognito-idp:AdminSetUserPassword",
            ],
            [self.arn()],
        ));
    }
}

impl UserPoolClient {
    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }
}

/// Passwords are derived by the service, never typed; the policy keeps a weak one from being set by hand.
fn long_password() -> user_pool::PasswordPolicy {
    user_pool::PasswordPolicy {
        minimum_length: Some(32.into()),
        require_lowercase: Some(true.into()),
        require_uppercase: Some(true.into()),
        require_numbers: Some(true.into()),
        require_symbols: Some(true.into()),
        ..user_pool::PasswordPolicy::new()
    }
}
