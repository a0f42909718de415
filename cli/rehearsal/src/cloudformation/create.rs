//! Creating a stack's resources, and rolling back when one fails.
//!
//! Everything is a function of the stored state: a supervisor that starts again in the middle goes on from there.

use super::graph::{self, Dependencies};
use super::intrinsics::{ResolveError, Scope};
use super::operations::{CloudFormation, Interrupt};
use super::order::{self, AfterFailure, Outcome};
use super::resume::{Standing, take_hold};
use super::stack::{OnFailure, Phase, ResourceRecord, Stack, StackOutput};
use super::template::Template;
use super::{delete, import, quotas, schema, tags, triggers};
use crate::provision::{CreateRequest, ProvisionError, Provisioned};
use crate::timings;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const CANCELLED: &str = "Resource creation cancelled";
const GONE: &str = "The stack is gone";

pub(super) async fn create(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    let Some((template, dependencies, standing, after_failure)) = plan(cloud, id) else { return };
    let template = Arc::new(template);
    if let Err(reason) = cloud.import_values(id, &template) {
        return fail(cloud, id, Some(reason), interrupt).await;
    }
    let abandon = CancellationToken::new();
    let work = order::work(&dependencies, standing, after_failure, interrupt, &abandon, |name, needed| {
        let (cloud, id, template) = (Arc::clone(cloud), id.to_owned(), Arc::clone(&template));
        let (interrupt, abandon) = (interrupt.clone(), abandon.clone());
        async move { make(&cloud, &id, &name, &needed, &template, &interrupt, &abandon).await }
    });
    let names = dependencies.keys().cloned().collect();
    let (failed, reason) = triggers::guard(cloud, id, names, (interrupt, &abandon), work).await;
    if interrupt.is_set() {
        return;
    }
    if failed {
        fail(cloud, id, reason, interrupt).await
    } else {
        complete_stack(cloud, id, &template, interrupt).await
    }
}

/// Removes what was made, after a failed creation.
pub(super) async fn roll_back(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    take_hold(cloud, id).await;
    let mode = cloud.store.read(id, |stack| stack.terms.retain_except_on_create);
    let mode = if mode == Some(true) { delete::Mode::RollbackOfAll } else { delete::Mode::Rollback };
    let Some(failed) = delete::remove_resources(cloud, id, mode, interrupt).await else { return };
    let (status, reason) = delete::ending(failed, Phase::RollbackComplete, Phase::RollbackFailed);
    cloud.store.change(id, |stack| {
        if stack.status == Phase::RollbackInProgress {
            stack.finish(status, reason);
        }
    });
}

fn plan(cloud: &CloudFormation, id: &str) -> Option<(Template, Dependencies, Standing, AfterFailure)> {
    cloud.store.read(id, |stack| {
        // It was parsed before it was stored.
        let template = Template::parse(&stack.template_body).ok()?;
        let dependencies = graph::dependencies(&template, &stack.conditions);
        Some((template, dependencies, stack.standing(), after_failure(stack)))
    })?
}

pub(super) fn after_failure(stack: &Stack) -> AfterFailure {
    match stack.on_failure {
        OnFailure::DoNothing => AfterFailure::GoOn,
        OnFailure::Rollback | OnFailure::Delete => AfterFailure::Cancel,
    }
}

pub(super) fn scope<'a>(stack: &'a Stack, template: &'a Template) -> Scope<'a> {
    Scope {
        pseudo: &stack.pseudo,
        parameters: &stack.values,
        mappings: &template.mappings,
        conditions: &stack.conditions,
        resources: &stack.resources,
        imports: &stack.imports,
    }
}

pub(super) async fn make(
    cloud: &CloudFormation,
    id: &str,
    name: &str,
    needed: &BTreeSet<String>,
    template: &Template,
    interrupt: &Interrupt,
    abandon: &CancellationToken,
) -> Outcome {
    let change = |status, reason| cloud.store.change(id, |stack| stack.advance_resource(name, status, reason));
    if import::is_due(cloud, id, name) {
        return import::bring_in(cloud, id, name, template).await;
    }
    // A supervisor before this one may have come as far as making it.
    let begun = cloud.store.change(id, |stack| {
        let record = stack.resources.get(name)?;
        let existing = record.physical_id.clone().map(|physical_id| {
            let attributes = record.attributes.clone();
            Provisioned { physical_id, attributes }
        });
        let status = record.status;
        if existing.is_none() && status != Some(Phase::CreateInProgress) {
            let generation = status.is_none().then(|| stack.fresh_generation(name));
            if let (Some(record), Some(generation)) = (stack.resources.get_mut(name), generation) {
                record.generation = generation;
            }
            stack.advance_resource(name, Phase::CreateInProgress, None);
        }
        Some((existing, prepare_within(cloud, stack, name, template)))
    });
    let Some((existing, prepared)) = begun.flatten() else { return Outcome::Failed };
    let request = match prepared {
        Ok(request) => request,
        Err(reason) => {
            change(Phase::CreateFailed, Some(reason));
            return Outcome::Failed;
        }
    };
    let provisioned = match existing {
        Some(provisioned) => provisioned,
        None => match provision_within_quota(cloud, &request).await {
            Ok(provisioned) => {
                cloud.store.change(id, |stack| {
                    if let Some(record) = stack.resources.get_mut(name) {
                        record.physical_id = Some(provisioned.physical_id.clone());
                        record.attributes.clone_from(&provisioned.attributes);
                    }
                    let reason = Some("Resource creation Initiated".to_owned());
                    stack.advance_resource(name, Phase::CreateInProgress, reason);
                });
                provisioned
            }
            Err(error) => {
                change(Phase::CreateFailed, Some(handler_message(&request.resource_type, &error, "InvalidRequest")));
                return Outcome::Failed;
            }
        },
    };
    cloud.store.change(id, |stack| stack.note_configured(name));
    let patience = cloud.store.read(id, |stack| stack.patience(needed)).flatten();
    let stable = tokio::select! {
        biased;
        () = interrupt.shutdown.cancelled() => return Outcome::Left,
        () = interrupt.cancelled.cancelled() => None,
        () = abandon.cancelled() => None,
        stable = stabilise(cloud, &request, &provisioned, needed, patience) => Some(stable),
    };
    match stable {
        Some(Ok(())) => {
            cloud.store.change(id, |stack| {
                stack.advance_resource(name, Phase::CreateComplete, None);
                stack.note_all_configured();
            });
            Outcome::Complete
        }
        Some(Err(Unstable::Refused(error))) => {
            change(Phase::CreateFailed, Some(handler_message(&request.resource_type, &error, "NotStabilized")));
            Outcome::Failed
        }
        Some(Err(Unstable::Late)) => {
            cloud.store.change(id, |stack| {
                stack.terms.timed_out = true;
                stack.advance_resource(name, Phase::CreateFailed, Some(CANCELLED.to_owned()));
            });
            Outcome::Failed
        }
        None => {
            change(Phase::CreateFailed, Some(CANCELLED.to_owned()));
            Outcome::Cancelled
        }
    }
}

/// Why a resource does not become stable.
enum Unstable {
    Refused(ProvisionError),
    /// The stack's time has run out.
    Late,
}

async fn stabilise(
    cloud: &CloudFormation,
    request: &CreateRequest,
    provisioned: &Provisioned,
    needed: &BTreeSet<String>,
    patience: Option<Duration>,
) -> Result<(), Unstable> {
    let (id, name) = (request.stack_id.as_str(), request.logical_id.as_str());
    let waiting = Duration::from_secs(timings::of(&request.resource_type).create_seconds.into());
    cloud.wait(id, name, needed, patience.map_or(waiting, |patience| patience.min(waiting))).await;
    if patience.is_some_and(|patience| patience < waiting) {
        return Err(Unstable::Late);
    }
    if schema::is_built_in(&request.resource_type) {
        return Ok(());
    }
    let late = async {
        match patience {
            Some(patience) => cloud.clock.wait(patience.saturating_sub(waiting)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        stable = cloud.provisioner.stabilise(request, provisioned) => stable.map_err(Unstable::Refused),
        () = late => Err(Unstable::Late),
    }
}

/// Resolves the properties and lets the schema judge them.
pub(super) fn prepare(
    cloud: &CloudFormation,
    id: &str,
    name: &str,
    template: &Template,
) -> Result<CreateRequest, String> {
    let prepared = cloud.store.change(id, |stack| prepare_within(cloud, stack, name, template));
    prepared.ok_or_else(|| GONE.to_owned())?
}

fn prepare_within(
    cloud: &CloudFormation,
    stack: &mut Stack,
    name: &str,
    template: &Template,
) -> Result<CreateRequest, String> {
    let gone = || GONE.to_owned();
    let declaration = template.resources.get(name).ok_or_else(gone)?;
    let properties: Result<Map<String, Value>, ResolveError> =
        scope(stack, template).resolve_fields(&declaration.properties);
    let properties = properties.map_err(|error| error.to_string())?;
    let tags = tags::taken(&declaration.resource_type, &stack.tags);
    let record = stack.resources.get_mut(name).ok_or_else(gone)?;
    record.properties.clone_from(&properties);
    record.tags = tags;
    match schema::refusal(name, &declaration.resource_type, &properties) {
        Some(reason) => Err(reason),
        None => stack.resources.get(name).map(|record| request_for(cloud, stack, name, record)).ok_or_else(gone),
    }
}

/// For the resource as it stands in the record.
pub(super) fn request_for(cloud: &CloudFormation, stack: &Stack, name: &str, record: &ResourceRecord) -> CreateRequest {
    CreateRequest {
        account: cloud.account.clone(),
        region: stack.pseudo.region.clone(),
        stack_name: stack.name().to_owned(),
        stack_id: stack.id().to_owned(),
        logical_id: name.to_owned(),
        resource_type: record.resource_type.clone(),
        generation: record.generation,
        properties: tags::tagged(&record.resource_type, &record.properties, &record.tags),
    }
}

async fn provision_within_quota(
    cloud: &CloudFormation,
    request: &CreateRequest,
) -> Result<Provisioned, ProvisionError> {
    quotas::check(cloud, request)?;
    provision(cloud, request).await
}

pub(super) async fn provision(cloud: &CloudFormation, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    if schema::is_built_in(&request.resource_type) {
        let physical_id = uuid::Uuid::new_v4().to_string();
        return Ok(Provisioned { physical_id, attributes: std::collections::BTreeMap::new() });
    }
    cloud.provisioner.create(request.clone()).await
}

async fn complete_stack(cloud: &Arc<CloudFormation>, id: &str, template: &Template, interrupt: &Interrupt) {
    let outputs = cloud.store.read(id, |stack| outputs(stack, template).map_err(|error| error.to_string()));
    let outputs = outputs.map(|outputs| match outputs {
        Ok(outputs) => cloud.refuse_outputs(id, &outputs).map_or(Ok(outputs), Err),
        refused => refused,
    });
    match outputs {
        None => {}
        Some(Ok(outputs)) => {
            cloud.store.change(id, |stack| {
                // Somebody may have asked for its deletion meanwhile.
                if stack.status != Phase::CreateInProgress {
                    return;
                }
                stack.outputs = outputs;
                stack.settle_imports();
                stack.finish(Phase::CreateComplete, None);
            });
        }
        Some(Err(reason)) => fail(cloud, id, Some(reason), interrupt).await,
    }
}

pub(super) fn outputs(stack: &Stack, template: &Template) -> Result<Vec<StackOutput>, ResolveError> {
    let scope = scope(stack, template);
    let text = |key: &str, value: &Value| match scope.resolve(value)? {
        Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
            Ok(super::parameters::scalar_text(&value))
        }
        _ => Err(ResolveError::new(format!(
            "Template format error: The Value field of every Outputs member must evaluate to a String ({key})."
        ))),
    };
    let mut outputs = Vec::new();
    for (key, declaration) in &template.outputs {
        let wanted = declaration.condition.as_ref().is_none_or(|name| stack.conditions.get(name) == Some(&true));
        if wanted {
            outputs.push(StackOutput {
                key: key.clone(),
                value: text(key, &declaration.value)?,
                description: declaration.description.clone(),
                export_name: declaration.export.as_ref().map(|name| text(key, name)).transpose()?,
            });
        }
    }
    Ok(outputs)
}

/// Does what the caller wanted to happen after a failure.
async fn fail(cloud: &Arc<CloudFormation>, id: &str, own_reason: Option<String>, interrupt: &Interrupt) {
    let next = cloud.store.change(id, |stack| {
        if stack.status != Phase::CreateInProgress {
            return OnFailure::DoNothing;
        }
        let failed: Vec<&str> = stack
            .resources
            .iter()
            .filter(|(_, record)| record.status == Some(Phase::CreateFailed))
            .map(|(name, _)| name.as_str())
            .collect();
        let late = stack.terms.timed_out.then(|| "Stack creation time exceeded the specified timeout.".to_owned());
        let what = own_reason
            .or(late)
            .unwrap_or_else(|| format!("The following resource(s) failed to create: [{}].", failed.join(", ")));
        match stack.on_failure {
            OnFailure::DoNothing => stack.finish(Phase::CreateFailed, Some(format!("{what} "))),
            OnFailure::Rollback => {
                stack.advance(Phase::RollbackInProgress, Some(format!("{what} Rollback requested by user.")));
            }
            OnFailure::Delete => {
                stack.advance(Phase::DeleteInProgress, Some(format!("{what} Delete requested by user.")));
            }
        }
        stack.on_failure
    });
    match next {
        Some(OnFailure::Rollback) => roll_back(cloud, id, interrupt).await,
        Some(OnFailure::Delete) => delete::delete(cloud, id, interrupt).await,
        Some(OnFailure::DoNothing) | None => {}
    }
}

/// As resource handlers' errors appear in events.
pub(super) fn handler_message(resource_type: &str, error: &ProvisionError, code: &str) -> String {
    let token = uuid::Uuid::new_v4();
    match error {
        ProvisionError::AlreadyExists { identifier } => format!(
            "Resource handler returned message: \"Resource of type '{resource_type}' with identifier '{identifier}' already \
             exists.\" (RequestToken: {token}, HandlerErrorCode: AlreadyExists)"
        ),
        ProvisionError::QuotaExceeded { message } => format!(
            "Resource handler returned message: \"{message}\" (RequestToken: {token}, HandlerErrorCode: \
             ServiceLimitExceeded)"
        ),
        ProvisionError::Refused { message } => {
            format!(
                "Resource handler returned message: \"{message}\" (RequestToken: {token}, HandlerErrorCode: {code})"
            )
        }
    }
}
