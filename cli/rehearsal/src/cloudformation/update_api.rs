//! The operations that change a stack that is there, or end such a change.

use super::changes;
use super::definition::Definition;
use super::operation::Operation;
use super::operations::CloudFormation;
use super::policy::Policy;
use super::stack::{OnFailure, Phase, Stack};
use super::template::Template;
use super::terms::Terms;
use super::wire::{Form, QueryError, Xml};
use jiff::Timestamp;
use std::sync::Arc;

impl CloudFormation {
    pub(super) fn update_stack(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let name = form.required("StackName")?;
        let token = form.get("ClientRequestToken").map(str::to_owned);
        let stack = self.store.find(region, name, Stack::clone);
        let stack = stack.ok_or_else(|| QueryError::validation(format!("Stack [{name}] does not exist")))?;
        let is_same = |operation: &&Operation| operation.is_of("UPDATE", token.as_deref());
        if let Some(same) = stack.operations().into_iter().find(is_same) {
            return Ok(begun(&stack, same));
        }
        check_updatable(&stack)?;
        let previous = Definition::of(&stack);
        let (definition, template) = Definition::read(form, &stack.pseudo, Some(&previous))?;
        check_types(&stack, &template)?;
        let changes = changes::compute(&stack, &definition, &template);
        if stack.status.is_stable() && changes::is_empty(&stack, &definition, &template, &changes) {
            return Err(QueryError::validation("No updates are to be performed."));
        }
        let during = form.get("StackPolicyDuringUpdateBody").map(str::to_owned);
        let lasting = form.get("StackPolicyBody").map(str::to_owned);
        for policy in during.iter().chain(&lasting) {
            Policy::parse(policy)?;
        }
        let disable_rollback = form.flag("DisableRollback").unwrap_or(false);
        let id = stack.id().to_owned();
        let answer = self.store.change(&id, |stack| -> Result<Xml, QueryError> {
            // Somebody may have been quicker.
            check_updatable(stack)?;
            if lasting.is_some() {
                stack.policy = lasting;
            }
            stack.outdate_change_sets();
            stack.begin_update(definition, &template, disable_rollback, during, token);
            stack.operation.to_validate = form.flag("DisableValidation") != Some(true);
            stack.terms = Terms::of_change(form);
            Ok(begun(stack, &stack.operation))
        });
        let answer = answer.ok_or_else(|| QueryError::no_such_stack(name))??;
        self.launch(&id);
        Ok(answer)
    }

    pub(super) fn cancel_update_stack(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let id = self.stack_id(region, form)?;
        let token = form.get("ClientRequestToken").map(str::to_owned);
        self.turn(&id, |stack| {
            if stack.has_begun("ROLLBACK", token.as_deref()) {
                return Ok(false);
            }
            if stack.status != Phase::UpdateInProgress {
                return Err(QueryError::validation("CancelUpdateStack cannot be called from current stack status"));
            }
            let token = token.or_else(|| stack.operation.client_token.clone());
            stack.operation.end(true);
            stack.begin("ROLLBACK", token);
            stack.advance(Phase::UpdateRollbackInProgress, Some("User Initiated".to_owned()));
            Ok(true)
        })?;
        Ok(Xml::default())
    }

    pub(super) fn continue_update_rollback(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let id = self.stack_id(region, form)?;
        let token = form.get("ClientRequestToken").map(str::to_owned);
        let mut skipped = form.list("ResourcesToSkip");
        let is_forced = form.flag("ForceRollback") == Some(true);
        if is_forced && !skipped.is_empty() {
            return Err(QueryError::validation(
                "You can specify either ForceRollback or ResourcesToSkip, but not both.",
            ));
        }
        self.turn(&id, |stack| {
            if stack.has_begun("CONTINUE_ROLLBACK", token.as_deref()) {
                return Ok(false);
            }
            if stack.status != Phase::UpdateRollbackFailed {
                return Err(QueryError::validation(format!(
                    "Stack:{} is in {} state and can not continue rollback.",
                    stack.id(),
                    stack.status.as_str()
                )));
            }
            let failed = stack.failed_to_go_back();
            let wrong: Vec<&str> = skipped.iter().filter(|name| !failed.contains(*name)).map(String::as_str).collect();
            if !wrong.is_empty() {
                return Err(QueryError::validation(format!(
                    "The following resource(s) can not be skipped because they are not in the UPDATE_FAILED state: [{}]",
                    wrong.join(", ")
                )));
            }
            if is_forced {
                skipped.extend(failed);
            }
            stack.keep_role(form);
            stack.begin("CONTINUE_ROLLBACK", token);
            stack.advance(Phase::UpdateRollbackInProgress, Some("User Initiated".to_owned()));
            for name in &skipped {
                stack.skip(name);
            }
            Ok(true)
        })?;
        Ok(Xml::default())
    }

    /// Back to the last stable state; a stack that never had one is deleted.
    pub(super) fn rollback_stack(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let id = self.stack_id(region, form)?;
        let token = form.get("ClientRequestToken").map(str::to_owned);
        let mut answer = Xml::default();
        self.turn(&id, |stack| {
            let before = stack.operations().into_iter().find(|operation| operation.is_of("ROLLBACK", token.as_deref()));
            if let Some(same) = before {
                answer = begun(stack, same);
                return Ok(false);
            }
            if !matches!(stack.status, Phase::CreateFailed | Phase::UpdateFailed) {
                return Err(QueryError::validation(format!(
                    "Stack:{} is in {} state and can not be rolled back.",
                    stack.id(),
                    stack.status.as_str()
                )));
            }
            stack.keep_role(form);
            stack.begin("ROLLBACK", token);
            stack.terms = Terms::of_change(form);
            let can_go_back = stack.transition.as_ref().is_some_and(|transition| transition.before.is_some());
            if can_go_back {
                stack.advance(Phase::UpdateRollbackInProgress, Some("User Initiated".to_owned()));
            } else {
                stack.drop_transition();
                stack.advance(Phase::DeleteInProgress, Some("User Initiated".to_owned()));
            }
            answer = begun(stack, &stack.operation);
            Ok(true)
        })?;
        Ok(answer)
    }

    pub(super) fn set_stack_policy(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let id = self.stack_id(region, form)?;
        let policy = form.required("StackPolicyBody")?;
        Policy::parse(policy)?;
        self.store.change(&id, |stack| stack.policy = Some(policy.to_owned()));
        Ok(Xml::default())
    }

    pub(super) fn get_stack_policy(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let id = self.stack_id(region, form)?;
        let policy = self.store.read(&id, |stack| stack.policy.clone()).flatten();
        let mut xml = Xml::default();
        xml.optional("StackPolicyBody", policy);
        Ok(xml)
    }

    fn stack_id(&self, region: &str, form: &Form) -> Result<String, QueryError> {
        let name = form.required("StackName")?;
        let found = self.store.find(region, name, |stack| stack.id().to_owned());
        found.ok_or_else(|| QueryError::validation(format!("Stack [{name}] does not exist")))
    }

    /// Launches what the change began; false says that the same call began it before.
    fn turn(
        self: &Arc<Self>,
        id: &str,
        change: impl FnOnce(&mut Stack) -> Result<bool, QueryError>,
    ) -> Result<(), QueryError> {
        if self.store.change(id, change).ok_or_else(|| QueryError::no_such_stack(id))?? {
            self.launch(id);
        }
        Ok(())
    }
}

impl Stack {
    /// A stack keeps using the role that it was last given.
    pub(super) fn keep_role(&mut self, form: &Form) {
        if let Some(role) = form.get("RoleARN") {
            self.role_arn = Some(role.to_owned());
        }
    }

    /// Whether the same call, by its token, began an operation before.
    fn has_begun(&self, kind: &str, token: Option<&str>) -> bool {
        self.operations().into_iter().any(|operation| operation.is_of(kind, token))
    }

    pub(super) fn begin_update(
        &mut self,
        definition: Definition,
        template: &Template,
        disable_rollback: bool,
        policy: Option<String>,
        token: Option<String>,
    ) {
        self.begin_transition(definition, template, disable_rollback, policy);
        self.on_failure = if disable_rollback { OnFailure::DoNothing } else { OnFailure::Rollback };
        self.updated = Some(Timestamp::now());
        self.begin("UPDATE", token);
        self.advance(Phase::UpdateInProgress, Some("User Initiated".to_owned()));
    }
}

/// A failed creation may be mended only where rollback was disabled, which is when it rests in this state.
pub(super) fn check_updatable(stack: &Stack) -> Result<(), QueryError> {
    if stack.status.is_stable() || matches!(stack.status, Phase::UpdateFailed | Phase::CreateFailed) {
        return Ok(());
    }
    Err(QueryError::validation(format!(
        "Stack:{} is in {} state and can not be updated.",
        stack.id(),
        stack.status.as_str()
    )))
}

pub(super) fn check_types(stack: &Stack, template: &Template) -> Result<(), QueryError> {
    let other: Vec<&str> = template
        .resources
        .iter()
        .filter(|(name, declaration)| {
            let known = stack.resources.get(*name).filter(|record| record.physical_id.is_some());
            known.is_some_and(|record| record.resource_type != declaration.resource_type)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    if other.is_empty() {
        return Ok(());
    }
    Err(QueryError::validation(format!(
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]",
        other.join(", ")
    )))
}

fn begun(stack: &Stack, operation: &Operation) -> Xml {
    let mut xml = Xml::default();
    xml.element("StackId", stack.id()).element("OperationId", &operation.id);
    xml
}
