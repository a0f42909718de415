//! Directories whose users come from somewhere else.

use crate::iam::{Permissions, Statement};
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::cognito::{self, user_pool, user_pool_client, user_pool_resource_server};

/// A pool into which only a service puts users: it has checked their credentials elsewhere and wants tokens for them.
///
/// No one signs up, and no member signs in with a password of their own, so there is no password recovery: it belongs to
/// where the credentials are checked. A second factor (an app with one-time codes) is there for whoever sets one up.
#[derive(Debug, Clone)]
pub struct UserPool {
    handle: Handle<cognito::UserPool>,
}

#[derive(Debug)]
pub struct UserPoolProps {
    pub name: String,
    pub plan: Plan,
}

/// What is paid for each user who signs in during a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    Essentials,
    /// Watches for stolen passwords and strange sign-ins, and keeps a record of them.
    Plus,
}

/// A right that a token can carry, for example `como/bookings.write`.
#[derive(Debug, Clone, Copy)]
pub struct ScopeProps {
    /// Without the resource server's identifier.
    pub name: &'static str,
    pub description: &'static str,
}

/// Somebody who gets tokens from the pool.
#[derive(Debug, Clone)]
pub struct UserPoolClient {
    handle: Handle<cognito::UserPoolClient>,
}

/// What tokens of the pool can permit.
#[derive(Debug, Clone)]
pub struct ResourceServer {
    handle: Handle<cognito::UserPoolResourceServer>,
    identifier: String,
}

/// Who signs in at the pool's own page, in a browser.
#[derive(Debug)]
pub struct BrowserClientProps<'a> {
    pub name: String,
    /// The page to which the browser comes back with the code.
    pub callback: String,
    pub server: &'a ResourceServer,
    /// Of the server's, without its identifier.
    pub scopes: &'a [&'a str],
}

impl UserPool {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: UserPoolProps) -> Self {
        let optional = Suppression::new(
            ["AwsSolutions-COG2"],
            "A customer app: members choose a second factor; a pool demands one of all its users or of none",
        );
        let essentials = Suppression::new(
            ["AwsSolutions-COG8", "Cognito.1"],
            "Development has no members whose accounts would need the dearer plan's threat protection",
        );
        let recording = Suppression::new(
            ["Cognito.1"],
            "All sign-ins come from the service's few addresses: refusing by risk would refuse every member at once",
        );
        let suppressions = match props.plan {
            Plan::Essentials => vec![optional, essentials],
            Plan::Plus => vec![optional, recording],
        };
        let handle = scope.add_with(
            id,
            &cognito::UserPool {
                user_pool_name: Some(props.name.into()),
                user_pool_tier: Some(props.plan.tier().into()),
                user_pool_add_ons: props.plan.add_ons(),
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
                mfa_configuration: Some(user_pool::MfaConfiguration::Optional.into()),
                enabled_mfas: Some(["SOFTWARE_TOKEN_MFA"].into()),
                // The service alone writes names; the directory they come from decides their spelling.
                username_configuration: Some(user_pool::UsernameConfiguration { case_sensitive: Some(true.into()) }),
                deletion_protection: Some(user_pool::DeletionProtection::Active.into()),
                ..cognito::UserPool::new()
            },
            Options { suppressions, ..Options::default() },
        );
        Self { handle }
    }

    /// Where the pool answers OAuth 2.0: `https://<prefix>.auth.<region>.amazoncognito.com`. The prefix is unique in a region.
    pub fn add_domain(&self, scope: &mut Scope<'_>, id: &str, prefix: String) {
        let domain = cognito::UserPoolDomain {
            // The second version shows nothing before somebody has designed its pages.
            // <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html>
            managed_login_version: Some(1.into()),
            ..cognito::UserPoolDomain::new(prefix, self.handle.reference())
        };
        scope.add(id, domain);
    }

    /// Declares what tokens of the pool can permit.
    pub fn add_resource_server(
        &self,
        scope: &mut Scope<'_>,
        id: &str,
        identifier: &str,
        name: &str,
        scopes: &[ScopeProps],
    ) -> ResourceServer {
        let scopes = scopes
            .iter()
            .map(|scope| user_pool_resource_server::ResourceServerScopeType::new(scope.description, scope.name));
        let server = cognito::UserPoolResourceServer {
            scopes: Some(scopes.collect()),
            ..cognito::UserPoolResourceServer::new(identifier, name, self.handle.reference())
        };
        ResourceServer { handle: scope.add(id, server), identifier: identifier.to_owned() }
    }

    /// A group whose name access tokens carry. Of several groups the one with the least precedence counts.
    pub fn add_group(&self, scope: &mut Scope<'_>, id: &str, name: &str, description: &str, precedence: i64) {
        let group = cognito::UserPoolGroup {
            group_name: Some(name.into()),
            description: Some(description.into()),
            precedence: Some(precedence.into()),
            ..cognito::UserPoolGroup::new(self.handle.reference())
        };
        scope.add(id, group);
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
                // One day: who loses the membership is out within a day.
                refresh_token_validity: Some(24.into()),
                // An absent list means every attribute; this one is read by nobody.
                write_attributes: Some(["preferred_username"].into()),
                ..self.short_lived()
            },
        );
        UserPoolClient { handle }
    }

    /// A client for people with a password of their own, who sign in at the pool's page: OAuth 2.0's authorization code with
    /// PKCE, and no other way. It has no secret, since a browser could keep none.
    pub fn add_browser_client(&self, scope: &mut Scope<'_>, id: &str, props: BrowserClientProps<'_>) -> UserPoolClient {
        use user_pool_client::{AllowedOauthFlow::Code, ExplicitAuthFlow::AllowRefreshTokenAuth};
        let own = props.scopes.iter().map(|name| format!("{}/{name}", props.server.identifier));
        let scopes: Vec<Value<String>> = std::iter::once("openid".to_owned()).chain(own).map(Value::from).collect();
        let client = cognito::UserPoolClient {
            client_name: Some(props.name.into()),
            allowed_oauth_flows: Some(vec![Code.into()].into()),
            allowed_oauth_flows_user_pool_client: Some(true.into()),
            allowed_oauth_scopes: Some(scopes.into()),
            callback_urls: Some([props.callback.as_str()].into()),
            logout_urls: Some([props.callback.as_str()].into()),
            supported_identity_providers: Some(["COGNITO"].into()),
            explicit_auth_flows: Some(vec![AllowRefreshTokenAuth.into()].into()),
            generate_secret: Some(false.into()),
            refresh_token_validity: Some(WORKING_DAY_HOURS.into()),
            write_attributes: Some(["preferred_username"].into()),
            ..self.short_lived()
        };
        // Cognito refuses a scope that no server has declared yet.
        let options = Options { depends_on: vec![props.server.handle.dependency()], ..Options::default() };
        UserPoolClient { handle: scope.add_with(id, &client, options) }
    }

    /// What clients have in common.
    fn short_lived(&self) -> cognito::UserPoolClient {
        cognito::UserPoolClient {
            access_token_validity: Some(60.into()),
            id_token_validity: Some(60.into()),
            token_validity_units: Some(user_pool_client::TokenValidityUnits {
                access_token: Some(user_pool_client::AccessToken::Minutes.into()),
                id_token: Some(user_pool_client::IdToken::Minutes.into()),
                refresh_token: Some(user_pool_client::RefreshToken::Hours.into()),
            }),
            enable_token_revocation: Some(true.into()),
            prevent_user_existence_errors: Some(user_pool_client::PreventUserExistenceErrors::Enabled.into()),
            ..cognito::UserPoolClient::new(self.handle.reference())
        }
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

/// Of a person at work, who signs in again the next day.
const WORKING_DAY_HOURS: i64 = 10;

impl Plan {
    const fn tier(self) -> user_pool::UserPoolTier {
        match self {
            Self::Essentials => user_pool::UserPoolTier::Essentials,
            Self::Plus => user_pool::UserPoolTier::Plus,
        }
    }

    /// Records, and refuses nobody: all sign-ins come from the service's few addresses, which would look like one attacker.
    fn add_ons(self) -> Option<user_pool::UserPoolAddOns> {
        (self == Self::Plus).then(|| user_pool::UserPoolAddOns {
            advanced_security_mode: Some(user_pool::AdvancedSecurityMode::Audit.into()),
            ..user_pool::UserPoolAddOns::new()
        })
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
