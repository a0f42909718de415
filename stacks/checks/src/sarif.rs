//! SARIF 2.1.0, which code hosts and security tools read: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! A finding about a template is anchored to the environment's file, which is what a person changes and what lies in the
//! repository; the construct is its logical location.

use crate::check::{Report, rules};
use crate::finding::{Finding, Verdict};
use crate::rule::{Rule, Severity};
use serde_json::{Map, Value as Json, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What is known of one environment's file.
#[derive(Debug)]
pub struct Judged<'a> {
    /// Its path, relative to the repository where it can be.
    pub file: &'a str,
    /// Why the file gives no topology; empty when it does.
    pub mistakes: Vec<Mistake>,
    /// What the rules say of its topology.
    pub report: Option<&'a Report>,
}

/// A mistake in the file itself.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// Stable, for example `unknown-key`.
    pub code: String,
    pub message: String,
    /// What to do, as sentences; may be empty.
    pub help: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// The log of one run of the tool with this version over some environments.
#[must_use]
pub fn log(version: &str, judged: &[Judged<'_>]) -> Json {
    let mut descriptors: Vec<Json> = rules().map(descriptor).collect();
    let mut known: Vec<String> = rules().map(|rule| rule.id().to_owned()).collect();
    let mut results = Vec::new();
    for environment in judged {
        for mistake in &environment.mistakes {
            if !known.contains(&mistake.code) {
                known.push(mistake.code.clone());
                descriptors.push(descriptor_of_code(&mistake.code));
            }
            let index = known.iter().position(|id| *id == mistake.code).unwrap_or_default();
            results.push(of_mistake(environment.file, mistake, index));
        }
        for finding in environment.report.iter().flat_map(|report| &report.findings) {
            let index = known.iter().position(|id| id == finding.rule.id()).unwrap_or_default();
            results.push(of_finding(environment.file, finding, index));
        }
    }
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "como", "semanticVersion": version, "rules": descriptors } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Json {
    json!({
        "id": rule.id(),
        "shortDescription": { "text": rule.title },
        "help": { "text": rule.remedy },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": ["security", rule.severity.name()],
            "ids": rule.ids,
            "security-severity": score(rule.severity),
        },
    })
}

fn descriptor_of_code(code: &str) -> Json {
    json!({
        "id": code,
        "shortDescription": { "text": format!("environment file: {}", code.replace('-', " ")) },
        "defaultConfiguration": { "level": "error" },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fault | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// In the bands by which GitHub shows a severity: critical from 9, high from 7, medium from 4.
/// <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Fault => "9.0",
        Severity::High => "7.0",
        Severity::Medium => "4.0",
        Severity::Low => "1.0",
    }
}

fn of_mistake(file: &str, mistake: &Mistake, rule: usize) -> Json {
    let mut text = mistake.message.clone();
    if !mistake.help.is_empty() {
        text.push_str(". ");
        text.push_str(&mistake.help);
    }
    // SARIF counts from 1; a mistake of the file as a whole has no line.
    let region = json!({ "startLine": mistake.line.max(1), "startColumn": mistake.column.max(1) });
    json!({
        "ruleId": mistake.code,
        "ruleIndex": rule,
        "level": "error",
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": region } }],
        "suppressions": [],
    })
}

fn of_finding(file: &str, finding: &Finding, rule: usize) -> Json {
    let name = format!("{}/{}", finding.stack, finding.construct);
    let mut logical = Map::new();
    logical.insert("fullyQualifiedName".to_owned(), json!(name.trim_end_matches('/')));
    logical.insert("kind".to_owned(), json!("resource"));
    if !finding.logical_id.is_empty() {
        logical.insert("name".to_owned(), json!(finding.logical_id));
    }
    let suppressions: Vec<Json> = match &finding.verdict {
        Verdict::Open => Vec::new(),
        Verdict::Accepted { reason } => vec![json!({ "kind": "inSource", "justification": reason })],
    };
    let open = Finding { verdict: Verdict::Open, ..finding.clone() };
    json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": rule,
        "level": level(finding.rule.severity),
        "message": { "text": format!("{open}: {}", finding.rule.remedy) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": { "startLine": 1 } },
            "logicalLocations": [logical],
        }],
        "partialFingerprints": {
            "comoFinding/v1": format!("{}:{name}:{}:{}", finding.rule.id(), finding.property, finding.message),
        },
        "suppressions": suppressions,
    })
}

/// A path as a reference that is a URI: relative ones stay relative to the repository.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(char::from(byte));
        } else if byte == b'\\' {
            uri.push('/');
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
