//! What a change set would do, for people.

use super::text::fit;
use como_engine::change_set::{AtRisk, ChangeAction, PropertyChange, Replacement, ResourceChange, Risk};
use owo_colors::OwoColorize;
use std::fmt::Write;

/// A value wider than this is cut: a whole policy before and after helps nobody.
const VALUE_WIDTH: usize = 60;
/// What CloudFormation writes where only the execution shows the value.
const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// A line for each resource, and one for each of its values, indented by four.
pub(crate) fn changes(changes: &[ResourceChange]) -> String {
    changes.iter().fold(String::new(), |mut text, change| {
        let (mark, verb) = verb(change);
        let place = change.path.as_deref().unwrap_or(&change.logical_id);
        let fate = fate(change).map(|fate| format!(", {fate}")).unwrap_or_default();
        let _infallible = writeln!(text, "    {mark} {verb} {place} ({}){fate}", change.resource_type);
        // Of what comes or goes as a whole, the template tells the values.
        if matches!(change.action, ChangeAction::Modify | ChangeAction::Dynamic) {
            for detail in &change.details {
                let _infallible = writeln!(text, "        {}", value(detail));
            }
        }
        text
    })
}

fn verb(change: &ResourceChange) -> (String, &'static str) {
    match (change.action, change.replacement) {
        (ChangeAction::Add, _) => ("+".green().to_string(), "add"),
        (ChangeAction::Import, _) => ("+".green().to_string(), "import"),
        (ChangeAction::Remove, _) => ("-".red().to_string(), "remove"),
        (_, Replacement::Always) => ("±".red().to_string(), "replace"),
        (ChangeAction::Dynamic, _) | (_, Replacement::Conditional) => ("?".yellow().to_string(), "may replace"),
        (ChangeAction::Modify, Replacement::Never) => ("~".yellow().to_string(), "modify"),
    }
}

/// What becomes of the one that goes.
fn fate(change: &ResourceChange) -> Option<&'static str> {
    match change.policy_action.as_deref()? {
        "Retain" | "ReplaceAndRetain" => Some("the old one is kept"),
        "Snapshot" | "ReplaceAndSnapshot" => Some("a snapshot of the old one is kept"),
        _ => None,
    }
}

fn value(detail: &PropertyChange) -> String {
    let replaces = match (detail.recreation, detail.certain) {
        (Replacement::Never, _) => "",
        (Replacement::Conditional, _) => " (may replace it)",
        (Replacement::Always, true) => " (replaces it)",
        (Replacement::Always, false) => " (would replace it)",
    };
    let cause = match (detail.certain, &detail.causing_entity) {
        (false, Some(cause)) => format!(" may change with {cause}"),
        (false, None) => " may change".to_owned(),
        (true, _) => String::new(),
    };
    let shown = match (&detail.before, &detail.after) {
        (None, None) => String::new(),
        (None, Some(after)) => format!(" {}", one_line(after).green()),
        (Some(before), None) => format!(" {} → nothing", one_line(before).red()),
        (Some(before), Some(after)) => format!(" {} → {}", one_line(before).red(), one_line(after).green()),
    };
    format!("{}{cause}{shown}{replaces}", detail.path)
}

fn one_line(value: &str) -> String {
    fit(&value.replace('\n', " ").replace(UNKNOWN, "(known after the change)"), VALUE_WIDTH)
}

/// Resources that would be lost, a line each.
pub(crate) fn at_risk(resources: &[AtRisk]) -> String {
    resources.iter().fold(String::new(), |mut text, resource| {
        let risk = match resource.risk {
            Risk::Deleted => "would be deleted",
            Risk::LeftBehind => "would be kept, but belong to no stack",
            Risk::Replaced => "would be replaced by an empty one",
            Risk::MayBeReplaced => "may be replaced by an empty one",
        };
        let id = resource.physical_id.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
        let _infallible = write!(text, "\n    {} ({}){id} {risk}", resource.logical_id, resource.resource_type);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_set_reads_as_what_will_happen() {
        let detail = |path: &str, before: Option<&str>, after: Option<&str>, recreation, certain| PropertyChange {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            recreation,
            certain,
            source: None,
            causing_entity: (!certain).then(|| "Task.Arn".to_owned()),
        };
        let change = |id: &str, kind: &str, action, replacement, policy: Option<&str>, details| ResourceChange {
            logical_id: id.to_owned(),
            path: None,
            resource_type: kind.to_owned(),
            physical_id: None,
            action,
            replacement,
            policy_action: policy.map(str::to_owned),
            details,
        };
        let memory = detail("Properties/Memory", Some("512"), Some("1024"), Replacement::Always, true);
        let task = detail("Properties/TaskDefinition", None, None, Replacement::Never, false);
        let known_later = Some(r#"["{{changeSet:KNOWN_AFTER_APPLY}}","sg-1"]"#);
        let groups = detail("Properties/SecurityGroups", Some(r#"["sg-0"]"#), known_later, Replacement::Never, true);
        let target = detail("Properties/ScalingTargetId", None, None, Replacement::Always, false);
        let (modify, remove) = (ChangeAction::Modify, ChangeAction::Remove);
        let set = [
            change(
                "Task",
                "AWS::ECS::TaskDefinition",
                modify,
                Replacement::Always,
                Some("ReplaceAndDelete"),
                vec![memory],
            ),
            change("Service", "AWS::ECS::Service", modify, Replacement::Never, None, vec![task, groups, target]),
            change("Log", "AWS::Logs::LogGroup", remove, Replacement::Never, Some("Retain"), Vec::new()),
            change("Queue", "AWS::SQS::Queue", ChangeAction::Add, Replacement::Never, None, Vec::new()),
        ];
        insta::assert_snapshot!(anstream::adapter::strip_str(&changes(&set)).to_string());
    }
}
