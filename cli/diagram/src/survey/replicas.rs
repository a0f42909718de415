//! What is copied from one region to another.

use crate::landscape::{Id, Landscape};
use crate::picture::{CardId, Flow, FlowKind, Kind};
use crate::survey::presence::Presence;
use serde_json::Value as Json;
use std::collections::BTreeSet;

const TABLE: &str = "AWS::DynamoDB::GlobalTable";
const REGISTRY: &str = "AWS::ECR::ReplicationConfiguration";

/// The other regions in which this resource keeps a copy of itself.
pub(crate) fn regions(landscape: &Landscape<'_>, id: Id) -> BTreeSet<String> {
    let mut regions: BTreeSet<String> = match landscape.resource_type(id) {
        TABLE => texts(landscape, id, landscape.list(id, &["Replicas"]), "Region"),
        "AWS::SecretsManager::Secret" => texts(landscape, id, landscape.list(id, &["ReplicaRegions"]), "Region"),
        "AWS::ECR::Repository" => registry_destinations(landscape, landscape.region(id)),
        _ => BTreeSet::new(),
    };
    regions.remove(landscape.region(id));
    regions
}

pub(crate) fn has_replicated_tables(landscape: &Landscape<'_>) -> bool {
    landscape.of_type(TABLE).into_iter().any(|id| !regions(landscape, id).is_empty())
}

/// Where the registry of `region` sends its images.
fn registry_destinations(landscape: &Landscape<'_>, region: &str) -> BTreeSet<String> {
    let registries = landscape.of_type(REGISTRY).into_iter().filter(|id| landscape.region(*id) == region);
    let rules = registries.flat_map(|id| {
        let rules = landscape.list(id, &["ReplicationConfiguration", "Rules"]);
        rules.iter().map(move |rule| (id, rule))
    });
    rules
        .flat_map(|(id, rule)| {
            let destinations = rule.get("Destinations").and_then(Json::as_array);
            texts(landscape, id, destinations.map_or(&[], Vec::as_slice), "Region")
        })
        .collect()
}

fn texts(landscape: &Landscape<'_>, id: Id, list: &[Json], key: &str) -> BTreeSet<String> {
    let Some(item) = landscape.item(id) else { return BTreeSet::new() };
    list.iter().filter_map(|entry| landscape.text(item.stack, entry.get(key)?)).collect()
}

/// The arrows between a thing and its copies.
pub(crate) fn flows(landscape: &Landscape<'_>, presence: &Presence) -> BTreeSet<Flow> {
    let mut flows = BTreeSet::new();
    let mut add = |kind: Kind, from: &str, to: &str, flow: FlowKind| {
        if from != to {
            flows.insert(Flow { from: CardId::new(from, kind), to: CardId::new(to, kind), kind: flow });
        }
    };
    for id in landscape.ids() {
        let home = landscape.region(id);
        match (landscape.resource_type(id), presence.kind(id)) {
            (TABLE, Some(kind)) => regions(landscape, id).iter().for_each(|to| add(kind, home, to, FlowKind::Mirrors)),
            ("AWS::SecretsManager::Secret" | "AWS::ECR::Repository", Some(kind)) => {
                regions(landscape, id).iter().for_each(|to| add(kind, home, to, FlowKind::Copies));
            }
            ("AWS::KMS::ReplicaKey", Some(kind)) => {
                for key in landscape.targets_of_type(id, &["PrimaryKeyArn"], "AWS::KMS::Key") {
                    add(kind, landscape.region(key), home, FlowKind::Copies);
                }
            }
            ("AWS::S3::Bucket", Some(kind)) => {
                for bucket in landscape.targets_of_type(id, &["ReplicationConfiguration", "Rules"], "AWS::S3::Bucket") {
                    if presence.kind(bucket) == Some(kind) {
                        add(kind, home, landscape.region(bucket), FlowKind::Copies);
                    }
                }
            }
            ("AWS::Backup::BackupPlan", Some(kind)) => {
                for vault in landscape.targets_of_type(id, &["BackupPlan"], "AWS::Backup::BackupVault") {
                    add(kind, home, landscape.region(vault), FlowKind::Copies);
                }
            }
            _ => {}
        }
    }
    flows
}
