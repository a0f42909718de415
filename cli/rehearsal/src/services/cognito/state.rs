//! What Cognito remembers.

use super::key::SigningKey;
use super::password::{PasswordHash, PasswordPolicy};
use super::srp::{Exchange, Verifier};
use crate::services::password::PasswordError;
use crate::services::wire::ServiceError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By identifier, for example `ap-southeast-1_AbCdEfGhI`.
    pub(super) pools: BTreeMap<String, Pool>,
    /// Domain prefix or custom domain, to the pool.
    pub(super) domains: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pool {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) created: jiff::Timestamp,
    pub(super) password_policy: PasswordPolicy,
    /// Attributes by which members sign in; with none, by their name.
    pub(super) username_attributes: Vec<String>,
    /// Whether `Mei` and `mei` are two users.
    #[serde(default)]
    pub(super) case_sensitive: bool,
    pub(super) custom_attributes: Vec<String>,
    pub(super) deletion_protection: bool,
    pub(super) properties: Map<String, Value>,
    pub(super) key: SigningKey,
    pub(super) clients: BTreeMap<String, Client>,
    pub(super) resource_servers: BTreeMap<String, Map<String, Value>>,
    /// The stack and logical id that each was made for.
    #[serde(default)]
    pub(super) resource_server_owners: BTreeMap<String, String>,
    /// By user name.
    pub(super) users: BTreeMap<String, User>,
    /// By the hash of the refresh token.
    pub(super) sessions: BTreeMap<String, Session>,
    /// Sign-ins that wait for their next step, by the hash of the token that belongs to it.
    #[serde(default)]
    pub(super) challenges: BTreeMap<String, Challenge>,
    #[serde(default)]
    pub(super) groups: BTreeMap<String, Group>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) secret: Option<String>,
    pub(super) flows: Vec<String>,
    pub(super) access_token_seconds: i64,
    pub(super) id_token_seconds: i64,
    pub(super) refresh_token_seconds: i64,
    /// A missing member gets the same answer as a wrong password.
    pub(super) hides_missing_users: bool,
    /// OAuth's: `client_credentials`, `code`, `implicit`.
    #[serde(default)]
    pub(super) grants: Vec<String>,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    /// Pages to which a browser comes back with a code.
    #[serde(default)]
    pub(super) callbacks: Vec<String>,
}

impl Client {
    pub(super) fn allows(&self, flow: &str) -> bool {
        self.flows.iter().any(|allowed| allowed == flow)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) sub: String,
    pub(super) created: jiff::Timestamp,
    pub(super) modified: jiff::Timestamp,
    pub(super) enabled: bool,
    pub(super) status: UserStatus,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) password: Option<PasswordHash>,
    /// Only in pools of which some client signs in by SRP.
    #[serde(default)]
    pub(super) srp: Option<Verifier>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum UserStatus {
    Confirmed,
    ForceChangePassword,
}

impl UserStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
        }
    }
}

/// What a refresh token stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) client: String,
    pub(super) user: String,
    pub(super) origin: String,
    pub(super) signed_in: jiff::Timestamp,
    pub(super) expires: jiff::Timestamp,
}

/// The next step of a sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Challenge {
    pub(super) client: String,
    pub(super) user: String,
    pub(super) expires: jiff::Timestamp,
    pub(super) kind: ChallengeKind,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum ChallengeKind {
    NewPassword,
    Proof(Exchange),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) created: jiff::Timestamp,
    pub(super) modified: jiff::Timestamp,
    pub(super) description: Option<String>,
    pub(super) role: Option<String>,
    pub(super) precedence: Option<u64>,
    pub(super) members: BTreeSet<String>,
    /// The stack and logical id that it was made for; none for one made over the wire.
    #[serde(default)]
    pub(super) owner: Option<String>,
}

impl Group {
    pub(super) const fn new(now: jiff::Timestamp) -> Self {
        let members = BTreeSet::new();
        Self { created: now, modified: now, description: None, role: None, precedence: None, members, owner: None }
    }
}

impl Pool {
    /// Keeps what is needed to recognise a password that the policy allows; nothing for a user who is not there.
    pub(super) fn set_password(&mut self, user: &str, password: &str) -> Result<(), ServiceError> {
        self.password_policy.check(password)?;
        let (hash, srp) = self.kept_of(user, password)?;
        if let Some(user) = self.users.get_mut(user) {
            (user.password, user.srp) = (Some(hash), srp);
        }
        Ok(())
    }

    /// Hash and verifier of a password. The verifier takes its time, so it is left out where nobody needs it.
    pub(super) fn kept_of(
        &self,
        user: &str,
        password: &str,
    ) -> Result<(PasswordHash, Option<Verifier>), PasswordError> {
        let needs = self.clients.values().any(|client| client.allows("ALLOW_USER_SRP_AUTH"));
        let srp = needs.then(|| Verifier::of(&self.id, user, password)).transpose()?;
        Ok((PasswordHash::of(password)?, srp))
    }

    /// A user's name as it is kept.
    pub(super) fn spelling(&self, name: &str) -> String {
        if self.case_sensitive { name.to_owned() } else { name.to_lowercase() }
    }

    /// The user whom a caller means: by name, by `sub`, or by an attribute that the pool signs in with.
    pub(super) fn find_user(&self, name: &str) -> Option<&User> {
        if let Some(user) = self.users.get(&self.spelling(name)) {
            return Some(user);
        }
        let has = |user: &User, attribute: &String| user.attributes.get(attribute).is_some_and(|value| value == name);
        self.users.values().find(|user| self.username_attributes.iter().any(|attribute| has(user, attribute)))
    }

    pub(super) fn issuer(&self) -> String {
        format!("https://cognito-idp.{}.amazonaws.com/{}", self.region, self.id)
    }
}
