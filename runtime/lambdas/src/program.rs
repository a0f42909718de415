//! The program that Lambda starts: reads its environment, then answers invocations until Lambda ends it.

use crate::cloudformation::Stacks;
use crate::counters::{EnvironmentSecrets, Partners};
use crate::environment::{EnvironmentError, FunctionEnvironment};
use crate::image::Digest;
use crate::invocation::{Ports, invoke};
use crate::rollout::{PortError, WantedImage};
use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region};
use como_adapters::aws::AwsClients;
use como_adapters::http::{self, HttpClientError};
use como_adapters::secrets_manager::SecretsManager;
use como_adapters::settings::{ConfigurationRow, ConfigurationSource, ConfigurationStore};
use como_contract::configuration::{DIGEST, WANTED_IMAGE};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::error::Error;
use thiserror::Error;
use tracing::error;

#[derive(Debug, Error)]
pub enum RunError {
    #[error("cannot use the function's environment")]
    Environment(#[from] EnvironmentError),
    #[error("cannot talk to anybody")]
    HttpClient(#[from] HttpClientError),
    #[error("cannot go on answering invocations")]
    Runtime(#[source] lambda_runtime::Error),
}

/// Answers invocations of the function that `_HANDLER` names, until the process is ended.
///
/// # Errors
/// When the environment is at fault or Lambda cannot be reached.
pub async fn run() -> Result<(), RunError> {
    // A subscriber that is there already stays.
    let _already_there = tracing_subscriber::fmt().json().with_target(false).try_init();
    let environment = FunctionEnvironment::read(|name| std::env::var(name).ok())?;
    let config = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(environment.region.clone()));
    let config = config.load().await;
    let aws = AwsClients::from_config(&config);
    let data_environment = environment.data_environment.as_str();
    let http = http::client()?;
    let manager = SecretsManager::new(aws.signed(http.clone()));
    let secrets = EnvironmentSecrets { manager, environment: data_environment.to_owned() };
    let counter = Partners { source: aws.configuration_table(data_environment), http };
    let table = aws.configuration_table(data_environment);
    let stacks = Stacks {
        client: aws_sdk_cloudformation::Client::new(&config),
        environment: environment.environment.clone(),
        execution_role: environment.execution_role.clone(),
    };
    let wanted = WantedRow { table };
    let (environment, wanted, stacks) = (&environment, &wanted, &stacks);
    let (counter, secrets) = (&counter, &secrets);
    let handler = service_fn(async move |event: LambdaEvent<Value>| {
        let answered = invoke(environment, Ports { wanted, stacks, counter, secrets }, event.payload).await;
        answered.map_err(|failure| {
            let name = environment.function.handler();
            error!(function.name = name, function.failure = %failure, "{name} failed");
            Diagnostic { error_type: failure.kind().to_owned(), error_message: failure.to_string() }
        })
    });
    lambda_runtime::run(handler).await.map_err(RunError::Runtime)
}

/// The row of the configuration table that names the wanted image.
struct WantedRow<T> {
    table: T,
}

#[async_trait]
impl<T: ConfigurationSource + ConfigurationStore> WantedImage for WantedRow<T> {
    async fn get(&self) -> Result<Option<Digest>, PortError> {
        let row = self.table.row(WANTED_IMAGE).await.map_err(|error| failed("read", error))?;
        row.map(|row| digest(&row)).transpose()
    }

    async fn set(&self, digest: &Digest) -> Result<(), PortError> {
        let document = json!({ DIGEST: digest }).to_string();
        self.table.put(WANTED_IMAGE, &document).await.map_err(|error| failed("write", error))
    }
}

fn digest(row: &ConfigurationRow) -> Result<Digest, PortError> {
    let document: Value = serde_json::from_str(&row.document).map_err(|error| failed("read", error))?;
    serde_json::from_value(document[DIGEST].clone()).map_err(|error| failed("read", error))
}

fn failed(verb: &str, source: impl Error + Send + Sync + 'static) -> PortError {
    PortError { doing: format!("{verb} the row {WANTED_IMAGE}"), source: Box::new(source) }
}
