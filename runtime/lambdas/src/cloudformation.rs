//! The stacks of services, over CloudFormation.

use crate::image::Digest;
use crate::rollout::{PortError, ServiceStack, ServiceStacks, StackState};
use async_trait::async_trait;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{Capability, Parameter, Stack, StackStatus};
use como_contract::service::Service;
use como_contract::setting::IMAGE_DIGEST_PARAMETER;

/// What the tokens of our updates begin with; the digest's digits follow, then the time of the update before.
const TOKEN: &str = "image-";

pub(crate) struct Stacks {
    pub(crate) client: Client,
    pub(crate) environment: String,
    pub(crate) execution_role: Option<String>,
}

impl Stacks {
    fn name(&self, service: Service) -> String {
        format!("como-{}-svc-{}", self.environment, service.name())
    }

    async fn describe(&self, service: Service) -> Result<Option<Stack>, PortError> {
        let name = self.name(service);
        match self.client.describe_stacks().stack_name(&name).send().await {
            Ok(reply) => Ok(reply.stacks.and_then(|stacks| stacks.into_iter().next())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(format!("read the stack {name}"), error)),
        }
    }
}

#[async_trait]
impl ServiceStacks for Stacks {
    async fn look(&self, service: Service) -> Result<Option<ServiceStack>, PortError> {
        let Some(stack) = self.describe(service).await? else { return Ok(None) };
        let state = state(stack.stack_status());
        // A stack that is being created has its parameters already; one that is only reviewed has none.
        let digest = parameter(&stack, IMAGE_DIGEST_PARAMETER).unwrap_or_default().to_owned();
        Ok(Some(ServiceStack { digest, state }))
    }

    async fn failed_digest(&self, service: Service) -> Result<Option<String>, PortError> {
        let name = self.name(service);
        let reply = self.client.describe_stack_events().stack_name(&name).send().await;
        let reply = reply.map_err(|error| failed(format!("read the events of {name}"), error))?;
        // The newest come first, and all of one operation carry its token.
        let newest = reply.stack_events().first().and_then(|event| event.client_request_token());
        let digits = newest.and_then(|token| token.strip_prefix(TOKEN)?.split('-').next());
        Ok(digits.map(|digits| format!("sha256:{digits}")))
    }

    async fn roll(&self, service: Service, digest: &Digest) -> Result<(), PortError> {
        let name = self.name(service);
        let doing = || format!("change the image of {name}");
        let stack = self.describe(service).await?;
        let stack = stack.ok_or_else(|| PortError { doing: doing(), source: "the stack is gone".into() })?;
        let parameters = stack.parameters().iter().map(|parameter| {
            let key = parameter.parameter_key().unwrap_or_default();
            let built = Parameter::builder().parameter_key(key);
            match key {
                IMAGE_DIGEST_PARAMETER => built.parameter_value(digest.as_str()).build(),
                _ => built.use_previous_value(true).build(),
            }
        });
        let request = self.client.update_stack().stack_name(&name).use_previous_template(true);
        let request = request.set_parameters(Some(parameters.collect())).capabilities(Capability::CapabilityNamedIam);
        let request = request.set_role_arn(self.execution_role.clone());
        let sent = request.client_request_token(token(&stack, digest)).send().await;
        sent.map(drop).map_err(|error| failed(doing(), error))
    }
}

/// The same for the same change of the same state, another one for the same change later.
fn token(stack: &Stack, digest: &Digest) -> String {
    let digits = digest.as_str().trim_start_matches("sha256:");
    let last = stack.last_updated_time().or_else(|| stack.creation_time());
    let second = last.map_or(0, aws_sdk_cloudformation::primitives::DateTime::secs);
    format!("{TOKEN}{digits}-{second}")
}

fn parameter<'s>(stack: &'s Stack, name: &str) -> Option<&'s str> {
    let found = stack.parameters().iter().find(|parameter| parameter.parameter_key() == Some(name));
    found.and_then(Parameter::parameter_value)
}

fn state(status: Option<&StackStatus>) -> StackState {
    let Some(status) = status else { return StackState::Broken };
    match status {
        StackStatus::CreateComplete | StackStatus::UpdateComplete | StackStatus::ImportComplete => StackState::Settled,
        StackStatus::UpdateRollbackComplete => StackState::RolledBack,
        status if status.as_str().ends_with("_IN_PROGRESS") => StackState::Busy,
        _ => StackState::Broken,
    }
}

/// CloudFormation has no code of its own for a stack that does not exist.
fn is_missing<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("ValidationError") && error.message().is_some_and(|text| text.ends_with("does not exist"))
}

fn failed<E, R>(doing: String, error: SdkError<E, R>) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let said = error.code().map(|code| format!("{code}: {}", error.message().unwrap_or_default()));
    PortError { doing, source: said.map_or_else(|| Box::new(error).into(), Into::into) }
}
