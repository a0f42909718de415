//! What a scripted stack goes through, second by second.

use como_engine::stack::{ResourceStatus, StackEvent};
use serde_json::Value as Json;
use tokio::time::Instant;

const STACK: &str = "AWS::CloudFormation::Stack";

/// An event and when the service will show it.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) at: Instant,
    pub(crate) event: StackEvent,
}

/// How a creation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Succeeds,
    /// The first resource fails, the others are cancelled, everything is rolled back.
    FirstFails,
    /// Nobody sees the first resource deleted.
    FirstResists,
    /// The first resource fails, and cannot be brought back either.
    FirstIsLost,
}

pub(crate) struct Timeline<'t> {
    pub(crate) id: &'t str,
    pub(crate) name: &'t str,
    pub(crate) token: &'t str,
    pub(crate) start: Instant,
    pub(crate) template: &'t Json,
    due: Vec<Due>,
}

impl<'t> Timeline<'t> {
    pub(crate) fn new(id: &'t str, name: &'t str, token: &'t str, template: &'t Json) -> Self {
        Self { id, name, token, start: Instant::now(), template, due: Vec::new() }
    }

    pub(crate) fn import(mut self) -> Vec<Due> {
        self.stack(0, "IMPORT_IN_PROGRESS", Some("User Initiated"));
        for (index, (id, resource_type, _)) in (0..).zip(&self.resources()) {
            self.resource(1 + index, id, resource_type, "IMPORT_COMPLETE", Some("Resource import completed."));
        }
        self.stack(10, "IMPORT_COMPLETE", None);
        self.in_order()
    }

    pub(crate) fn creation(mut self, fate: Fate) -> Vec<Due> {
        let resources = self.resources();
        self.stack(0, "CREATE_IN_PROGRESS", Some("User Initiated"));
        for (index, (id, resource_type, _)) in (0..).zip(&resources) {
            self.resource(1 + index, id, resource_type, "CREATE_IN_PROGRESS", None);
        }
        if fate == Fate::FirstFails {
            let mut reason = "Access denied for operation 'AWS::SQS::Queue'.";
            for (id, resource_type, _) in &resources {
                self.resource(10, id, resource_type, "CREATE_FAILED", Some(reason));
                reason = "Resource creation cancelled";
            }
            let reason = "The following resource(s) failed to create: [Table, Queue]. Rollback requested by user.";
            self.stack(11, "ROLLBACK_IN_PROGRESS", Some(reason));
            self.stack(15, "ROLLBACK_COMPLETE", None);
            return self.in_order();
        }
        for (index, (id, resource_type, _)) in (0..).zip(&resources) {
            self.resource(10 + 10 * index, id, resource_type, "CREATE_COMPLETE", None);
        }
        self.stack(30, "CREATE_COMPLETE", None);
        self.in_order()
    }

    /// A name that a change set was made under.
    pub(crate) fn review(mut self) -> Vec<Due> {
        self.stack(0, "REVIEW_IN_PROGRESS", Some("User Initiated"));
        self.in_order()
    }

    /// `changed` are the logical ids of the resources that change.
    pub(crate) fn update(mut self, fate: Fate, changed: &[String]) -> Vec<Due> {
        let is_changed = |(id, _, _): &(String, String, bool)| changed.contains(id);
        let resources: Vec<_> = self.resources().into_iter().filter(is_changed).collect();
        self.stack(0, "UPDATE_IN_PROGRESS", Some("User Initiated"));
        for (id, resource_type, _) in &resources {
            self.resource(1, id, resource_type, "UPDATE_IN_PROGRESS", None);
        }
        if fate == Fate::Succeeds {
            for (id, resource_type, _) in &resources {
                self.resource(6, id, resource_type, "UPDATE_COMPLETE", None);
            }
            self.stack(7, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None);
            self.stack(12, "UPDATE_COMPLETE", None);
            return self.in_order();
        }
        let mut reason = "Resource handler returned message: \"The queue is too long\"";
        for (id, resource_type, _) in &resources {
            self.resource(6, id, resource_type, "UPDATE_FAILED", Some(reason));
            reason = "Resource update cancelled";
        }
        let reason = "The following resource(s) failed to update: [Queue].";
        self.stack(7, "UPDATE_ROLLBACK_IN_PROGRESS", Some(reason));
        if fate == Fate::FirstIsLost {
            let (id, resource_type, _) = &resources[0];
            self.resource(9, id, resource_type, "UPDATE_FAILED", Some("Access denied"));
            self.stack(10, "UPDATE_ROLLBACK_FAILED", Some("The following resource(s) failed to update: [Queue]."));
            return self.in_order();
        }
        for (id, resource_type, _) in &resources {
            self.resource(9, id, resource_type, "UPDATE_COMPLETE", None);
        }
        self.stack(10, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None);
        self.stack(11, "UPDATE_ROLLBACK_COMPLETE", None);
        self.in_order()
    }

    pub(crate) fn deletion(mut self, fate: Fate) -> Vec<Due> {
        self.stack(0, "DELETE_IN_PROGRESS", Some("User Initiated"));
        let mut resists = fate == Fate::FirstResists;
        for (id, resource_type, kept) in self.resources() {
            if kept {
                self.resource(2, &id, &resource_type, "DELETE_SKIPPED", None);
                continue;
            }
            self.resource(2, &id, &resource_type, "DELETE_IN_PROGRESS", None);
            let (status, reason) =
                if resists { ("DELETE_FAILED", Some("the queue is in use")) } else { ("DELETE_COMPLETE", None) };
            self.resource(8, &id, &resource_type, status, reason);
            resists = false;
        }
        if fate == Fate::FirstResists {
            self.stack(9, "DELETE_FAILED", Some("The following resource(s) failed to delete: [Queue]."));
        } else {
            self.stack(9, "DELETE_COMPLETE", None);
        }
        self.in_order()
    }

    fn in_order(mut self) -> Vec<Due> {
        self.due.sort_by_key(|due| due.at);
        self.due
    }

    fn resources(&self) -> Vec<(String, String, bool)> {
        let resources = self.template["Resources"].as_object().unwrap();
        let resource = |(id, resource): (&String, &Json)| {
            (id.clone(), resource["Type"].as_str().unwrap().to_owned(), resource["DeletionPolicy"] == "Retain")
        };
        resources.iter().map(resource).collect()
    }

    fn stack(&mut self, second: u64, status: &str, reason: Option<&str>) {
        let (name, id) = (self.name, self.id);
        self.push(second, name, STACK, id, status, reason);
    }

    fn resource(&mut self, second: u64, id: &str, resource_type: &str, status: &str, reason: Option<&str>) {
        let physical_id = format!("{}-{id}", self.name);
        self.push(second, id, resource_type, &physical_id, status, reason);
    }

    fn push(&mut self, second: u64, id: &str, kind: &str, physical_id: &str, status: &str, reason: Option<&str>) {
        let at = self.start + std::time::Duration::from_secs(second);
        let number = self.due.len();
        let event = StackEvent {
            id: format!("{}-{}-{number}", self.id, self.token),
            at: None,
            logical_id: id.to_owned(),
            physical_id: Some(physical_id.to_owned()),
            resource_type: kind.to_owned(),
            status: ResourceStatus::new(status),
            reason: reason.map(str::to_owned),
            token: Some(self.token.to_owned()),
        };
        self.due.push(Due { at, event });
    }
}
