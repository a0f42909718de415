//! `CONFIGURATION_COMPLETE`: a resource, and then its stack, is configured and waits for its service to be sure of it.
//!
//! AWS sends it of types that it does not list; these are the ones of its documentation's picture and of logs. It starts
//! what depends on such a resource at once then, and we when the resource is complete.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-resource-configuration-complete.html>

use super::stack::{Phase, Stack, StackEvent};

const TYPES: [&str; 6] = [
    "AWS::EC2::NatGateway",
    "AWS::ECR::Repository",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
];
const REASON: &str = "Eventual consistency check initiated";

impl Stack {
    /// A new resource exists as it should; once.
    pub(super) fn note_configured(&mut self, logical_id: &str) {
        let is_meant =
            self.resources.get(logical_id).is_some_and(|record| TYPES.contains(&record.resource_type.as_str()));
        if is_meant && !self.is_configured(logical_id) {
            self.advance_resource(logical_id, Phase::CreateInProgress, Some(REASON.to_owned()));
            self.mark_configured();
            self.note_all_configured();
        }
    }

    /// The stack is configured once all of its resources are, and some are not complete yet.
    pub(super) fn note_all_configured(&mut self) {
        if self.status != Phase::CreateInProgress || self.detailed_status().is_some() {
            return;
        }
        let is_complete = |status: Option<Phase>| status == Some(Phase::CreateComplete);
        let waiting = self.resources.iter().filter(|(_, record)| !is_complete(record.status));
        let waiting: Vec<&String> = waiting.map(|(name, _)| name).collect();
        if waiting.is_empty() || !waiting.into_iter().all(|name| self.is_configured(name)) {
            return;
        }
        let (name, id) = (self.name().to_owned(), self.id().to_owned());
        let kind = "AWS::CloudFormation::Stack".to_owned();
        self.record(name, id, kind, Phase::CreateInProgress, Some(REASON.to_owned()));
        self.mark_configured();
    }

    /// As DescribeStacks shows it.
    pub(super) fn detailed_status(&self) -> Option<&'static str> {
        let is_last = |event: &&StackEvent| event.physical_id == self.id();
        let last = self.events.iter().rfind(is_last)?;
        (self.status == Phase::CreateInProgress && last.is_configured).then_some("CONFIGURATION_COMPLETE")
    }

    fn is_configured(&self, logical_id: &str) -> bool {
        let last = self.events_of_phase().iter().rfind(|event| event.logical_id == logical_id);
        last.is_some_and(|event| event.is_configured)
    }

    fn mark_configured(&mut self) {
        if let Some(event) = self.events.last_mut() {
            event.is_configured = true;
        }
    }
}
