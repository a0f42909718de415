//! How an environment is, for people.

use super::text::duration;
use comfy_table::{ContentArrangement, Table, presets};
use como_core::assembly::Assembly;
use como_core::template::Audience;
use como_engine::status::{StackState, StatusReport, TemplateState};
use std::fmt::Write;
use std::time::Duration;

/// A row for each stack, and one for each of its services.
pub(crate) fn table(report: &StatusReport, width: u16) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(["STACK", "REGION", "STATUS", "RESOURCES", "AGE", "TEMPLATE"]);
    for stack in &report.stacks {
        table.add_row(row(stack));
        for service in &stack.services {
            let tasks = format!("{}/{} tasks", service.running, service.desired);
            let rollout = service.rollout.clone().unwrap_or_default();
            table.add_row([format!("  {}", service.name), String::new(), service.status.clone(), tasks, String::new(), rollout]);
        }
    }
    let mut text: String = table.lines().map(|line| line.trim().to_owned() + "\n").collect();
    for stack in &report.stacks {
        if let Some(reason) = &stack.status_reason {
            let _infallible = writeln!(text, "{}: {reason}", stack.name);
        }
        for service in &stack.services {
            if let Some(reason) = &service.last_stopped {
                let _infallible = writeln!(text, "{}: the last task stopped: {reason}", service.name);
            }
        }
    }
    text
}

fn row(stack: &StackState) -> [String; 6] {
    let status = stack.status.as_ref().map_or("not there", |status| status.as_str());
    let age = stack.age_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let template = match &stack.template {
        TemplateState::NotDeployed => "not deployed",
        TemplateState::Unchanged => "unchanged",
        TemplateState::Changed(_) => "differs",
        TemplateState::NotComparable(_) => "not comparable",
    };
    [
        stack.name.clone(),
        stack.region.clone(),
        status.to_owned(),
        stack.resources.to_string(),
        age.map(|seconds| duration(Duration::from_secs(seconds))).unwrap_or_default(),
        template.to_owned(),
    ]
}

/// The outputs that the topology declares for people.
pub(crate) fn outputs(report: &StatusReport, assembly: &Assembly) -> String {
    let mut text = String::new();
    for stack in &report.stacks {
        let Some(artifact) = assembly.stack(&stack.name) else { continue };
        for (name, output) in &artifact.template.outputs {
            if output.audience == Audience::People
                && let Some(value) = stack.outputs.get(name)
            {
                let _infallible = writeln!(text, "{}.{name}  {value}", stack.name);
            }
        }
    }
    text
}
