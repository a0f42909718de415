//! The secrets of all regions, over the wire and from inside.

use super::put::Call;
use super::state::State;
use super::{find, put};
use crate::services::regional::Regional;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::Timestamp;
use serde_json::Value;
use std::path::Path;

pub(crate) struct Vault {
    account: String,
    regions: Regional<State>,
}

impl Vault {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), regions: Regional::open(dir.join("secrets"))? })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("secretsmanager", request) };
        wire::respond(wire::body(request).and_then(|input| self.call(region, operation, &input)))
    }

    pub(crate) fn call(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let store = self.regions.of(region)?;
        let call = Call { account: &self.account, region, input, now: Timestamp::now() };
        if store.read(|state| state.is_overdue(call.now)) {
            store.change(|state| {
                state.bury(call.now);
                Ok::<_, ServiceError>(())
            })?;
        }
        if let Some(answer) = store.read(|state| find::run(state, operation, input)) {
            return answer;
        }
        store.change(|state| {
            let answer = put::run(state, operation, call);
            answer.unwrap_or_else(|| Err(ServiceError::unknown_operation("secretsmanager", operation)))
        })
    }

    /// Puts what one region has of a secret in the place of what another has; nothing when it is gone.
    pub(crate) fn copy(&self, from: &str, name: &str, to: &str) -> Result<(), ServiceError> {
        let Some(mut secret) = self.regions.of(from)?.read(|state| state.secrets.get(name).cloned()) else {
            return Ok(());
        };
        secret.arn = secret.arn.replacen(&format!(":{from}:"), &format!(":{to}:"), 1);
        self.regions.of(to)?.change(|state| {
            state.secrets.insert(name.to_owned(), secret);
            Ok::<_, ServiceError>(())
        })
    }
}
