//! What changed between two templates, property by property.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use similar::TextDiff;
use std::collections::BTreeSet;
use std::fmt;

/// The differences, by section in the template's own order.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct TemplateDiff {
    pub changes: Vec<Change>,
}

/// One member of a section that was added, removed or modified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// For example `Resources`.
    pub section: String,
    /// Logical id, parameter, condition or output name.
    pub name: String,
    /// `Type` of a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    pub kind: ChangeKind,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Removed,
    Modified { values: Vec<ValueChange> },
}

/// One value within a member, by its path: `Properties/Tags/0/Value`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValueChange {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Json>,
}

/// Compares two templates as JSON, so that one that CloudFormation returned can be held against one of ours.
#[must_use]
pub fn diff(before: &Json, after: &Json) -> TemplateDiff {
    let nothing = Map::new();
    let before = before.as_object().unwrap_or(&nothing);
    let after = after.as_object().unwrap_or(&nothing);
    let mut changes = Vec::new();
    for section in keys(before, after) {
        match (before.get(section), after.get(section)) {
            (Some(Json::Object(_)) | None, Some(Json::Object(_)) | None) => {
                let old = before.get(section).and_then(Json::as_object).unwrap_or(&nothing);
                let new = after.get(section).and_then(Json::as_object).unwrap_or(&nothing);
                changes.extend(keys(old, new).into_iter().filter_map(|name| member(section, name, old, new)));
            }
            (old, new) => {
                let values = values(String::new(), old, new);
                if !values.is_empty() {
                    let kind = ChangeKind::Modified { values };
                    changes.push(Change {
                        section: section.to_owned(),
                        name: String::new(),
                        resource_type: None,
                        kind,
                    });
                }
            }
        }
    }
    TemplateDiff { changes }
}

impl TemplateDiff {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn member(section: &str, name: &str, before: &Map<String, Json>, after: &Map<String, Json>) -> Option<Change> {
    let (old, new) = (before.get(name), after.get(name));
    let kind = match (old, new) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (old, new) => {
            let values = values(String::new(), old, new);
            if values.is_empty() {
                return None;
            }
            ChangeKind::Modified { values }
        }
    };
    let resource_type = (section == "Resources")
        .then(|| new.or(old).and_then(|member| member.get("Type")).and_then(Json::as_str).map(str::to_owned))
        .flatten();
    Some(Change { section: section.to_owned(), name: name.to_owned(), resource_type, kind })
}

fn values(path: String, before: Option<&Json>, after: Option<&Json>) -> Vec<ValueChange> {
    match (before, after) {
        (Some(old), Some(new)) if old == new => Vec::new(),
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            keys(old, new).into_iter().flat_map(|key| values(join(&path, key), old.get(key), new.get(key))).collect()
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => (0..old.len().max(new.len()))
            .flat_map(|index| values(join(&path, &index.to_string()), old.get(index), new.get(index)))
            .collect(),
        (None, None) => Vec::new(),
        (old, new) => vec![ValueChange { path, before: old.cloned(), after: new.cloned() }],
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") }
}

/// The keys of both, in the order of the newer, then what it lacks in the order of the older.
fn keys<'a>(before: &'a Map<String, Json>, after: &'a Map<String, Json>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    after.keys().chain(before.keys()).map(String::as_str).filter(|key| seen.insert(*key)).collect()
}

impl fmt::Display for TemplateDiff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            let kind = match change.kind {
                ChangeKind::Added => '+',
                ChangeKind::Removed => '-',
                ChangeKind::Modified { .. } => '~',
            };
            write!(formatter, "{kind} {}", change.section)?;
            if !change.name.is_empty() {
                write!(formatter, " {}", change.name)?;
            }
            if let Some(resource_type) = &change.resource_type {
                write!(formatter, " ({resource_type})")?;
            }
            writeln!(formatter)?;
            if let ChangeKind::Modified { values } = &change.kind {
                for value in values {
                    if !value.path.is_empty() {
                        writeln!(formatter, "    {}", value.path)?;
                    }
                    write_values(formatter, value)?;
                }
            }
        }
        Ok(())
    }
}

fn write_values(formatter: &mut fmt::Formatter<'_>, change: &ValueChange) -> fmt::Result {
    let text = |json: &Option<Json>| {
        json.as_ref().map(|json| serde_json::to_string_pretty(json).unwrap_or_default() + "\n").unwrap_or_default()
    };
    let (before, after) = (text(&change.before), text(&change.after));
    for line in TextDiff::from_lines(&before, &after).iter_all_changes() {
        let sign = match line.tag() {
            similar::ChangeTag::Delete => '-',
            similar::ChangeTag::Insert => '+',
            similar::ChangeTag::Equal => ' ',
        };
        write!(formatter, "      {sign} {line}")?;
    }
    Ok(())
}
