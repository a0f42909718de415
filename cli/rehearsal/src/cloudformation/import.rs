//! Taking resources that exist into a stack.
//!
//! Nothing is made and nothing is changed but the stack's tags: the service is told whose the resource is from now on. An
//! import that fails gives back what it has taken, and never deletes it. Events are worded as in
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-existing-stack.html>.

use super::create::{handler_message, prepare, request_for};
use super::definition::Definition;
use super::graph;
use super::operations::{CloudFormation, Interrupt};
use super::order::{self, AfterFailure, Outcome};
use super::schema;
use super::stack::{Phase, Stack};
use super::template::Template;
use super::transition::Change;
use crate::provision::{CreateRequest, ProvisionError, Provisioned, UpdateRequest};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The existing resource's physical id, by logical id.
pub(super) type Imports = BTreeMap<String, String>;

/// Runs an operation that imports and does nothing else.
pub(super) async fn import(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    let plan = cloud.store.read(id, |stack| {
        // It was parsed before it was stored.
        let template = Template::parse(&stack.template_body).ok()?;
        let dependencies = graph::dependencies(&template, &stack.conditions);
        Some((template, dependencies, stack.standing()))
    });
    let Some(Some((template, dependencies, standing))) = plan else { return };
    let (template, abandon) = (Arc::new(template), CancellationToken::new());
    let failed = order::work(&dependencies, standing, AfterFailure::Cancel, interrupt, &abandon, |name, _| {
        let (cloud, id, template) = (Arc::clone(cloud), id.to_owned(), Arc::clone(&template));
        async move {
            if is_due(&cloud, &id, &name) { bring_in(&cloud, &id, &name, &template).await } else { Outcome::Complete }
        }
    })
    .await;
    if interrupt.is_set() {
        return;
    }
    cloud.store.change(id, |stack| {
        if stack.status != Phase::ImportInProgress {
            return;
        }
        if failed {
            let failed = stack.resources.iter().filter(|(_, record)| record.status == Some(Phase::ImportFailed));
            let failed: Vec<&str> = failed.map(|(name, _)| name.as_str()).collect();
            let reason = format!("The following resource(s) failed to import: [{}]. ", failed.join(", "));
            stack.advance(Phase::ImportRollbackInProgress, Some(reason));
        } else {
            stack.settle_imports();
            stack.transition = None;
            stack.finish(Phase::ImportComplete, None);
        }
    });
    give_back(cloud, id).await;
}

/// Ends an import that failed: the resources stay where they are, without the stack's tags. One that does not let go of
/// them stays in the stack.
pub(super) async fn give_back(cloud: &CloudFormation, id: &str) {
    let plan = cloud.store.read(id, |stack| {
        let new = stack.resources.iter().filter(|(_, record)| matches!(record.change, Change::Created));
        let names: Vec<String> = new.map(|(name, _)| name.clone()).collect();
        (stack.status == Phase::ImportRollbackInProgress).then_some(names)
    });
    let Some(names) = plan.flatten() else { return };
    let mut failed = Vec::new();
    for name in names {
        let untagged = cloud.store.change(id, |stack| {
            let record = stack.resources.get(&name)?;
            record.physical_id.as_ref()?;
            let request = without_tags(cloud, stack, &name);
            stack.advance_resource(&name, Phase::ImportRollbackInProgress, None);
            Some(request)
        });
        let changed = match untagged.flatten() {
            // It was never taken.
            None => Ok(None),
            Some(None) => Ok(Some(())),
            Some(Some(request)) => {
                let resource_type = request.wanted.resource_type.clone();
                let changed = cloud.provisioner.update(request).await;
                changed.map(|_| Some(())).map_err(|error| handler_message(&resource_type, &error, "InvalidRequest"))
            }
        };
        cloud.store.change(id, |stack| match changed {
            Ok(taken) => {
                if taken.is_some() {
                    stack.advance_resource(&name, Phase::ImportRollbackComplete, None);
                }
                stack.forget(&name);
            }
            Err(reason) => {
                stack.advance_resource(&name, Phase::ImportRollbackFailed, Some(reason));
                failed.push(name);
            }
        });
    }
    cloud.store.change(id, |stack| {
        if let Some(before) = stack.transition.take().and_then(|transition| transition.before) {
            stack.adopt(before);
        }
        if failed.is_empty() {
            return stack.finish(Phase::ImportRollbackComplete, None);
        }
        let reason = format!("The following resource(s) failed to roll back: [{}]. ", failed.join(", "));
        stack.finish(Phase::ImportRollbackFailed, Some(reason));
    });
}

/// The change that takes the stack's tags away again, if it has come to giving them.
fn without_tags(cloud: &CloudFormation, stack: &Stack, name: &str) -> Option<UpdateRequest> {
    let record = stack.resources.get(name)?;
    let was_tagged = matches!(record.status, Some(Phase::UpdateComplete | Phase::UpdateFailed));
    if record.tags.is_empty() || !was_tagged || schema::is_built_in(&record.resource_type) {
        return None;
    }
    let tagged = request_for(cloud, stack, name, record);
    Some(UpdateRequest {
        physical_id: record.physical_id.clone()?,
        attributes: record.attributes.clone(),
        before: tagged.properties.clone(),
        wanted: CreateRequest { properties: record.properties.clone(), ..tagged },
    })
}

/// Whether the resource is taken in instead of made, and not wholly yet.
pub(super) fn is_due(cloud: &CloudFormation, id: &str, name: &str) -> bool {
    let is_due = cloud.store.read(id, |stack| {
        let record = stack.resources.get(name)?;
        let is_open = matches!(record.status, None | Some(Phase::ImportInProgress | Phase::UpdateInProgress));
        Some(record.import.is_some() && is_open)
    });
    is_due.flatten() == Some(true)
}

pub(super) async fn bring_in(cloud: &CloudFormation, id: &str, name: &str, template: &Template) -> Outcome {
    let fail = |status, reason| {
        cloud.store.change(id, |stack| stack.advance_resource(name, status, Some(reason)));
        Outcome::Failed
    };
    cloud.store.change(id, |stack| {
        let record = stack.resources.get(name);
        if record.is_some_and(|record| record.status.is_none()) {
            let generation = stack.fresh_generation(name);
            if let Some(record) = stack.resources.get_mut(name) {
                record.generation = generation;
            }
            stack.advance_resource(name, Phase::ImportInProgress, Some("Resource import started.".to_owned()));
        }
    });
    let request = match prepare(cloud, id, name, template) {
        Ok(request) => request,
        Err(reason) => return fail(Phase::ImportFailed, reason),
    };
    let known = cloud.store.read(id, |stack| {
        let record = stack.resources.get(name)?;
        Some(Provisioned { physical_id: record.physical_id.clone()?, attributes: record.attributes.clone() })
    });
    let adopted = match known.flatten() {
        Some(known) => known,
        None => match adopt(cloud, id, name, request.clone()).await {
            Ok(adopted) => {
                cloud.store.change(id, |stack| stack.note_adoption(name, &adopted));
                adopted
            }
            Err(error) => {
                return fail(Phase::ImportFailed, handler_message(&request.resource_type, &error, "NotFound"));
            }
        },
    };
    match put_tags(cloud, id, request, adopted).await {
        Ok(()) => {
            let reason = Some("Stack-level tags applied to imported resource.".to_owned());
            cloud.store.change(id, |stack| stack.advance_resource(name, Phase::UpdateComplete, reason));
            Outcome::Complete
        }
        Err((resource_type, error)) => {
            fail(Phase::UpdateFailed, handler_message(&resource_type, &error, "InvalidRequest"))
        }
    }
}

/// The resource must be the one that was asked for, and nobody else's.
async fn adopt(
    cloud: &CloudFormation,
    id: &str,
    name: &str,
    request: CreateRequest,
) -> Result<Provisioned, ProvisionError> {
    let wanted = cloud.store.read(id, |stack| stack.resources.get(name)?.import.clone()).flatten();
    let wanted = wanted.unwrap_or_default();
    if let Some(stack) = cloud.owner_of(&request.region, &request.resource_type, &wanted).filter(|stack| stack != id) {
        let message = format!("{wanted} already exists in stack {stack}");
        return Err(ProvisionError::Refused { message });
    }
    match cloud.provisioner.find(&request).await? {
        Some(found) if found == wanted => cloud.provisioner.adopt(request).await,
        _ => {
            let message =
                format!("Resource of type '{}' with identifier '{wanted}' was not found.", request.resource_type);
            Err(ProvisionError::Refused { message })
        }
    }
}

async fn put_tags(
    cloud: &CloudFormation,
    id: &str,
    wanted: CreateRequest,
    adopted: Provisioned,
) -> Result<(), (String, ProvisionError)> {
    let logical_id = wanted.logical_id.clone();
    let tagged = cloud.store.read(id, |stack| {
        let record = stack.resources.get(&logical_id)?;
        (!record.tags.is_empty()).then(|| record.properties.clone())
    });
    let Some(before) = tagged.flatten().filter(|_| !schema::is_built_in(&wanted.resource_type)) else { return Ok(()) };
    let resource_type = wanted.resource_type.clone();
    let Provisioned { physical_id, attributes } = adopted;
    let changed = cloud.provisioner.update(UpdateRequest { wanted, physical_id, attributes, before }).await;
    changed.map(drop).map_err(|error| (resource_type, error))
}

impl CloudFormation {
    /// The stack that a physical resource belongs to.
    pub(super) fn owner_of(&self, region: &str, resource_type: &str, physical_id: &str) -> Option<String> {
        let owners = self.store.all(|stack| {
            let is_its = stack.resources.values().any(|record| {
                record.resource_type == resource_type
                    && record.physical_id.as_deref() == Some(physical_id)
                    && !matches!(record.status, Some(Phase::DeleteComplete | Phase::DeleteSkipped))
            });
            (is_its && stack.pseudo.region == region).then(|| stack.id().to_owned())
        });
        owners.into_iter().next()
    }
}

impl Stack {
    pub(super) fn begin_import(&mut self, definition: Definition, template: &Template, token: Option<String>) {
        let kind = if self.status == Phase::ReviewInProgress { "CREATE" } else { "UPDATE" };
        self.begin_transition(definition, template, false, None);
        self.begin(kind, token);
        self.advance(Phase::ImportInProgress, Some("User Initiated".to_owned()));
    }

    /// Resources that the running operation takes in instead of making them.
    pub(super) fn note_imports(&mut self, imports: &Imports) {
        for (name, physical_id) in imports {
            if let Some(record) = self.resources.get_mut(name) {
                record.import = Some(physical_id.clone());
            }
        }
    }

    fn note_adoption(&mut self, name: &str, adopted: &Provisioned) {
        if let Some(record) = self.resources.get_mut(name) {
            record.physical_id = Some(adopted.physical_id.clone());
            record.attributes.clone_from(&adopted.attributes);
        }
        self.advance_resource(name, Phase::ImportComplete, Some("Resource import completed.".to_owned()));
        let reason = "Apply stack-level tags to imported resource if applicable.";
        self.advance_resource(name, Phase::UpdateInProgress, Some(reason.to_owned()));
    }

    /// From here on what was taken in is the stack's like anything else.
    pub(super) fn settle_imports(&mut self) {
        for record in self.resources.values_mut() {
            if record.import.take().is_some() {
                record.change = Change::None;
            }
        }
    }
}
