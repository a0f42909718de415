//! Lambda over the wire, and for the services beside it.

use super::instance::{Instances, Outcome};
use super::operations;
use super::resource;
use super::state::State;
use crate::clock::Clock;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use crate::services::adoption::Claim;
use crate::services::logs::Logs;
use crate::services::regional::Regional;
use crate::services::s3::S3;
use crate::services::sqs::Sqs;
use crate::services::store::StoreError;
use crate::services::wire::{Request, Response, ServiceError};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What functions stand on.
pub(crate) struct Surroundings {
    pub(crate) account: String,
    pub(crate) endpoint: String,
    pub(crate) log_dir: PathBuf,
    pub(crate) clock: Arc<Clock>,
    pub(crate) logs: Arc<Logs>,
    /// A region without its data plane runs nothing.
    pub(crate) regions: Arc<Regions>,
    pub(crate) s3: Arc<S3>,
    pub(crate) sqs: Arc<Sqs>,
}

pub(crate) struct Lambda {
    pub(super) surroundings: Surroundings,
    pub(super) regions: Regional<State>,
    /// Unpacked archives, by their hash.
    pub(super) code: PathBuf,
    pub(super) instances: Instances,
    /// Mappings that somebody polls for, by region and id.
    pub(super) followed: Mutex<BTreeSet<(String, String)>>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl Lambda {
    /// Goes on with what was under way. Needs a runtime.
    pub(crate) fn open(dir: &Path, surroundings: Surroundings) -> Result<Arc<Self>, StoreError> {
        let dir = dir.join("lambda");
        let lambda = Arc::new(Self {
            surroundings,
            regions: Regional::open(dir.join("regions"))?,
            code: dir.join("code"),
            instances: Instances::new(),
            followed: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        lambda.resume()?;
        Ok(lambda)
    }

    pub(crate) async fn handle(self: &Arc<Self>, region: &str, request: &Request) -> Response {
        operations::handle(self, region, request).await
    }

    pub(crate) fn create(self: &Arc<Self>, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        resource::claim(self, request, claim)
    }

    pub(crate) fn update(self: &Arc<Self>, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    /// Runs a function and waits for its answer.
    pub(super) async fn invoke(
        &self,
        region: &str,
        reference: &str,
        request_id: &str,
        payload: Bytes,
    ) -> Result<Outcome, ServiceError> {
        let function = self.regions.of(region)?.read(|state| state.function(reference).cloned())?;
        let dir = self.code.join(&function.code.sha256);
        Ok(self.instances.invoke(&self.surroundings, &dir, &function, request_id, payload).await)
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.instances.discard_all();
    }

    fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        for region in self.regions.regions() {
            let state = self.regions.of(&region)?.read(State::clone);
            for id in state.waiting.into_keys() {
                self.work_off(&region, id);
            }
            for id in state.mappings.into_keys() {
                self.follow(&region, id);
            }
        }
        Ok(())
    }
}
