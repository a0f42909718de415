//! Cognito over the wire.

use super::state::{Client, Pool, State};
use super::token::{self, Claims, VerifyError};
use super::{challenges, groups, members, pools, sign_in};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::store::{Store, StoreError};
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) struct Cognito {
    account: String,
    pub(super) store: Store<State>,
}

/// One call: its input and the time.
pub(super) struct Call<'a> {
    pub(super) input: &'a Value,
    pub(super) now: Timestamp,
}

impl Call<'_> {
    /// A member that the operation cannot do without.
    pub(super) fn text(&self, name: &str) -> Result<&str, ServiceError> {
        self.optional(name).ok_or_else(|| {
            let mut letters = name.chars();
            let first = letters.next().map(|first| first.to_ascii_lowercase());
            let at: String = first.into_iter().chain(letters).collect();
            ServiceError::new(
                "InvalidParameterException",
                format!(
                    "1 validation error detected: Value null at '{at}' failed to satisfy constraint: Member must not be null"
                ),
            )
        })
    }

    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.input[name].as_str()
    }
}

impl Cognito {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), store: Store::open(dir.join("cognito.json"))? })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("cognito-idp", request) };
        let answer = wire::body(request).and_then(|input| match input["UserPoolId"].as_str() {
            // A pool's id begins with its region, and no other region knows it. Calls without a signature have none.
            Some(id) if !region.is_empty() && !id.starts_with(&format!("{region}_")) => Err(no_pool(id)),
            _ => self.run(region, operation, &input, Timestamp::now()),
        });
        wire::respond(answer)
    }

    pub(crate) fn region_of_client(&self, client: &str) -> Option<String> {
        let of = |state: &State| {
            state.pools.values().find(|pool| pool.clients.contains_key(client)).map(|pool| pool.region.clone())
        };
        self.store.read(of)
    }

    /// The documents that a pool publishes, without signature.
    pub(crate) fn published(&self, path: &str) -> Option<Response> {
        let (pool, document) = path.trim_start_matches('/').split_once("/.well-known/")?;
        let body = self.store.read(|state| {
            let pool = state.pools.get(pool)?;
            match document {
                "jwks.json" => Some(json!({ "keys": [pool.key.published()] })),
                "openid-configuration" => Some(json!({
                    "issuer": pool.issuer(), "jwks_uri": format!("{}/.well-known/jwks.json", pool.issuer()),
                    "id_token_signing_alg_values_supported": ["RS256"], "subject_types_supported": ["public"],
                })),
                _ => None,
            }
        })?;
        Some(wire::with_content_type(200, "application/json", body.to_string()))
    }

    /// For the public door: claims of a token of the pool with this ARN.
    pub(crate) fn verify(&self, pool_arn: &str, token: &str) -> Result<Claims, VerifyError> {
        let pool = pool_arn.rsplit('/').next().unwrap_or_default();
        self.store.read(|state| token::verify(state, pool, token))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.store.change(|state| pools::create(state, request, Timestamp::now()))
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.store.change(|state| pools::update(state, request))
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.store.change(|state| pools::delete(state, request))
    }

    pub(super) fn run(
        &self,
        region: &str,
        operation: &str,
        input: &Value,
        now: Timestamp,
    ) -> Result<Value, ServiceError> {
        let call = Call { input, now };
        match operation {
            "AdminCreateUser" => self.store.change(|state| members::create(state, &call)),
            "AdminGetUser" => self.store.read(|state| members::get(state, &call)),
            "AdminSetUserPassword" => self.store.change(|state| members::set_password(state, &call)),
            "AdminUpdateUserAttributes" => self.store.change(|state| members::update_attributes(state, &call)),
            "AdminDeleteUser" => self.store.change(|state| members::delete(state, &call)),
            "AdminDisableUser" => self.store.change(|state| members::enable(state, &call, false)),
            "AdminEnableUser" => self.store.change(|state| members::enable(state, &call, true)),
            "AdminUserGlobalSignOut" => self.store.change(|state| members::sign_out(state, &call)),
            "ListUsers" => self.store.read(|state| members::list(state, &call)),
            "GetUser" => self.store.read(|state| members::get_own(state, &call)),
            "AdminInitiateAuth" => self.store.change(|state| sign_in::admin_initiate(state, &call)),
            "InitiateAuth" => self.store.change(|state| sign_in::initiate(state, &call)),
            "RespondToAuthChallenge" => self.store.change(|state| challenges::respond(state, &call)),
            "AdminRespondToAuthChallenge" => self.store.change(|state| challenges::admin_respond(state, &call)),
            "GlobalSignOut" => self.store.change(|state| members::sign_out_own(state, &call)),
            "ChangePassword" => self.store.change(|state| members::change_password(state, &call)),
            "CreateGroup" => self.store.change(|state| groups::create(state, &call)),
            "UpdateGroup" => self.store.change(|state| groups::update(state, &call)),
            "DeleteGroup" => self.store.change(|state| groups::delete(state, &call)),
            "GetGroup" => self.store.read(|state| groups::get(state, &call)),
            "ListGroups" => self.store.read(|state| groups::list(state, &call)),
            "ListUsersInGroup" => self.store.read(|state| groups::users(state, &call)),
            "AdminListGroupsForUser" => self.store.read(|state| groups::of_user(state, &call)),
            "AdminAddUserToGroup" => self.store.change(|state| groups::add_user(state, &call)),
            "AdminRemoveUserFromGroup" => self.store.change(|state| groups::remove_user(state, &call)),
            "RevokeToken" => self.store.change(|state| sign_in::revoke(state, &call)),
            "DescribeUserPool" => self.store.read(|state| pools::describe(state, &call)),
            "UpdateUserPool" => self.store.change(|state| pools::set(state, &call)),
            "DescribeUserPoolClient" => self.store.read(|state| pools::describe_client(state, &call)),
            "ListUserPools" => self.store.read(|state| Ok(pools::list(state, region, &self.account))),
            _ => Err(ServiceError::unknown_operation("cognito-idp", operation)),
        }
    }
}

pub(super) fn pool<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Pool, ServiceError> {
    let id = call.text("UserPoolId")?;
    state.pools.get(id).ok_or_else(|| no_pool(id))
}

pub(super) fn pool_mut<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Pool, ServiceError> {
    let id = call.text("UserPoolId")?;
    state.pools.get_mut(id).ok_or_else(|| no_pool(id))
}

pub(super) fn client<'a>(pool: &'a Pool, id: &str) -> Result<&'a Client, ServiceError> {
    pool.clients
        .get(id)
        .ok_or_else(|| ServiceError::new("ResourceNotFoundException", format!("User pool client {id} does not exist.")))
}

fn no_pool(id: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("User pool {id} does not exist."))
}
