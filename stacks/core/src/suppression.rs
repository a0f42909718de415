//! Findings of security tools that a construct accepts, each with its reason.
//!
//! A suppression stands beside the construct that it excuses and travels in the template, where every tool looks for its
//! own: `checkov.skip`, `cdk_nag.rules_to_suppress`, `cfn-lint.config.ignore_checks`. cfn-lint has no place for a reason
//! and Security Hub reads no template, so what concerns these two is also written to `como.suppress`.

use crate::flat::flatten;
use crate::references::{self, Found};
use crate::value::Value;
use serde_json::{Map, Value as Json, json};

/// A shorter reason explains nothing; cdk-nag 2 refused it.
const LEAST_REASON: usize = 10;

/// Where each tool reads, and the member that holds the reason.
const CHECKOV: (&str, &str, &str) = ("checkov", "skip", "comment");
const CDK_NAG: (&str, &str, &str) = ("cdk_nag", "rules_to_suppress", "reason");
const OWN: (&str, &str, &str) = ("como", "suppress", "reason");

/// Findings of one construct that are accepted for one reason; several tools often report the same thing, under an id each.
#[derive(Debug, Clone, PartialEq)]
pub struct Suppression {
    ids: Vec<Id>,
    reason: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Id {
    Rule(String),
    /// One finding of a rule that reports several of a resource.
    Finding {
        rule: &'static str,
        about: &'static str,
        subject: Json,
    },
}

/// Who reports findings under an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// `CKV_AWS_18`, `CKV2_AWS_71`.
    Checkov,
    /// `AwsSolutions-S1`, `AwsSolutions-IAM5[Resource::*]`.
    CdkNag,
    /// `W3011`.
    CfnLint,
    /// `S3.9`: Security Hub's "AWS Foundational Security Best Practices".
    SecurityHub,
}

impl Suppression {
    /// Accepts what the rules with these ids report of the resource.
    #[must_use]
    pub fn new<const N: usize>(ids: [&str; N], reason: &str) -> Self {
        Self { ids: ids.into_iter().map(|id| Id::Rule(id.to_owned())).collect(), reason: reason.to_owned() }
    }

    /// Accepts what `rule` reports about one value alone: `("AwsSolutions-IAM5", "Resource", "arn:…/*")` is cdk-nag's
    /// `AwsSolutions-IAM5[Resource::arn:…/*]`. References in the value are written as they stand in the finished template.
    #[must_use]
    pub fn of_finding(rule: &'static str, about: &'static str, subject: &Value<String>, reason: &str) -> Self {
        let subject = serde_json::to_value(subject).unwrap_or_default();
        Self { ids: vec![Id::Finding { rule, about, subject }], reason: reason.to_owned() }
    }

    /// Writes the suppression, of a resource of the stack `own`, to where each tool looks for it; answers what is wrong with it.
    pub(crate) fn write(
        self,
        metadata: &mut Map<String, Json>,
        own: &str,
        resolve: &mut impl FnMut(&Found<'_>) -> Json,
    ) -> Vec<String> {
        let reason = self.reason;
        let mut problems = Vec::new();
        // Reasons reach tools that know ASCII only.
        if reason.len() < LEAST_REASON || !reason.is_ascii() {
            problems.push(format!(
                "`{reason}` is no reason to suppress a finding: {LEAST_REASON} ASCII characters at least"
            ));
        }
        for id in self.ids {
            let id = id.resolved(own, resolve);
            let Some(tool) = Tool::of(&id) else {
                problems.push(format!("suppresses {id}, which is no id of a tool that we know"));
                continue;
            };
            if accepted(metadata).any(|(known, _)| known == id) {
                problems.push(format!("suppresses {id} twice"));
                continue;
            }
            match tool {
                Tool::Checkov => append(metadata, CHECKOV, &id, &reason),
                Tool::CdkNag => append(metadata, CDK_NAG, &id, &reason),
                Tool::SecurityHub => append(metadata, OWN, &id, &reason),
                Tool::CfnLint => {
                    append(metadata, OWN, &id, &reason);
                    let section =
                        metadata.entry("cfn-lint").or_insert_with(|| json!({ "config": { "ignore_checks": [] } }));
                    if let Some(Json::Array(ids)) = section.pointer_mut("/config/ignore_checks") {
                        ids.push(Json::String(id));
                    }
                }
            }
        }
        problems
    }
}

impl Id {
    fn resolved(self, own: &str, resolve: &mut impl FnMut(&Found<'_>) -> Json) -> String {
        match self {
            Self::Rule(id) => id,
            Self::Finding { rule, about, mut subject } => {
                references::rewrite(&mut subject, own, resolve);
                format!("{rule}[{about}::{}]", flatten(&subject))
            }
        }
    }
}

impl Tool {
    /// Whose id this is, by its form.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(rest) = id.strip_prefix("CKV") {
            let number = rest.strip_prefix('2').unwrap_or(rest).strip_prefix("_AWS_")?;
            return is_number(number).then_some(Self::Checkov);
        }
        if id.starts_with("AwsSolutions-") {
            return Some(Self::CdkNag);
        }
        if id.strip_prefix(['E', 'I', 'W']).is_some_and(|number| number.len() == 4 && is_number(number)) {
            return Some(Self::CfnLint);
        }
        let (service, number) = id.split_once('.')?;
        let is_service = service.starts_with(|letter: char| letter.is_ascii_uppercase());
        (is_service && is_number(number)).then_some(Self::SecurityHub)
    }
}

/// What the metadata of a resource or of a template accept: id and reason, in the order of the sections above.
pub fn accepted(metadata: &Map<String, Json>) -> impl Iterator<Item = (&str, &str)> {
    [CHECKOV, CDK_NAG, OWN].into_iter().flat_map(|(tool, list, reason)| {
        let entries = metadata.get(tool).and_then(|section| section.get(list)).and_then(Json::as_array);
        entries.into_iter().flatten().filter_map(move |entry| {
            let id = entry.get("id")?.as_str()?;
            Some((id, entry.get(reason).and_then(Json::as_str).unwrap_or_default()))
        })
    })
}

fn append(metadata: &mut Map<String, Json>, (tool, list, why): (&str, &str, &str), id: &str, reason: &str) {
    let mut section = Map::new();
    section.insert(list.to_owned(), json!([]));
    let section = metadata.entry(tool).or_insert(Json::Object(section));
    if let Some(Json::Array(entries)) = section.get_mut(list) {
        entries.push(json!({ "id": id, why: reason }));
    }
}
