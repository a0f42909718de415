//! CloudWatch Logs over the wire, and for the services beside it.

use super::follow::Followed;
use super::operations;
use super::resource;
use super::shelf::{Event, Place, Shelf};
use super::state::{Group, Millis, State, Stream, check_group_name, check_stream_name, no_group};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::regional::Regional;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::Timestamp;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) struct Logs {
    pub(super) account: String,
    pub(super) regions: Regional<State>,
    pub(super) shelf: Shelf,
    pub(super) followed: Mutex<Vec<Weak<Followed>>>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl Logs {
    /// Picks up what programs had written when the supervisor ended. Needs a runtime.
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Arc<Self>, StoreError> {
        let dir = dir.join("logs");
        let logs = Arc::new(Self {
            account: account.to_owned(),
            regions: Regional::open(dir.join("regions"))?,
            shelf: Shelf::new(dir.join("events")),
            followed: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        logs.resume()?;
        logs.tasks.spawn(Arc::clone(&logs).collect());
        Ok(logs)
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("logs", request) };
        wire::respond(wire::body(request).and_then(|input| operations::run(self, region, operation, &input)))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        resource::claim(self, request, claim)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    /// Makes a stream, if it is not there, for a service that writes on somebody's behalf; `makes_group` says whether it
    /// may make the group too.
    pub(crate) fn open_stream(
        &self,
        region: &str,
        group: &str,
        stream: &str,
        makes_group: bool,
    ) -> Result<(), ServiceError> {
        check_group_name(group)?;
        check_stream_name(stream)?;
        self.regions.of(region)?.change(|state| {
            if !makes_group && !state.groups.contains_key(group) {
                return Err(no_group());
            }
            let fresh = || Group { created: now(), ..Group::default() };
            let group = state.groups.entry(group.to_owned()).or_insert_with(fresh);
            group.streams.entry(stream.to_owned()).or_insert_with(|| Stream { created: now(), source: None });
            Ok(())
        })
    }

    /// Writes one line of a service's own. A stream that somebody has deleted takes none.
    pub(crate) fn write(&self, region: &str, group: &str, stream: &str, message: String) {
        let event = Event { at: now(), ingested: now(), message, offset: None };
        let is_there = |state: &State| state.groups.get(group).is_some_and(|group| group.streams.contains_key(stream));
        let written = self.regions.of(region).map_err(ServiceError::from).and_then(|store| {
            if !store.read(is_there) {
                return Ok(());
            }
            let place = Place { region, group, stream };
            self.shelf.append(place, &[event]).map_err(|error| ServiceError::internal(&error))
        });
        if let Err(error) = written {
            tracing::error!(%error, "could not write to the stream {stream} of {group}");
        }
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(super) fn group_arn(&self, region: &str, group: &str) -> String {
        format!("arn:aws:logs:{region}:{}:log-group:{group}", self.account)
    }
}

pub(super) fn now() -> Millis {
    Timestamp::now().as_millisecond()
}
