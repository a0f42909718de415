//! SES v2 over the wire.

use super::operations;
use super::resource;
use super::state::State;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::regional::Regional;
use crate::services::route53::Route53;
use crate::services::sns::Sns;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Ses {
    pub(super) regions: Regional<State>,
    pub(super) account: String,
    pub(super) sns: Arc<Sns>,
    pub(super) route53: Arc<Route53>,
}

impl Ses {
    pub(crate) fn open(dir: &Path, account: &str, sns: Arc<Sns>, route53: Arc<Route53>) -> Result<Self, StoreError> {
        Ok(Self { regions: Regional::open(dir.join("ses"))?, account: account.to_owned(), sns, route53 })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let answer = wire::body(request).and_then(|input| operations::run(self, region, request, &input));
        match answer {
            Ok(value) => wire::with_content_type(200, "application/json", value.to_string()),
            Err(error) => wire::error_response(&error),
        }
    }

    /// Oldest first.
    pub(crate) fn mails(&self, region: &str) -> Result<Vec<serde_json::Value>, StoreError> {
        Ok(self.regions.of(region)?.read(|state| state.mails.iter().map(|mail| serde_json::json!(mail)).collect()))
    }

    /// Whether the records of an identity's DKIM tokens are there. What no hosted zone here holds is somebody else's to
    /// prove, who has done so.
    pub(super) fn is_verified(&self, state: &State, identity: &str) -> bool {
        let mut tokens = state.dkim.get(identity).into_iter().flatten();
        tokens.all(|(name, value)| !self.route53.holds(name) || self.route53.has_value(name, "CNAME", value))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }
}
