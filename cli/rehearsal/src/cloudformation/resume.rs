//! Going on where a killed supervisor stopped.
//!
//! What is done to a resource is among the stack's events before it is done, and how it ended is there before anybody
//! hears of it. So the events since the stack itself moved last tell how far each resource has come. Between an event and
//! what a service did after it there is a gap: a service that is asked for the same resource again gives the one that it
//! has made.

use super::create;
use super::operations::CloudFormation;
use super::restore;
use super::schema;
use super::stack::{Phase, ResourceRecord, Stack, StackEvent};
use super::transition::Change;
use crate::provision::CreateRequest;
use std::collections::{BTreeMap, BTreeSet};

/// How far the resources have come, by logical id.
#[derive(Debug, Default)]
pub(super) struct Standing {
    pub(super) complete: BTreeSet<String>,
    pub(super) failed: BTreeSet<String>,
    pub(super) under_way: BTreeSet<String>,
}

impl Standing {
    fn of(events: &[StackEvent]) -> Self {
        let latest: BTreeMap<&str, Phase> =
            events.iter().map(|event| (event.logical_id.as_str(), event.status)).collect();
        let mut standing = Self::default();
        for (name, status) in latest {
            let place = match status {
                Phase::CreateComplete | Phase::UpdateComplete | Phase::ImportComplete => &mut standing.complete,
                Phase::CreateFailed | Phase::UpdateFailed | Phase::ImportFailed => &mut standing.failed,
                Phase::CreateInProgress | Phase::UpdateInProgress | Phase::ImportInProgress => &mut standing.under_way,
                _ => continue,
            };
            place.insert(name.to_owned());
        }
        standing
    }
}

impl Stack {
    /// In the creation or update that is running.
    pub(super) fn standing(&self) -> Standing {
        Standing::of(self.events_of_phase())
    }

    /// In the way back from an update. Resources that were still being changed when the update was cancelled end after
    /// the stack has turned back; their failures do not count.
    pub(super) fn standing_on_way_back(&self) -> Standing {
        let begun = self.transition.as_ref().map_or(0, |transition| transition.turned_after);
        let skipped = begun.saturating_sub(self.events.len() - self.events_of_phase().len());
        Standing::of(self.events_of_phase().get(skipped..).unwrap_or_default())
    }

    /// Resources that a rollback failed to bring back: not those whose update failed or was cancelled and which have not had
    /// their turn on the way back.
    pub(super) fn failed_to_go_back(&self) -> BTreeSet<String> {
        let turned = self.transition.as_ref().map_or(0, |transition| transition.turned_after);
        let since: Vec<&StackEvent> = self.events.iter().skip(turned).collect();
        let has_failed = |name: &str| {
            let last = since.iter().rev().find(|event| event.logical_id == name);
            last.is_some_and(|event| {
                event.status == Phase::UpdateFailed && event.reason.as_deref() != Some(restore::CANCELLED)
            })
        };
        self.resources.keys().filter(|name| has_failed(name)).cloned().collect()
    }

    /// Whether the resource has come to this since the stack itself moved last.
    pub(super) fn has_come_to(&self, logical_id: &str, physical_id: &str, status: Phase) -> bool {
        self.events_of_phase()
            .iter()
            .any(|event| event.status == status && event.logical_id == logical_id && event.physical_id == physical_id)
    }

    /// Events of resources since the stack itself moved last.
    pub(super) fn events_of_phase(&self) -> &[StackEvent] {
        // That all is configured is no move.
        let moves = |event: &StackEvent| event.physical_id == self.id() && !event.is_configured;
        let moved = self.events.iter().rposition(moves);
        self.events.get(moved.map_or(0, |moved| moved + 1)..).unwrap_or_default()
    }
}

/// Writes down what a killed supervisor had made, or was about to have made, without coming to write it down. Only then
/// can it be removed.
pub(super) async fn take_hold(cloud: &CloudFormation, id: &str) {
    let requests = cloud.store.read(id, |stack| {
        let half_made = stack.resources.iter().filter_map(|(name, record)| half_made(cloud, stack, name, record));
        half_made.collect::<Vec<_>>()
    });
    for request in requests.unwrap_or_default() {
        // What is refused now has not been made before.
        let Ok(made) = create::provision(cloud, &request).await else { continue };
        cloud.store.change(id, |stack| {
            if let Some(record) = stack.resources.get_mut(&request.logical_id) {
                record.physical_id = Some(made.physical_id);
                record.attributes = made.attributes;
            }
        });
    }
}

fn half_made(cloud: &CloudFormation, stack: &Stack, name: &str, record: &ResourceRecord) -> Option<CreateRequest> {
    let is_half_made = match (&record.status, &record.change) {
        (Some(Phase::CreateInProgress), _) => record.physical_id.is_none(),
        (Some(Phase::UpdateInProgress), Change::Changed(before)) => {
            let is_back = stack.transition.as_ref().is_some_and(|transition| transition.is_back);
            record.generation != before.generation && !record.was_replaced(before) && !is_back
        }
        _ => false,
    };
    let is_made_elsewhere = !schema::is_built_in(&record.resource_type);
    (is_half_made && is_made_elsewhere).then(|| create::request_for(cloud, stack, name, record))
}
