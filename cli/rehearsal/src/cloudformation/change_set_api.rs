//! The operations on change sets.

use super::api::check_name;
use super::change_set::{ChangeSet, Execution, Kind};
use super::changes;
use super::definition::Definition;
use super::exports;
use super::graph;
use super::import::Imports;
use super::import_api::check_importable;
use super::intrinsics::Pseudo;
use super::operations::CloudFormation;
use super::stack::{OnFailure, Phase, ResourceRecord, Stack};
use super::template::Template;
use super::terms::Terms;
use super::update_api::{check_types, check_updatable};
use super::wire::{Form, QueryError, Xml};
use http::StatusCode;
use jiff::Timestamp;
use std::sync::Arc;

const NO_CHANGES: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";
const NO_UPDATES: &str = "No updates are to be performed.";

impl CloudFormation {
    pub(super) async fn create_change_set(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let (stack_name, name) = (form.required("StackName")?, form.required("ChangeSetName")?);
        // `IncludeNestedStacks` asks for nothing: no template here has a stack as a resource.
        let kind = match form.get("ChangeSetType") {
            None | Some("UPDATE") => Kind::Update,
            Some("CREATE") => Kind::Create,
            Some("IMPORT") => Kind::Import,
            Some(other) => {
                return Err(QueryError::validation(format!(
                    "1 validation error detected: Value '{other}' at 'changeSetType' failed to satisfy constraint: Member \
                     must satisfy enum value set: [CREATE, UPDATE, IMPORT]"
                )));
            }
        };
        let known = self.store.find(region, stack_name, Stack::clone);
        let stack = match (kind, known) {
            (Kind::Update, None) => {
                return Err(QueryError::validation(format!("Stack [{stack_name}] does not exist")));
            }
            (Kind::Create, Some(stack)) if stack.status != Phase::ReviewInProgress => {
                return Err(QueryError::validation(format!(
                    "Stack [{}] already exists and cannot be created again with the changeSet [{name}].",
                    stack.name()
                )));
            }
            (Kind::Update, Some(stack)) => {
                check_updatable(&stack)?;
                stack
            }
            (Kind::Import, Some(stack)) => {
                check_importable(&stack)?;
                stack
            }
            (Kind::Create, Some(stack)) => stack,
            (Kind::Create | Kind::Import, None) => self.stack_under_review(region, stack_name)?,
        };
        if let Some(same) = find(&stack, name) {
            let token = form.get("ClientToken");
            if token.is_some() && same.client_token.as_deref() == token {
                return Ok(created(&same.id, stack.id()));
            }
            return Err(QueryError::new("AlreadyExistsException", format!("ChangeSet {name} already exists")));
        }
        let previous = (stack.status != Phase::ReviewInProgress).then(|| Definition::of(&stack));
        let (definition, template) = Definition::read(form, &stack.pseudo, previous.as_ref())?;
        check_types(&stack, &template)?;
        let mut set = self.change_set(form, kind, &stack, definition, &template)?;
        self.note_imports(form, &stack, &template, &mut set).await?;
        let findings = match form.flag("DisableValidation") {
            Some(true) => Vec::new(),
            _ => self.validate_change_set(&stack, &template, &mut set).await,
        };
        let (id, stack_id) = (set.id.clone(), stack.id().to_owned());
        if self.store.find(region, &stack_id, |_| ()).is_none() {
            let inserted = self.store.insert(stack).map_err(|error| QueryError::internal(error.to_string()))?;
            if !inserted {
                let message = format!("Stack [{stack_name}] already exists");
                return Err(QueryError::new("AlreadyExistsException", message));
            }
        }
        self.store.change(&stack_id, |stack| {
            stack.note_change_set(&set, findings);
            stack.change_sets.insert(id.clone(), set);
        });
        Ok(created(&id, &stack_id))
    }

    /// An empty stack that exists only for its change sets.
    fn stack_under_review(&self, region: &str, name: &str) -> Result<Stack, QueryError> {
        check_name(name)?;
        let mut stack = Stack::new(self.new_pseudo(region, name), "CREATE");
        stack.advance(Phase::ReviewInProgress, Some("User Initiated".to_owned()));
        Ok(stack)
    }

    fn change_set(
        &self,
        form: &Form,
        kind: Kind,
        stack: &Stack,
        definition: Definition,
        template: &Template,
    ) -> Result<ChangeSet, QueryError> {
        let name = form.required("ChangeSetName")?;
        let changes = changes::compute(stack, &definition, template);
        let is_empty = kind == Kind::Update && changes::is_empty(stack, &definition, template, &changes);
        let imported = exports::named(template, &definition, &stack.pseudo)?;
        let missing = imported.iter().find(|name| !definition.imports.contains_key(*name));
        let missing = missing.map(|name| format!("No export named {name} found."));
        let unchanged = is_empty.then(|| {
            let is_same = definition.template_body == stack.template_body;
            if is_same { NO_CHANGES } else { NO_UPDATES }.to_owned()
        });
        let failure = missing.or(unchanged);
        let unique = uuid::Uuid::new_v4();
        Ok(ChangeSet {
            id: format!(
                "arn:aws:cloudformation:{}:{}:changeSet/{name}/{unique}",
                stack.pseudo.region, stack.pseudo.account
            ),
            name: name.to_owned(),
            description: form.get("Description").map(str::to_owned),
            created: Timestamp::now(),
            kind,
            execution: if failure.is_some() { Execution::Unavailable } else { Execution::Available },
            failure,
            definition,
            on_failure: on_failure(form, kind)?,
            client_token: form.get("ClientToken").map(str::to_owned),
            changes,
            imports: Imports::new(),
            imports_existing: form.flag("ImportExistingResources") == Some(true),
        })
    }

    pub(super) fn execute_change_set(self: &Arc<Self>, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let (stack_id, id) = self.locate_change_set(region, form)?;
        let token = form.get("ClientRequestToken").map(str::to_owned);
        let disable_rollback = form.flag("DisableRollback");
        let launched = self.store.change(&stack_id, |stack| -> Result<bool, QueryError> {
            let Some(set) = stack.change_sets.get(&id).cloned() else { return Err(not_found(&id)) };
            if set.execution == Execution::InProgress && token.is_some() && stack.operation.client_token == token {
                return Ok(false);
            }
            if set.execution != Execution::Available {
                let message = format!(
                    "ChangeSet [{id}] cannot be executed in its current execution status of [{}]",
                    set.execution.as_str()
                );
                return Err(QueryError::new("InvalidChangeSetStatus", message));
            }
            if set.on_failure.is_some() && disable_rollback.is_some() {
                return Err(QueryError::validation(
                    "You can specify either DisableRollback or OnStackFailure, but not both.",
                ));
            }
            if set.kind == Kind::Import && disable_rollback == Some(true) {
                return Err(not_there("DisableRollback for an import", "ExecuteChangeSet"));
            }
            let template = Template::parse(&set.definition.template_body)?;
            let on_failure = match (disable_rollback, set.on_failure) {
                (Some(true), _) => OnFailure::DoNothing,
                (_, chosen) => chosen.unwrap_or(OnFailure::Rollback),
            };
            let definition = set.definition.clone();
            stack.terms = Terms::of_change(form);
            match set.kind {
                Kind::Create => stack.begin_creation(definition, &template, on_failure, token),
                Kind::Update => {
                    check_updatable(stack)?;
                    stack.begin_update(definition, &template, on_failure == OnFailure::DoNothing, None, token);
                }
                Kind::Import => {
                    check_importable(stack)?;
                    stack.begin_import(definition, &template, token);
                }
            }
            stack.note_imports(&set.imports);
            // The others were computed against a stack that is no more.
            stack.change_sets.retain(|other, _| *other == id);
            if let Some(set) = stack.change_sets.get_mut(&id) {
                set.execution = Execution::InProgress;
            }
            Ok(true)
        });
        if launched.transpose()?.unwrap_or(false) {
            self.launch(&stack_id);
        }
        Ok(Xml::default())
    }

    pub(super) fn delete_change_set(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        // One that is not there is as good as deleted.
        let Ok((stack_id, id)) = self.locate_change_set(region, form) else {
            form.required("ChangeSetName")?;
            return Ok(Xml::default());
        };
        let deleted = self.store.change(&stack_id, |stack| match stack.change_sets.get(&id) {
            Some(set) if set.execution == Execution::InProgress => Err(QueryError::new(
                "InvalidChangeSetStatus",
                format!("ChangeSet [{id}] cannot be deleted in its current status of [EXECUTE_IN_PROGRESS]"),
            )),
            _ => {
                stack.change_sets.shift_remove(&id);
                Ok(())
            }
        });
        deleted.transpose()?;
        Ok(Xml::default())
    }

    /// Stack id and change set id, by name or ARN.
    pub(super) fn locate_change_set(&self, region: &str, form: &Form) -> Result<(String, String), QueryError> {
        let name = form.required("ChangeSetName")?;
        if let Some(stack_name) = form.get("StackName").filter(|stack_name| !stack_name.is_empty()) {
            let found = self
                .store
                .find(region, stack_name, |stack| (stack.id().to_owned(), find(stack, name).map(|set| set.id.clone())));
            return match found {
                Some((stack, Some(id))) => Ok((stack, id)),
                Some((_, None)) => Err(not_found(name)),
                None => Err(QueryError::validation(format!("Stack [{stack_name}] does not exist"))),
            };
        }
        if !name.starts_with("arn:") {
            return Err(QueryError::validation(
                "StackName must be specified if ChangeSetName is not specified as an ARN.",
            ));
        }
        let found = self.store.all(|stack| {
            let is_here = stack.pseudo.region == region && stack.change_sets.contains_key(name);
            is_here.then(|| (stack.id().to_owned(), name.to_owned()))
        });
        found.into_iter().next().ok_or_else(|| not_found(name))
    }
}

impl Stack {
    /// From an empty stack to one whose resources are to be made.
    pub(super) fn begin_creation(
        &mut self,
        definition: Definition,
        template: &Template,
        on_failure: OnFailure,
        token: Option<String>,
    ) {
        self.resources = template
            .resources
            .iter()
            .filter(|(_, declaration)| graph::is_wanted(declaration, &definition.conditions))
            .map(|(id, declaration)| {
                let resource_type = declaration.resource_type.clone();
                (id.clone(), ResourceRecord { resource_type, ..ResourceRecord::default() })
            })
            .collect();
        self.adopt(definition);
        self.on_failure = on_failure;
        self.begin("CREATE", token);
        self.advance(Phase::CreateInProgress, Some("User Initiated".to_owned()));
    }

    /// A change set that was executed ends with its stack's operation.
    pub(super) fn end_change_set(&mut self, status: Phase) {
        let is_way_back = matches!(status, Phase::UpdateRollbackComplete | Phase::ImportRollbackComplete);
        let execution = if status.is_stable() && !is_way_back { Execution::Complete } else { Execution::Failed };
        for set in self.change_sets.values_mut().filter(|set| set.execution == Execution::InProgress) {
            set.execution = execution;
        }
    }

    /// The stack changes by other means.
    pub(super) fn outdate_change_sets(&mut self) {
        for set in self.change_sets.values_mut().filter(|set| set.execution == Execution::Available) {
            set.execution = Execution::Obsolete;
        }
    }
}

impl Pseudo {
    pub(super) fn of_new_stack(account: &str, region: &str, name: &str) -> Self {
        let unique = uuid::Uuid::new_v4();
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            stack_name: name.to_owned(),
            stack_id: format!("arn:aws:cloudformation:{region}:{account}:stack/{name}/{unique}"),
            notification_arns: Vec::new(),
        }
    }
}

pub(super) fn not_there(field: &str, operation: &str) -> QueryError {
    QueryError::validation(format!("{field} of {operation} is not there yet in the rehearsal cloud"))
}

fn find<'a>(stack: &'a Stack, name_or_id: &str) -> Option<&'a ChangeSet> {
    stack.change_sets.values().find(|set| set.id == name_or_id || set.name == name_or_id)
}

pub(super) fn not_found(name: &str) -> QueryError {
    let message = format!("ChangeSet [{name}] does not exist");
    QueryError { status: StatusCode::NOT_FOUND, ..QueryError::new("ChangeSetNotFound", message) }
}

fn created(id: &str, stack_id: &str) -> Xml {
    let mut xml = Xml::default();
    xml.element("Id", id).element("StackId", stack_id);
    xml
}

fn on_failure(form: &Form, kind: Kind) -> Result<Option<OnFailure>, QueryError> {
    match (form.get("OnStackFailure"), kind) {
        (None, _) => Ok(None),
        (Some("DO_NOTHING"), Kind::Import) => {
            Err(not_there("OnStackFailure DO_NOTHING for an import", "CreateChangeSet"))
        }
        (Some("DO_NOTHING"), _) => Ok(Some(OnFailure::DoNothing)),
        (Some("ROLLBACK"), _) => Ok(Some(OnFailure::Rollback)),
        (Some("DELETE"), Kind::Create) => Ok(Some(OnFailure::Delete)),
        (Some("DELETE"), Kind::Update | Kind::Import) => {
            Err(QueryError::validation("OnStackFailure DELETE is only for change sets that create a stack."))
        }
        (Some(other), _) => Err(QueryError::validation(format!(
            "1 validation error detected: Value '{other}' at 'onStackFailure' failed to satisfy constraint: Member must \
             satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]"
        ))),
    }
}
