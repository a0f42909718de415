//! What an operation came to, for people.

use super::changes::{at_risk, changes};
use super::text::{count, duration};
use como_core::assembly::Assembly;
use como_core::template::Audience;
use como_engine::plan::{Action, KeptResource, Plan, Refusal, RefusalKind};
use como_engine::report::{DeployReport, DestroyReport, DestroyedOutcome, ErrorReport, StackFailure, StackOutcome};
use owo_colors::OwoColorize;
use std::fmt::Write;
use std::time::Duration;

/// The outputs that the topology declares for people, `stack.Output value`.
pub(crate) fn outputs(report: &DeployReport, assembly: &Assembly) -> String {
    let mut rows: Vec<(String, &str)> = Vec::new();
    for stack in &assembly.stacks {
        for (name, output) in &stack.template.outputs {
            if output.audience == Audience::People
                && let Some(value) = report.output(&stack.name, name)
            {
                rows.push((format!("{}.{name}", stack.name), value));
            }
        }
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().fold(String::new(), |mut text, (name, value)| {
        let _infallible = writeln!(text, "{name:<width$}  {value}");
        text
    })
}

/// One sentence on a deployment that ended well.
pub(crate) fn deployed(environment: &str, cloud: &str, report: &DeployReport) -> String {
    let changed = report.stacks.iter().filter(|stack| stack.outcome == StackOutcome::Updated).count();
    let created = report.stacks.iter().filter(|stack| stack.outcome != StackOutcome::Unchanged).count() - changed;
    let resources: usize = report.stacks.iter().map(|stack| stack.resources).sum();
    let stacks = count(report.stacks.len(), "stack");
    let took = duration(Duration::from_millis(report.duration_ms));
    if created + changed == 0 {
        return format!(
            "{} {environment} in {cloud}: no changes, {stacks}, {}",
            "✓".green(),
            count(resources, "resource")
        );
    }
    format!(
        "{} {environment} is up in {cloud}: {stacks} ({}), {}, {took}",
        "✓".green(),
        match (created, changed) {
            (created, 0) => format!("{created} new"),
            (0, changed) => format!("{changed} changed"),
            (created, changed) => format!("{created} new, {changed} changed"),
        },
        count(resources, "resource")
    )
}

/// Why stacks failed: root causes first, then what only followed from them.
pub(crate) fn failures(report: &DeployReport) -> String {
    let mut text = String::new();
    for stack in &report.stacks {
        if let Some(failure) = &stack.failure {
            let _infallible = write!(text, "{}", failed_stack(&stack.name, failure));
        }
    }
    text.push_str(&refusals(report.stacks.iter().filter_map(|stack| stack.refusal.as_ref())));
    for stack in report.stacks.iter().filter(|stack| stack.outcome == StackOutcome::NotStarted) {
        let by = stack.blocked_by.as_deref().unwrap_or("an earlier stack");
        let _infallible = writeln!(text, "{} {} was not started, since {by} failed", "○".dimmed(), stack.name);
    }
    text
}

fn failed_stack(name: &str, failure: &StackFailure) -> String {
    let status = failure.status.as_deref().unwrap_or("not reached");
    let mut text = format!("{} {} {status}\n", "✗".red().bold(), name.bold());
    for cause in &failure.causes {
        let place = cause.path.as_deref().unwrap_or(&cause.logical_id);
        let _infallible = writeln!(text, "    {place} ({}) {}", cause.resource_type, cause.status);
        if let Some(reason) = &cause.reason {
            let _infallible = writeln!(text, "      {}", reason.red());
        }
    }
    if failure.causes.is_empty()
        && let Some(reason) = &failure.reason
    {
        let _infallible = writeln!(text, "    {}", reason.red());
    }
    if 0 < failure.cancelled {
        let _infallible = writeln!(text, "    {} given up because of that", count(failure.cancelled, "resource"));
    }
    if let Some(error) = &failure.error {
        text.push_str(&call(error));
    }
    for resource in &failure.not_rolled_back {
        let place = resource.path.as_deref().unwrap_or(&resource.logical_id);
        let reason = resource.reason.as_deref().unwrap_or("no reason was given");
        let _infallible =
            writeln!(text, "    {place} ({}) could not be brought back: {reason}", resource.resource_type);
    }
    let after = match (failure.rolled_back, status) {
        (true, "UPDATE_ROLLBACK_COMPLETE") => "rolled back; the stack is as it was before, and works",
        (true, _) => "rolled back; the same command starts afresh",
        (false, _) => "not rolled back",
    };
    let _infallible = writeln!(text, "    {after}");
    text
}

fn call(error: &ErrorReport) -> String {
    let mut text = format!("    {} [{}]\n", error.doing, error.code);
    if let Some(message) = &error.message {
        let _infallible = writeln!(text, "      {}", message.red());
    }
    if let Some(hint) = &error.hint {
        let _infallible = writeln!(text, "      {} {hint}", "hint:".cyan());
    }
    text
}

/// Why nothing was done.
pub(crate) fn refusals<'a>(refusals: impl Iterator<Item = &'a Refusal>) -> String {
    let mut text = String::new();
    for refusal in refusals {
        let _infallible = writeln!(
            text,
            "{} {} in {}: {}",
            "✗".red().bold(),
            refusal.stack.bold(),
            refusal.region,
            why(&refusal.kind)
        );
        let _infallible = writeln!(text, "    {} {}", "hint:".cyan(), refusal.kind.hint());
    }
    text
}

fn why(kind: &RefusalKind) -> String {
    match kind {
        RefusalKind::DataLoss { resources } => {
            format!("the change would lose what cannot be made again:{}", at_risk(resources))
        }
        RefusalKind::NotAccepted { reason } => {
            let reason = reason.as_deref().unwrap_or("it gave no reason");
            format!("CloudFormation does not take the change: {reason}")
        }
        RefusalKind::Busy { status } => format!("another operation is running in it ({})", status.as_str()),
        RefusalKind::Stuck { status, reason, holds } => {
            let reason = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let holds = if holds.is_empty() { String::new() } else { format!("; it still holds {}", holds.join(", ")) };
            format!("it is {}{reason}{holds}", status.as_str())
        }
        RefusalKind::TemplateTooLarge { bytes, limit } => {
            format!("its template has {bytes} bytes; CloudFormation takes {limit}")
        }
        RefusalKind::MissingOutput { parameter, from, output } => {
            format!("its parameter {parameter} reads the output {output} of {from}, which has none of that name")
        }
        RefusalKind::NotDeployed { from, region } => format!("it reads {from} in {region}, which is not up"),
        RefusalKind::StillNeeded { by } => format!("{by} stands in for this environment, and reads its outputs"),
        RefusalKind::MissingParameter { parameter } => {
            format!("its parameter {parameter} has neither a value nor a default")
        }
    }
}

/// What will happen, before somebody is asked.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    let width = plan.stacks.iter().map(|stack| stack.name.len()).max().unwrap_or(0);
    for stack in &plan.stacks {
        let mark = match stack.action {
            Action::Create | Action::Recreate | Action::CreateAfterDeletion => "+".green().to_string(),
            Action::Delete => "-".red().to_string(),
            Action::Update => "~".yellow().to_string(),
            Action::Join | Action::JoinUpdate | Action::JoinDeletion => "~".cyan().to_string(),
            Action::Keep | Action::Gone => "=".dimmed().to_string(),
        };
        let action = super::lines::words_of(stack.action);
        let resources = match stack.action {
            Action::Update => format!("{} of {}", stack.changes.len(), count(stack.resources, "resource")),
            _ => count(stack.resources, "resource"),
        };
        let protected = if stack.protected { ", its termination protection is switched off first" } else { "" };
        let _infallible =
            writeln!(text, "{mark} {:<width$}  {}  {action}, {resources}{protected}", stack.name, stack.region);
        text.push_str(&changes(&stack.changes));
        if let Some(template) = &stack.foreseen {
            let lines = template.to_string().lines().fold(String::new(), |text, line| text + "    " + line + "\n");
            let after = stack.after.join(", ");
            let _infallible = writeln!(text, "{lines}    more is known once {after} is up");
        }
        if !stack.may_change.is_empty() {
            let parameters = stack.may_change.join(", ");
            let _infallible = writeln!(text, "    may change: {parameters} may get another value");
        }
        for kept in &stack.kept {
            let _infallible = writeln!(text, "    keeps {}", named(kept));
        }
        for step in plan.steps.iter().filter(|step| step.stack == stack.name) {
            let _infallible = writeln!(text, "    then {}", step.what);
        }
    }
    text
}

/// One sentence on a demolition that ended well.
pub(crate) fn destroyed(environment: &str, cloud: &str, report: &DestroyReport) -> String {
    let gone = report.stacks.iter().filter(|stack| stack.outcome == DestroyedOutcome::Deleted).count();
    let took = duration(Duration::from_millis(report.duration_ms));
    if gone == 0 {
        return format!("{} {environment} in {cloud}: there was nothing to destroy", "✓".green());
    }
    format!("{} {environment} is gone from {cloud}: {} deleted, {took}", "✓".green(), count(gone, "stack"))
}

/// Why a demolition stopped.
pub(crate) fn destroy_failures(report: &DestroyReport) -> String {
    report.stacks.iter().fold(String::new(), |mut text, stack| {
        if let Some(failure) = &stack.failure {
            text.push_str(&failed_stack(&stack.name, failure));
        }
        text
    })
}

/// What outlives its stacks, a line each.
pub(crate) fn kept<'a>(kept: impl Iterator<Item = &'a KeptResource>) -> String {
    kept.fold(String::new(), |mut text, resource| {
        let _infallible = writeln!(text, "  {}", named(resource));
        text
    })
}

fn named(resource: &KeptResource) -> String {
    let place = resource.path.as_deref().unwrap_or(&resource.logical_id);
    let id = resource.physical_id.as_deref().map(|id| format!(": {id}")).unwrap_or_default();
    format!("{} {place} of {}{id}", resource.resource_type, resource.stack)
}
