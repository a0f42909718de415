//! The operations by name.

use super::definition::Definition;
use super::describe;
use super::inputs;
use super::intrinsics::Pseudo;
use super::operations::CloudFormation;
use super::policy::Policy;
use super::stack::{OnFailure, Phase, Stack};
use super::terms::Terms;
use super::wire::{Form, QueryError, Xml};
use bytes::Bytes;
use http::Response;
use std::sync::Arc;
use std::time::Instant;

const MAXIMUM_NAME: usize = 128;
/// Operations that are throttled: who polls too often is told.
const READING: [&str; 3] = ["Describe", "Get", "List"];
/// Operations that say what a stack should be.
const DEFINING: [&str; 3] = ["CreateChangeSet", "CreateStack", "UpdateStack"];

impl CloudFormation {
    /// Answers one call; `body` is the form and `query` the URI's query string.
    pub async fn handle(self: &Arc<Self>, region: &str, request_id: &str, query: &str, body: &[u8]) -> Response<Bytes> {
        let mut form = Form::parse(body).with_query(query);
        let action = form.get("Action").unwrap_or_default().to_owned();
        match self.perform(region, &action, &mut form).await {
            Ok(xml) => xml.into_response(&action, request_id),
            Err(error) => error.into_response(request_id),
        }
    }

    async fn perform(self: &Arc<Self>, region: &str, action: &str, form: &mut Form) -> Result<Xml, QueryError> {
        if READING.iter().any(|prefix| action.starts_with(prefix)) {
            self.throttle.admit(region, action, self.clock.speed(), Instant::now())?;
        }
        inputs::check(form, action)?;
        self.fetch_documents(region, form).await?;
        form.looked_up = self.look_up(region, form).await?;
        if DEFINING.contains(&action) {
            form.exported = self.exported_values(region);
        }
        match action {
            "CreateChangeSet" => self.create_change_set(region, form).await,
            "DetectStackResourceDrift" => self.detect_stack_resource_drift(region, form).await,
            _ => self.dispatch(region, action, form),
        }
    }

    fn dispatch(self: &Arc<Self>, region: &str, action: &str, form: &Form) -> Result<Xml, QueryError> {
        match action {
            "CancelUpdateStack" => self.cancel_update_stack(region, form),
            "ContinueUpdateRollback" => self.continue_update_rollback(region, form),
            "CreateStack" => self.create_stack(region, form),
            "DeleteChangeSet" => self.delete_change_set(region, form),
            "DeleteStack" => self.delete_stack(region, form),
            "DescribeChangeSet" => self.describe_change_set(region, form),
            "DescribeEvents" => self.describe_events(region, form),
            "DescribeStackDriftDetectionStatus" => self.describe_drift_detection(region, form),
            "DescribeStackEvents" => describe::stack_events(&self.store, region, form),
            "DescribeStackResource" => describe::stack_resource(&self.store, region, form),
            "DescribeStackResourceDrifts" => self.describe_resource_drifts(region, form),
            "DescribeStackResources" => describe::stack_resources(&self.store, region, form),
            "DescribeStacks" => describe::stacks(&self.store, region, form),
            "ExecuteChangeSet" => self.execute_change_set(region, form),
            "GetStackPolicy" => self.get_stack_policy(region, form),
            "DetectStackDrift" => self.detect_stack_drift(region, form),
            "GetTemplate" => describe::template(&self.store, region, form),
            "GetTemplateSummary" => describe::template_summary(&self.store, region, form),
            "ListChangeSets" => self.list_change_sets(region, form),
            "ListExports" => self.list_exports(region, form),
            "ListImports" => self.list_imports(region, form),
            "ListStackResources" => describe::list_stack_resources(&self.store, region, form),
            "ListStacks" => describe::list_stacks(&self.store, region, form),
            "RollbackStack" => self.rollback_stack(region, form),
            "SetStackPolicy" => self.set_stack_policy(region, form),
            "UpdateStack" => self.update_stack(region, form),
            "UpdateTerminationProtection" => self.update_termination_protection(region, form),
            "ValidateTemplate" => describe::validate_template(region, form),
            "" => Err(QueryError::new("MissingAction", "Missing Action")),
            other => Err(QueryError::new(
                "InvalidAction",
                format!("{other} of CloudFormation is not there yet in the rehearsal cloud"),
            )),
        }
    }

    pub(super) fn new_pseudo(&self, region: &str, name: &str) -> Pseudo {
        Pseudo::of_new_stack(&self.account, region, name)
    }

    fn create_stack(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let name = form.required("StackName")?;
        check_name(name)?;
        let token = form.get("ClientRequestToken").map(str::to_owned);
        if let Some(answer) = self.created_before(region, name, token.as_deref())? {
            return Ok(answer);
        }
        let mut stack = Stack::new(self.new_pseudo(region, name), "CREATE");
        let (definition, template) = Definition::read(form, &stack.pseudo, None)?;
        if let Some(policy) = form.get("StackPolicyBody") {
            Policy::parse(policy)?;
            stack.policy = Some(policy.to_owned());
        }
        stack.termination_protection = form.flag("EnableTerminationProtection").unwrap_or(false);
        stack.begin_creation(definition, &template, on_failure(form)?, token.clone());
        stack.operation.to_validate = form.flag("DisableValidation") != Some(true);
        stack.terms = Terms::of_creation(form)?;
        let (id, operation) = (stack.id().to_owned(), stack.operation.id.clone());
        let inserted = self.store.insert(stack).map_err(|error| QueryError::internal(error.to_string()))?;
        if !inserted {
            // Somebody else was quicker.
            return match self.created_before(region, name, token.as_deref())? {
                Some(answer) => Ok(answer),
                None => Err(already_exists(name)),
            };
        }
        self.launch(&id);
        let mut xml = Xml::default();
        xml.element("StackId", id).element("OperationId", operation);
        Ok(xml)
    }

    /// The same token means the same call; another stack of the name is an error.
    fn created_before(&self, region: &str, name: &str, token: Option<&str>) -> Result<Option<Xml>, QueryError> {
        let found = self.store.find(region, name, |stack| {
            let same = stack.operations().into_iter().find(|operation| operation.is_of("CREATE", token));
            let operation = same.unwrap_or(&stack.operation).id.clone();
            (same.is_some(), stack.id().to_owned(), operation)
        });
        match found {
            None => Ok(None),
            Some((true, id, operation)) => {
                let mut xml = Xml::default();
                xml.element("StackId", id).element("OperationId", operation);
                Ok(Some(xml))
            }
            Some((false, ..)) => Err(already_exists(name)),
        }
    }

    fn delete_stack(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let name = form.required("StackName")?;
        let terms = Terms::of_deletion(form)?;
        let retained = form.list("RetainResources");
        let token = form.get("ClientRequestToken").map(str::to_owned);
        // A stack that does not exist, or not any more, is as good as deleted.
        let Some(id) = self.store.find(region, name, |stack| stack.id().to_owned()) else { return Ok(Xml::default()) };
        let in_use = self.refuse_deletion(&id);
        let launched = self.store.change(&id, |stack| -> Result<bool, QueryError> {
            if matches!(stack.status, Phase::DeleteComplete | Phase::DeleteInProgress) {
                return Ok(false);
            }
            if stack.termination_protection {
                return Err(QueryError::validation(format!(
                    "Stack [{}] cannot be deleted while TerminationProtection is enabled",
                    stack.name()
                )));
            }
            if !retained.is_empty() && stack.status != Phase::DeleteFailed {
                return Err(QueryError::validation(format!(
                    "Invalid operation on stack [{}]. When you delete a stack, specify which resources to retain only when \
                     the stack is in the DELETE_FAILED state.",
                    stack.id()
                )));
            }
            if let Some(unknown) = retained.iter().find(|id| !stack.resources.contains_key(*id)) {
                return Err(QueryError::validation(format!(
                    "The following resources to retain do not belong to the stack: [{unknown}]"
                )));
            }
            if terms.is_forced && stack.status != Phase::DeleteFailed {
                return Err(QueryError::validation(format!(
                    "Stack:{} is in {} state. FORCE_DELETE_STACK is only for stacks in the DELETE_FAILED state.",
                    stack.id(),
                    stack.status.as_str()
                )));
            }
            if in_use.is_some() {
                // The stack stays what it was, and says why.
                stack.advance(stack.status, in_use);
                return Ok(false);
            }
            stack.retained = retained;
            stack.keep_role(form);
            stack.outdate_change_sets();
            stack.begin("DELETE", token);
            stack.terms = terms;
            stack.advance(Phase::DeleteInProgress, Some("User Initiated".to_owned()));
            Ok(true)
        });
        if launched.transpose()?.unwrap_or(false) {
            self.launch(&id);
        }
        Ok(Xml::default())
    }

    fn update_termination_protection(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let name = form.required("StackName")?;
        let enabled = form.required("EnableTerminationProtection")?.eq_ignore_ascii_case("true");
        let id = self
            .store
            .find(region, name, |stack| stack.id().to_owned())
            .ok_or_else(|| QueryError::validation(format!("Stack [{name}] does not exist")))?;
        self.store.change(&id, |stack| stack.termination_protection = enabled);
        let mut xml = Xml::default();
        xml.element("StackId", id);
        Ok(xml)
    }
}

fn already_exists(name: &str) -> QueryError {
    QueryError::new("AlreadyExistsException", format!("Stack [{name}] already exists"))
}

pub(super) fn check_name(name: &str) -> Result<(), QueryError> {
    let mut characters = name.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_ascii_alphabetic());
    if !starts_well || !characters.all(|character| character.is_ascii_alphanumeric() || character == '-') {
        return Err(QueryError::validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )));
    }
    if MAXIMUM_NAME < name.len() {
        return Err(QueryError::validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must have \
             length less than or equal to {MAXIMUM_NAME}"
        )));
    }
    Ok(())
}

fn on_failure(form: &Form) -> Result<OnFailure, QueryError> {
    match (form.get("OnFailure"), form.flag("DisableRollback")) {
        (Some(_), Some(_)) => {
            Err(QueryError::validation("You can specify either DisableRollback or OnFailure, but not both."))
        }
        (Some("DO_NOTHING"), None) | (None, Some(true)) => Ok(OnFailure::DoNothing),
        (Some("DELETE"), None) => Ok(OnFailure::Delete),
        (Some("ROLLBACK"), None) | (None, None | Some(false)) => Ok(OnFailure::Rollback),
        (Some(other), None) => Err(QueryError::validation(format!(
            "1 validation error detected: Value '{other}' at 'onFailure' failed to satisfy constraint: Member must satisfy \
             enum value set: [ROLLBACK, DELETE, DO_NOTHING]"
        ))),
    }
}
