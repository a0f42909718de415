//! A stack as it is kept.
//!
//! A stack's life here: `CREATE_IN_PROGRESS` ends in `CREATE_COMPLETE`, or by way of `ROLLBACK_IN_PROGRESS` in
//! `ROLLBACK_COMPLETE` (`ROLLBACK_FAILED` when something could not be removed), or in `CREATE_FAILED` where rollback is
//! disabled. `DELETE_IN_PROGRESS` may follow any of them, and ends in `DELETE_COMPLETE` or `DELETE_FAILED`, from which
//! deletion may be tried again.
//!
//! A change set for a stack that does not exist makes an empty one in `REVIEW_IN_PROGRESS`. An update goes from a
//! complete stack by way of `UPDATE_IN_PROGRESS` and `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` to `UPDATE_COMPLETE`, or back
//! by way of `UPDATE_ROLLBACK_IN_PROGRESS` and `UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS` to
//! `UPDATE_ROLLBACK_COMPLETE`. It rests in `UPDATE_FAILED` where rollback is disabled, and in `UPDATE_ROLLBACK_FAILED`
//! when the way back fails; from there the rollback can be continued.
//!
//! An import goes by way of `IMPORT_IN_PROGRESS` to `IMPORT_COMPLETE`, or back by way of `IMPORT_ROLLBACK_IN_PROGRESS` to
//! `IMPORT_ROLLBACK_COMPLETE`, or `IMPORT_ROLLBACK_FAILED` where a resource does not give the stack's tags back.

use super::change_set::ChangeSet;
use super::intrinsics::{Imported, Pseudo};
use super::operation::Operation;
use super::parameters::ParameterValues;
use super::terms::Terms;
use super::transition::{Change, Leftover, Transition};
use super::triggers::RollbackConfiguration;
use crate::status::Durations;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The words for stacks and for resources are the same; each uses a part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Phase {
    CreateInProgress,
    CreateComplete,
    CreateFailed,
    RollbackInProgress,
    RollbackComplete,
    RollbackFailed,
    DeleteInProgress,
    DeleteComplete,
    DeleteFailed,
    DeleteSkipped,
    UpdateInProgress,
    UpdateComplete,
    UpdateFailed,
    UpdateCompleteCleanupInProgress,
    UpdateRollbackInProgress,
    UpdateRollbackComplete,
    UpdateRollbackFailed,
    UpdateRollbackCompleteCleanupInProgress,
    ReviewInProgress,
    ImportInProgress,
    ImportComplete,
    ImportFailed,
    ImportRollbackInProgress,
    ImportRollbackComplete,
    ImportRollbackFailed,
}

impl Phase {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::CreateFailed => "CREATE_FAILED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteSkipped => "DELETE_SKIPPED",
            Self::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Self::UpdateComplete => "UPDATE_COMPLETE",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::UpdateCompleteCleanupInProgress => "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateRollbackInProgress => "UPDATE_ROLLBACK_IN_PROGRESS",
            Self::UpdateRollbackComplete => "UPDATE_ROLLBACK_COMPLETE",
            Self::UpdateRollbackFailed => "UPDATE_ROLLBACK_FAILED",
            Self::UpdateRollbackCompleteCleanupInProgress => "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::ReviewInProgress => "REVIEW_IN_PROGRESS",
            Self::ImportInProgress => "IMPORT_IN_PROGRESS",
            Self::ImportComplete => "IMPORT_COMPLETE",
            Self::ImportFailed => "IMPORT_FAILED",
            Self::ImportRollbackInProgress => "IMPORT_ROLLBACK_IN_PROGRESS",
            Self::ImportRollbackComplete => "IMPORT_ROLLBACK_COMPLETE",
            Self::ImportRollbackFailed => "IMPORT_ROLLBACK_FAILED",
        }
    }

    pub(crate) fn is_running(self) -> bool {
        matches!(
            self,
            Self::CreateInProgress
                | Self::RollbackInProgress
                | Self::DeleteInProgress
                | Self::UpdateInProgress
                | Self::UpdateCompleteCleanupInProgress
                | Self::UpdateRollbackInProgress
                | Self::UpdateRollbackCompleteCleanupInProgress
                | Self::ImportInProgress
                | Self::ImportRollbackInProgress
        )
    }

    /// Whether an operation of CloudFormation ended as it should; updates start here.
    pub(crate) fn is_stable(self) -> bool {
        matches!(
            self,
            Self::CreateComplete
                | Self::UpdateComplete
                | Self::UpdateRollbackComplete
                | Self::ImportComplete
                | Self::ImportRollbackComplete
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OnFailure {
    DoNothing,
    Rollback,
    Delete,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stack {
    pub pseudo: Pseudo,
    pub status: Phase,
    pub status_reason: Option<String>,
    pub created: Timestamp,
    #[serde(default)]
    pub updated: Option<Timestamp>,
    pub deletion_time: Option<Timestamp>,
    pub template_body: String,
    pub description: Option<String>,
    pub parameters: Vec<StackParameter>,
    /// As `Ref` gives them.
    pub values: ParameterValues,
    pub conditions: BTreeMap<String, bool>,
    pub capabilities: Vec<String>,
    pub tags: Vec<(String, String)>,
    pub on_failure: OnFailure,
    pub termination_protection: bool,
    pub role_arn: Option<String>,
    pub resources: IndexMap<String, ResourceRecord>,
    pub outputs: Vec<StackOutput>,
    /// Exported values of others, by their names.
    #[serde(default)]
    pub imports: Imported,
    #[serde(default)]
    pub rollback: RollbackConfiguration,
    /// Oldest first.
    pub events: Vec<StackEvent>,
    /// The last one, running or done.
    pub operation: Operation,
    /// Those before it, oldest first.
    #[serde(default)]
    pub past_operations: Vec<Operation>,
    /// Logical ids that the running deletion leaves alone because the caller asked for it.
    pub retained: Vec<String>,
    /// Of the operations so far, by `CREATE`, `UPDATE`, `DELETE` and so on.
    pub durations: BTreeMap<String, Durations>,
    /// Since an update began, until it can no longer be rolled back.
    #[serde(default)]
    pub transition: Option<Transition>,
    /// Physical resources that the cleanup removes.
    #[serde(default)]
    pub leftovers: Vec<Leftover>,
    /// Physical resources that an update has let go of.
    #[serde(default)]
    pub orphans: Vec<Leftover>,
    /// The highest generation so far, by logical id.
    #[serde(default)]
    pub generations: BTreeMap<String, u32>,
    /// By id, oldest first.
    #[serde(default)]
    pub change_sets: IndexMap<String, ChangeSet>,
    /// The text of the stack policy.
    #[serde(default)]
    pub policy: Option<String>,
    #[serde(default)]
    pub terms: Terms,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StackParameter {
    pub key: String,
    /// As given, or the default; never shown for `NoEcho`.
    pub value: String,
    pub no_echo: bool,
    /// What a name of the parameter store stood for.
    #[serde(default)]
    pub resolved: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StackOutput {
    pub key: String,
    pub value: String,
    pub description: Option<String>,
    pub export_name: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ResourceRecord {
    pub resource_type: String,
    pub status: Option<Phase>,
    pub status_reason: Option<String>,
    pub updated: Option<Timestamp>,
    pub physical_id: Option<String>,
    /// See [`crate::provision::CreateRequest::generation`].
    #[serde(default)]
    pub generation: u32,
    #[serde(default)]
    pub change: Change,
    /// Stands for any value while a change set is computed.
    #[serde(skip)]
    pub is_unknown: bool,
    pub attributes: BTreeMap<String, Value>,
    /// Resolved.
    pub properties: Map<String, Value>,
    /// Of the stack, as far as the resource has them.
    #[serde(default)]
    pub tags: Vec<(String, String)>,
    /// The existing resource that is to be taken into the stack.
    #[serde(default)]
    pub import: Option<String>,
    /// A continued rollback passed over it, and nothing has changed it since.
    #[serde(default)]
    pub is_skipped: bool,
}

impl ResourceRecord {
    /// The value of `Fn::GetAtt`; a property stands in where the type gives its own properties back.
    pub(crate) fn attribute(&self, name: &str) -> Option<Value> {
        if self.is_unknown {
            return self.physical_id.clone().map(Value::String);
        }
        if let Some(value) = self.attributes.get(name) {
            return Some(value.clone());
        }
        let mut parts = name.split('.');
        let first = self.properties.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part)).cloned()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StackEvent {
    pub id: String,
    pub operation_id: String,
    pub at: Timestamp,
    pub logical_id: String,
    pub physical_id: String,
    pub resource_type: String,
    pub status: Phase,
    pub reason: Option<String>,
    pub client_token: Option<String>,
    /// Whether it tells that the validation before the deployment failed.
    #[serde(default)]
    pub is_validation: bool,
    /// Whether it tells that everything is configured, and only its consistency is still checked.
    #[serde(default)]
    pub is_configured: bool,
}

impl Stack {
    /// An empty one, before anything was asked of it.
    pub(crate) fn new(pseudo: Pseudo, kind: &str) -> Self {
        Self {
            pseudo,
            status: Phase::ReviewInProgress,
            status_reason: None,
            created: Timestamp::now(),
            updated: None,
            deletion_time: None,
            template_body: String::new(),
            description: None,
            parameters: Vec::new(),
            values: ParameterValues::new(),
            conditions: BTreeMap::new(),
            capabilities: Vec::new(),
            tags: Vec::new(),
            on_failure: OnFailure::Rollback,
            termination_protection: false,
            role_arn: None,
            resources: IndexMap::new(),
            outputs: Vec::new(),
            imports: Imported::new(),
            rollback: RollbackConfiguration::default(),
            events: Vec::new(),
            operation: Operation::new(kind, None),
            past_operations: Vec::new(),
            retained: Vec::new(),
            durations: BTreeMap::new(),
            transition: None,
            leftovers: Vec::new(),
            orphans: Vec::new(),
            generations: BTreeMap::new(),
            change_sets: IndexMap::new(),
            policy: None,
            terms: Terms::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.pseudo.stack_name
    }

    pub(crate) fn id(&self) -> &str {
        &self.pseudo.stack_id
    }

    /// Moves the stack and records the event.
    pub(crate) fn advance(&mut self, status: Phase, reason: Option<String>) {
        self.begin_way_back(status);
        self.note_phase();
        self.status = status;
        self.status_reason.clone_from(&reason);
        let (name, id) = (self.name().to_owned(), self.id().to_owned());
        self.record(name, id, "AWS::CloudFormation::Stack".to_owned(), status, reason);
    }

    /// Moves the stack to where its operation ends.
    pub(crate) fn finish(&mut self, status: Phase, reason: Option<String>) {
        self.advance(status, reason);
        self.end_change_set(status);
        self.end_operation(status);
    }

    /// Moves a resource and records the event.
    pub(crate) fn advance_resource(&mut self, logical_id: &str, status: Phase, reason: Option<String>) {
        let Some(record) = self.resources.get_mut(logical_id) else { return };
        record.is_skipped &= status == Phase::UpdateComplete;
        record.status = Some(status);
        record.status_reason.clone_from(&reason);
        record.updated = Some(Timestamp::now());
        let physical_id = record.physical_id.clone().unwrap_or_default();
        let resource_type = record.resource_type.clone();
        self.record(logical_id.to_owned(), physical_id, resource_type, status, reason);
    }

    pub(crate) fn record(
        &mut self,
        logical_id: String,
        physical_id: String,
        resource_type: String,
        status: Phase,
        reason: Option<String>,
    ) {
        // Events of resources are named after the resource and the status at AWS, those of stacks are bare UUIDs.
        let unique = uuid::Uuid::new_v4();
        let id = if resource_type == "AWS::CloudFormation::Stack" {
            unique.to_string()
        } else {
            format!("{logical_id}-{}-{unique}", status.as_str())
        };
        self.events.push(StackEvent {
            id,
            operation_id: self.operation.id.clone(),
            at: Timestamp::now(),
            logical_id,
            physical_id,
            resource_type,
            status,
            reason,
            client_token: self.operation.client_token.clone(),
            is_validation: false,
            is_configured: false,
        });
    }
}
