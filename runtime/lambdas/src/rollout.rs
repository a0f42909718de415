//! Brings the services to the wanted image.
//!
//! Each service's stack has the digest of its image as a parameter. A service that runs another image than the wanted one has
//! its stack updated with the same template and the new digest; CloudFormation and ECS do the rest, and roll back what does not
//! come up. Nobody waits for that: the next call sees what became of it. A stack that is being changed is left alone until
//! then, and so is one whose last change to the same digest was rolled back, which would only fail again.

use crate::image::Digest;
use async_trait::async_trait;
use como_contract::service::Service;
use serde::Serialize;
use std::error::Error;
use thiserror::Error;
use tracing::{info, warn};

/// A service's stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceStack {
    /// What its parameter says; an environment may have been set up with anything.
    pub digest: String,
    pub state: StackState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackState {
    /// Its last operation went well.
    Settled,
    /// Something is being done to it.
    Busy,
    /// Its last update was rolled back.
    RolledBack,
    /// It cannot be updated: its creation failed, or a rollback.
    Broken,
}

/// The wanted image of an environment.
#[async_trait]
pub trait WantedImage: Send + Sync {
    async fn get(&self) -> Result<Option<Digest>, PortError>;

    async fn set(&self, digest: &Digest) -> Result<(), PortError>;
}

/// The stacks of the services of an environment.
#[async_trait]
pub trait ServiceStacks: Send + Sync {
    /// `None` where the service is not deployed.
    async fn look(&self, service: Service) -> Result<Option<ServiceStack>, PortError>;

    /// The digest that the stack was last to be changed to, where that change was rolled back.
    async fn failed_digest(&self, service: Service) -> Result<Option<String>, PortError>;

    /// Begins to change the digest and nothing else; asking twice for the same is asking once.
    async fn roll(&self, service: Service, digest: &Digest) -> Result<(), PortError>;
}

#[derive(Debug, Error)]
#[error("cannot {doing}")]
pub struct PortError {
    /// For example `read the stack of accounts`.
    pub doing: String,
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

#[derive(Debug, Error)]
#[error("cannot bring every service to {digest}: {}", failures.join("; "))]
pub struct RolloutError {
    pub digest: Digest,
    /// For each service that could not be looked at or changed, why.
    pub failures: Vec<String>,
}

/// What became of each service.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rollout {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Digest>,
    /// They begin to change.
    pub rolling: Vec<&'static str>,
    /// They run the wanted image.
    pub settled: Vec<&'static str>,
    /// They are being changed; the next run looks again.
    pub busy: Vec<&'static str>,
    /// The change to this image was rolled back, or their stack is broken: somebody must act.
    pub stuck: Vec<&'static str>,
    pub absent: Vec<&'static str>,
}

/// Begins to roll every service that does not run `wanted`.
///
/// # Errors
/// Names every service that could not be looked at or changed; the others were.
pub async fn roll_out(stacks: &dyn ServiceStacks, wanted: Digest) -> Result<Rollout, RolloutError> {
    let mut rollout = Rollout::default();
    let mut failures = Vec::new();
    for service in Service::ALL {
        match bring(stacks, service, &wanted).await {
            Ok(fate) => fate.list(&mut rollout).push(service.name()),
            Err(error) => failures.push(format!("{error}: {}", error.source)),
        }
    }
    if !failures.is_empty() {
        return Err(RolloutError { digest: wanted, failures });
    }
    rollout.wanted = Some(wanted);
    Ok(rollout)
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Rolling,
    Settled,
    Busy,
    Stuck,
    Absent,
}

impl Fate {
    const fn list(self, rollout: &mut Rollout) -> &mut Vec<&'static str> {
        match self {
            Self::Rolling => &mut rollout.rolling,
            Self::Settled => &mut rollout.settled,
            Self::Busy => &mut rollout.busy,
            Self::Stuck => &mut rollout.stuck,
            Self::Absent => &mut rollout.absent,
        }
    }
}

async fn bring(stacks: &dyn ServiceStacks, service: Service, wanted: &Digest) -> Result<Fate, PortError> {
    let name = service.name();
    let Some(stack) = stacks.look(service).await? else { return Ok(Fate::Absent) };
    let fate = match stack.state {
        StackState::Busy => Fate::Busy,
        StackState::Broken => Fate::Stuck,
        StackState::Settled | StackState::RolledBack if stack.digest == wanted.as_str() => Fate::Settled,
        StackState::RolledBack if stacks.failed_digest(service).await?.as_deref() == Some(wanted.as_str()) => {
            Fate::Stuck
        }
        StackState::Settled | StackState::RolledBack => {
            stacks.roll(service, wanted).await?;
            Fate::Rolling
        }
    };
    match fate {
        Fate::Rolling => info!(service.name = name, image.digest = wanted.as_str(), "{name} rolls to {wanted}"),
        Fate::Stuck => warn!(service.name = name, image.digest = wanted.as_str(), "{name} does not get to {wanted}"),
        Fate::Settled | Fate::Busy | Fate::Absent => {}
    }
    Ok(fate)
}
