//! How an environment is, for people.

use super::text::{duration, fit};
use como_core::assembly::Assembly;
use como_core::template::Audience;
use como_engine::status::{StackState, StatusReport, TemplateState};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

const GAP: usize = 2;

/// A row for each stack, below its region where there are several, and one for each of its services; no line is wider than
/// `width`. What matters least stands where a narrow screen ends.
pub(crate) fn table(report: &StatusReport, width: usize) -> String {
    let mut rows = vec![["STACK", "STATUS", "TEMPLATE", "AGE", "RESOURCES"].map(str::to_owned)];
    let regions: BTreeSet<&str> = report.stacks.iter().map(|stack| stack.region.as_str()).collect();
    let indent = if 1 < regions.len() { "  " } else { "" };
    for region in &regions {
        if 1 < regions.len() {
            rows.push([(*region).to_owned(), String::new(), String::new(), String::new(), String::new()]);
        }
        for stack in report.stacks.iter().filter(|stack| stack.region == *region) {
            rows.push(row(stack, indent));
            for service in &stack.services {
                let tasks = format!("{}/{} tasks", service.running, service.desired);
                let rollout = service.rollout.clone().unwrap_or_default();
                let name = format!("{indent}  service {}", service.name);
                rows.push([name, service.status.clone(), rollout, tasks, String::new()]);
            }
        }
    }
    let mut text = columns(&rows, width);
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

/// Cells of one column begin below each other.
fn columns<const N: usize>(rows: &[[String; N]], width: usize) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = cell.chars().count().max(*most);
        }
    }
    rows.iter().fold(String::new(), |mut text, row| {
        let line: String = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<0$}", width + GAP)).collect();
        text.push_str(&fit(line.trim_end(), width));
        text.push('\n');
        text
    })
}

fn row(stack: &StackState, indent: &str) -> [String; 5] {
    let status = stack.status.as_ref().map_or("not there", |status| status.as_str());
    let age = stack.age_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let template = match &stack.template {
        TemplateState::NotDeployed => "not deployed",
        TemplateState::Unchanged => "unchanged",
        TemplateState::Changed(_) => "differs",
        TemplateState::NotComparable(_) => "not comparable",
    };
    [
        format!("{indent}{}", stack.name),
        status.to_owned(),
        template.to_owned(),
        age.map(|seconds| duration(Duration::from_secs(seconds))).unwrap_or_default(),
        stack.resources.to_string(),
    ]
}

/// The outputs that the topology declares for people.
pub(crate) fn outputs(report: &StatusReport, assembly: &Assembly) -> String {
    let mut rows = Vec::new();
    for stack in &report.stacks {
        let Some(artifact) = assembly.stack(&stack.name) else { continue };
        for (name, output) in &artifact.template.outputs {
            if output.audience == Audience::People
                && let Some(value) = stack.outputs.get(name)
            {
                rows.push([format!("{}.{name}", stack.name), value.clone()]);
            }
        }
    }
    columns(&rows, usize::MAX)
}
