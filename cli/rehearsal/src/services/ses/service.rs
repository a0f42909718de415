//! SES v2 over the wire.

use super::operations;
use super::resource;
use super::state::State;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::regional::Regional;
use crate::services::sns::Sns;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Ses {
    pub(super) regions: Regional<State>,
    pub(super) account: String,
    pub(super) sns: Arc<Sns>,
}

impl Ses {
    pub(crate) fn open(dir: &Path, account: &str, sns: Arc<Sns>) -> Result<Self, StoreError> {
        Ok(Self { regions: Regional::open(dir.join("ses"))?, account: account.to_owned(), sns })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let answer = wire::body(request).and_then(|input| operations::run(self, region, request, &input));
        match answer {
            Ok(value) => wire::with_content_type(200, "application/json", value.to_string()),
            Err(error) => wire::error_response(&error),
        }
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
