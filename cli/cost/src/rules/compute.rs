//! What runs.

use crate::charge::Charge;
use crate::inventory::Resource;
use crate::item::Item;
use crate::rules::registry::{Case, Ruling, Verdict, priced, unreadable};
use como_config::UsageKey;
use rust_decimal::Decimal;
use serde_json::Value as Json;

const UNITS_OF_A_VCPU: Decimal = Decimal::from_parts(1024, 0, 0, false, 0);
const MIB_OF_A_GB: Decimal = Decimal::from_parts(1024, 0, 0, false, 0);
/// Of each task's disk.
const FREE_DISK_GB: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

pub(crate) fn service(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let Some(task) = case.resource.referred("TaskDefinition") else {
        return unreadable("TaskDefinition", "no task definition of the same stack");
    };
    match case.resource.text("LaunchType") {
        Some("FARGATE") => {}
        other => return unreadable("LaunchType", other.unwrap_or("nothing")),
    }
    let tasks = case.resource.required_number("DesiredCount")?;
    let vcpu = task.required_number("Cpu")? / UNITS_OF_A_VCPU;
    let memory = task.required_number("Memory")? / MIB_OF_A_GB;
    let services = case.all.count_in(case.resource.kind(), region);
    let (of_cpu, of_memory) = items(&task);
    let sizes = [(of_cpu, vcpu, "vCPU", "TaskDefinition.Cpu"), (of_memory, memory, "GB", "TaskDefinition.Memory")];
    let mut charges = Vec::new();
    for (item, size, unit, property) in sizes {
        let running = Charge::new(item, region).template(tasks, "tasks", "DesiredCount");
        charges.push(running.template(size, unit, property).hours());
        let more = Charge::new(item, region).usage(UsageKey::ExtraTaskHours).share(services, "services");
        charges.push(more.template(size, unit, property));
    }
    let disk = task.number("EphemeralStorage.SizeInGiB")?.unwrap_or(FREE_DISK_GB) - FREE_DISK_GB;
    if Decimal::ZERO < disk {
        let stored = Charge::new(Item::TaskStorage, region).template(tasks, "tasks", "DesiredCount");
        charges.push(stored.template(disk, "GB above 20", "TaskDefinition.EphemeralStorage").hours());
    }
    priced(charges)
}

fn items(task: &Resource<'_>) -> (Item, Item) {
    match task.text("RuntimePlatform.CpuArchitecture") {
        Some("ARM64") => (Item::ArmVcpu, Item::ArmTaskGb),
        _ => (Item::Vcpu, Item::TaskGb),
    }
}

/// A cluster is free; what Container Insights writes of it is not.
pub(crate) fn cluster(case: Case<'_, '_>) -> Ruling {
    let setting = |json: &&Json| json.get("Name").and_then(Json::as_str) == Some("containerInsights");
    let insights = case.resource.list("ClusterSettings").iter().find(setting);
    let item = match insights.and_then(|setting| setting.get("Value")).and_then(Json::as_str) {
        Some("enhanced") => Item::ContainerMetric,
        Some("enabled") => Item::Metric,
        _ => return Ok(Verdict::Free("clusters are free")),
    };
    let clusters = case.all.count_in(case.resource.kind(), case.resource.region());
    let metrics = Charge::new(item, case.resource.region()).usage(UsageKey::ContainerMetrics);
    priced([metrics.share(clusters, "clusters")])
}

pub(crate) fn function(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let functions = case.all.count_in(case.resource.kind(), region);
    let is_arm = case.resource.list("Architectures").iter().any(|name| name.as_str() == Some("arm64"));
    let time = if is_arm { Item::LambdaArmGbSecond } else { Item::LambdaGbSecond };
    let share = |charge: Charge| charge.share(functions, "functions");
    priced([
        share(Charge::new(Item::LambdaRequest, region).usage(UsageKey::LambdaRequests)),
        share(Charge::new(time, region).usage(UsageKey::LambdaGbSeconds)),
    ])
}

pub(crate) fn cache(case: Case<'_, '_>) -> Ruling {
    let Some(node) = case.resource.text("NodeType") else { return unreadable("NodeType", "nothing") };
    let nodes = case.resource.required_number("ReplicationFactor")?;
    let hours = Charge::new(Item::DaxNode, case.resource.region()).variant(node);
    priced([hours.template(nodes, "nodes", "ReplicationFactor").hours()])
}
