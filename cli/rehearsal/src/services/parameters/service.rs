//! The parameter store over the wire.

use super::find::{self, names, no_resource, tagged, text};
use super::labels::{self, texts};
use super::put::{self, Wanted};
use super::resource;
use super::state::{Place, State, not_found};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::regional::Regional;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;

/// Of one parameter.
const MOST_TAGS: usize = 50;

pub(crate) struct Parameters {
    account: String,
    pub(super) regions: Regional<State>,
}

impl Parameters {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), regions: Regional::open(dir.join("parameters"))? })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("ssm", request) };
        wire::respond(wire::body(request).and_then(|input| self.run(region, operation, &input)))
    }

    /// The value of a parameter that a task names by ARN or name.
    pub(crate) fn value(&self, region: &str, reference: &str) -> Result<String, ServiceError> {
        let region = reference.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2)).unwrap_or(region);
        self.regions.of(region)?.read(|state| Ok(state.version(reference)?.1.value.clone()))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        resource::claim(self, request, claim)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    fn run(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let place = Place { account: &self.account, region };
        let store = self.regions.of(region)?;
        if let Some(answer) = store.read(|state| find::read(state, operation, input, place)) {
            return answer;
        }
        store.change(|state| match operation {
            "PutParameter" => {
                let version = put::put(state, Wanted::of(input)?, Timestamp::now())?;
                Ok(json!({ "Version": version.number, "Tier": version.tier }))
            }
            "DeleteParameter" => {
                let name = text(input, "Name")?;
                state.parameters.remove(name).map(|_| json!({})).ok_or_else(|| not_found(name))
            }
            "DeleteParameters" => {
                let names = names(input)?.into_iter();
                let (deleted, absent): (Vec<_>, Vec<_>) =
                    names.partition(|name| state.parameters.remove(name).is_some());
                Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": absent }))
            }
            "LabelParameterVersion" => labels::label(state, input),
            "UnlabelParameterVersion" => labels::unlabel(state, input),
            "AddTagsToResource" => add_tags(state, input),
            "RemoveTagsFromResource" => {
                let name = tagged(input)?;
                let parameter = state.parameters.get_mut(name).ok_or_else(|| no_resource(name))?;
                for key in texts(&input["TagKeys"]) {
                    parameter.tags.remove(&key);
                }
                Ok(json!({}))
            }
            _ => Err(ServiceError::unknown_operation("ssm", operation)),
        })
    }
}

fn add_tags(state: &mut State, input: &Value) -> Result<Value, ServiceError> {
    let name = tagged(input)?;
    let parameter = state.parameters.get_mut(name).ok_or_else(|| no_resource(name))?;
    parameter.tags.extend(put::tags(&input["Tags"]));
    if MOST_TAGS < parameter.tags.len() {
        return Err(ServiceError::new("TooManyTagsError", format!("A parameter has {MOST_TAGS} tags at most.")));
    }
    Ok(json!({}))
}
