//! What each function does when it is invoked.

use crate::environment::{FunctionEnvironment, Wanted};
use crate::image::{EventError, pushed};
use crate::refresh::{RefreshError, Refreshed, SecretStore, TokenCounter, refresh};
use crate::rollout::{PortError, Rollout, RolloutError, ServiceStacks, WantedImage, roll_out};
use como_contract::function::Function;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum InvocationError {
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    #[error(transparent)]
    Rollout(#[from] RolloutError),
    /// Never a success: whoever waits for what the function should have done must hear that it was not done.
    #[error("the function {function} is not part of this release: nothing was done")]
    NotInThisRelease { function: &'static str },
}

impl InvocationError {
    /// What Lambda shows as the error's type.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "EventError",
            Self::Port(_) => "PortError",
            Self::Refresh(_) => "RefreshError",
            Self::Rollout(_) => "RolloutError",
            Self::NotInThisRelease { .. } => "NotInThisRelease",
        }
    }
}

/// What a function works with.
pub struct Ports<'a> {
    pub wanted: &'a dyn WantedImage,
    pub stacks: &'a dyn ServiceStacks,
    pub counter: &'a dyn TokenCounter,
    pub secrets: &'a dyn SecretStore,
}

/// What an invocation did.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Done {
    RolledOut(Rollout),
    Refreshed(Refreshed),
}

pub(crate) async fn invoke(
    environment: &FunctionEnvironment,
    ports: Ports<'_>,
    event: Value,
) -> Result<Done, InvocationError> {
    answer(environment.function, environment.wanted == Wanted::EveryPush, ports, event).await
}

/// One invocation; `takes_every_push` says whether a push alone makes an image the wanted one.
///
/// # Errors
/// When the event cannot be read, a service cannot be brought to the wanted image, a token cannot be renewed, or the function
/// comes later.
pub async fn answer(
    function: Function,
    takes_every_push: bool,
    ports: Ports<'_>,
    event: Value,
) -> Result<Done, InvocationError> {
    match function {
        Function::DeployOnPush => {
            let Some(digest) = pushed(event)? else { return Ok(Done::RolledOut(Rollout::default())) };
            if takes_every_push {
                ports.wanted.set(&digest).await?;
            }
            reconcile(ports).await.map(Done::RolledOut)
        }
        Function::Reconcile => reconcile(ports).await.map(Done::RolledOut),
        Function::TokenRefresh => Ok(Done::Refreshed(refresh(ports.counter, ports.secrets).await?)),
        Function::RecoveryTrigger => Err(InvocationError::NotInThisRelease { function: function.handler() }),
    }
}

/// As long as nobody has said which image is wanted, every service keeps the one that it was deployed with.
async fn reconcile(ports: Ports<'_>) -> Result<Rollout, InvocationError> {
    match ports.wanted.get().await? {
        Some(wanted) => Ok(roll_out(ports.stacks, wanted).await?),
        None => Ok(Rollout::default()),
    }
}
