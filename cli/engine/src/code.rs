//! The registry of event codes: scripts and tests match these, never wording.

use serde::{Serialize, Serializer};

/// How much an event matters to somebody who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Detail,
    Info,
    Warning,
    Error,
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $level:ident, $meaning:literal;)+) => {
        /// What an event is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code, for the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }

            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

codes! {
    OperationStarted = "COMO_OPERATION_STARTED", Info, "an operation begins; `attempt` names it";
    PlanReady = "COMO_PLAN_READY", Info, "what will happen to each stack is known: `plan`";
    NoChanges = "COMO_NO_CHANGES", Info, "everything is as it should be; nothing is done";
    Refused = "COMO_REFUSED", Error, "a stack cannot be brought to what it should be and is left as it is: `refusal`";
    Declined = "COMO_DECLINED", Info, "the answer was no; nothing was changed";
    StackStarted = "COMO_STACK_STARTED", Info, "work on a stack begins: `action`";
    StackJoined = "COMO_STACK_JOINED", Info, "an operation that runs already is watched from its beginning";
    StackDiscarded = "COMO_STACK_DISCARDED", Warning, "what a failed first creation left is deleted; it holds nothing";
    ChangesKnown = "COMO_CHANGES_KNOWN", Info, "what changes in a stack is known only now: `changes`";
    StackStatus = "COMO_STACK_STATUS", Info, "the status of a stack changed: `status`, `reason`";
    StackCreated = "COMO_STACK_CREATED", Info, "a stack is up";
    StackUpdated = "COMO_STACK_UPDATED", Info, "a stack was changed to what it should be";
    StackUnchanged = "COMO_STACK_UNCHANGED", Info, "a stack is as it should be";
    StackDeleted = "COMO_STACK_DELETED", Info, "a stack is gone";
    StackAbsent = "COMO_STACK_ABSENT", Info, "a stack that should be deleted does not exist";
    StackFailed = "COMO_STACK_FAILED", Error, "a stack did not get there; root causes first: `causes`";
    StackNotStarted = "COMO_STACK_NOT_STARTED", Warning, "a stack was not started because of the one named in `blocked_by`";
    ProtectionDisabled = "COMO_PROTECTION_DISABLED", Warning, "the termination protection of a stack was switched off";
    ResourceInProgress = "COMO_RESOURCE_IN_PROGRESS", Detail, "something began with a resource: `status`";
    ResourceComplete = "COMO_RESOURCE_COMPLETE", Detail, "something ended well with a resource: `status`";
    ResourceFailed = "COMO_RESOURCE_FAILED", Error, "something failed with a resource: `status`, `reason`";
    ResourceCancelled = "COMO_RESOURCE_CANCELLED", Detail, "a resource was given up because another one had failed";
    ResourceAdopted = "COMO_RESOURCE_ADOPTED", Warning, "something that existed before belongs to the stack from now on: `physical_id`";
    ResourceKept = "COMO_RESOURCE_KEPT", Warning, "a resource outlives its stack";
    RowWritten = "COMO_ROW_WRITTEN", Info, "a row was put into a table: `table`, `key`";
    RowPresent = "COMO_ROW_PRESENT", Detail, "a row was there already and stays as it is: `table`, `key`";
    ObjectWritten = "COMO_OBJECT_WRITTEN", Detail, "a file was put into a bucket: `bucket`, `key`";
    ObjectsReady = "COMO_OBJECTS_READY", Info, "the files of a bucket are what they should be: `bucket`";
    CacheCleared = "COMO_CACHE_CLEARED", Info, "a distribution was asked to forget what it has cached: `physical_id`";
    GroupEmptied = "COMO_GROUP_EMPTIED", Info, "a default security group lost its rules: `physical_id`";
    CallRetried = "COMO_CALL_RETRIED", Detail, "a call failed and will be made again: `reason`";
    OperationFinished = "COMO_OPERATION_FINISHED", Info, "an operation has ended: `outcome`, `duration_ms`";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
