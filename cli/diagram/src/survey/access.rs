//! What a role may reach, from its policies.

use crate::landscape::{Id, Landscape};
use crate::picture::{Kind, Place};
use crate::survey::presence::Presence;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Kinds, with the region in which they are reached.
pub(crate) type Reach = BTreeSet<(String, Kind)>;

/// What a task definition's or function's roles, and the secrets that it is started with, reach from its own region.
pub(crate) fn of_workload(landscape: &Landscape<'_>, presence: &Presence, workload: Id) -> Reach {
    let home = landscape.region(workload);
    let mut found = BTreeSet::new();
    for key in ["TaskRoleArn", "ExecutionRoleArn", "Role"] {
        for role in landscape.targets_of_type(workload, &[key], "AWS::IAM::Role") {
            for (holder, statement) in statements(landscape, role) {
                resources(landscape, holder, statement, &mut found);
            }
        }
    }
    for container in landscape.list(workload, &["ContainerDefinitions"]) {
        if let Some(secrets) = container.get("Secrets") {
            found.extend(landscape.targets(workload, secrets).into_iter().map(|target| (target, None)));
        }
        if let Some(image) = container.get("Image") {
            found.extend(landscape.targets(workload, image).into_iter().map(|target| (target, None)));
            found.extend(repositories(landscape, workload, image));
        }
    }
    let mut reach = BTreeSet::new();
    for (target, region) in found {
        let Some(kind) = presence.kind(target) else { continue };
        if !matches!(kind.place(), Place::Shelf | Place::Door) && kind != Kind::Cache {
            continue;
        }
        let stated = region.filter(|region| presence.is_in(region, kind));
        let near = (presence.of(home, kind).contains(&target)).then(|| home.to_owned());
        reach.insert((stated.or(near).unwrap_or_else(|| landscape.region(target).to_owned()), kind));
    }
    reach
}

/// Allowing statements of a role, each with the item whose template it stands in.
fn statements<'a>(landscape: &Landscape<'a>, role: Id) -> Vec<(Id, &'a Json)> {
    let inline = landscape.list(role, &["Policies"]).iter().filter_map(|policy| policy.get("PolicyDocument"));
    let mut documents: Vec<(Id, &Json)> = inline.map(|document| (role, document)).collect();
    for id in landscape.ids() {
        let holder = match landscape.resource_type(id) {
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => "Roles",
            "AWS::IAM::RolePolicy" => "RoleName",
            _ => continue,
        };
        let attached = landscape.targets(id, landscape.property(id, &[holder])).contains(&role)
            || landscape.targets(role, landscape.property(role, &["ManagedPolicyArns"])).contains(&id);
        if attached {
            documents.push((id, landscape.property(id, &["PolicyDocument"])));
        }
    }
    let all = documents.into_iter().flat_map(|(id, document)| {
        let statements = document.get("Statement").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        statements.iter().map(move |statement| (id, statement))
    });
    all.filter(|(_, statement)| statement.get("Effect").and_then(Json::as_str) == Some("Allow")).collect()
}

/// The resources of a statement: by reference, or by a name in an ARN, which then says its region.
fn resources(landscape: &Landscape<'_>, holder: Id, statement: &Json, found: &mut BTreeSet<(Id, Option<String>)>) {
    let Some(item) = landscape.item(holder) else { return };
    let listed = match statement.get("Resource") {
        Some(Json::Array(list)) => list.iter().collect(),
        Some(single) => vec![single],
        None => Vec::new(),
    };
    for resource in listed {
        let by_reference = landscape.targets(holder, resource);
        let text = landscape.text(item.stack, resource).unwrap_or_default();
        if by_reference.is_empty() && text.starts_with("arn:") {
            let mut fields = text.splitn(6, ':').skip(2);
            let service = fields.next().unwrap_or_default();
            let region = fields.next().filter(|region| !region.is_empty()).map(str::to_owned);
            let name = fields.nth(1).unwrap_or_default();
            let name = name.split_once(['/', ':']).map_or(name, |(_, name)| name);
            let name = name.split(['*', '?']).next().unwrap_or_default().trim_end_matches(['/', '-']);
            // Things of several services may have one name.
            let meant = landscape.named(name).iter().filter(|id| is_of(landscape.resource_type(**id), service));
            found.extend(meant.map(|target| (*target, region.clone())));
        } else {
            found.extend(by_reference.into_iter().map(|target| (target, None)));
        }
    }
}

/// Whether a type such as `AWS::Cognito::UserPool` belongs to the service that ARNs call `cognito-idp`.
fn is_of(resource_type: &str, service: &str) -> bool {
    let own = resource_type.split("::").nth(1).unwrap_or_default();
    own.eq_ignore_ascii_case(service.split('-').next().unwrap_or_default())
}

/// The repository that an image's name names.
fn repositories(landscape: &Landscape<'_>, workload: Id, image: &Json) -> Vec<(Id, Option<String>)> {
    let Some(item) = landscape.item(workload) else { return Vec::new() };
    let text = landscape.text(item.stack, image).unwrap_or_default();
    let path = text.split_once('/').map_or("", |(_, path)| path);
    let name = path.split(['@', ':']).next().unwrap_or_default();
    landscape.named(name).iter().map(|target| (*target, None)).collect()
}
