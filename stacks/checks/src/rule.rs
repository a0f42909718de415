//! What a rule is.

use crate::subject::Subject;

/// Something that must hold of every resource of some types.
#[derive(Debug)]
pub struct Rule {
    /// Under which the rule is known: our own name for it where nobody has published one, else the public ids, of which
    /// the first stands for the rule. Checkov's begin with `CKV`, cdk-nag's with `AwsSolutions-`, Security Hub's look like
    /// `S3.5`, cfn-lint's like `E3002`.
    pub ids: &'static [&'static str],
    /// What must hold.
    pub title: &'static str,
    pub severity: Severity,
    /// What to do about a finding.
    pub remedy: &'static str,
    /// Resource types that the rule is about; empty for all.
    pub types: &'static [&'static str],
    pub(crate) judge: fn(&Subject<'_>) -> Vec<Objection>,
}

/// How bad it is when a rule does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Low,
    Medium,
    High,
    /// CloudFormation or the service would refuse the template.
    Fault,
}

/// What a rule has against a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Objection {
    /// Names and positions from the properties down, joined with `/`; empty for the resource itself.
    pub(crate) property: String,
    pub(crate) message: String,
    /// The id of this finding alone, where a rule reports several of one resource: `AwsSolutions-IAM5[Resource::*]`.
    pub(crate) id: Option<String>,
}

impl Objection {
    pub(crate) fn new(property: impl Into<String>, message: impl Into<String>) -> Self {
        Self { property: property.into(), message: message.into(), id: None }
    }
}

impl Rule {
    /// The id that stands for the rule.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.ids.first().copied().unwrap_or_default()
    }

    pub(crate) fn is_about(&self, resource_type: &str) -> bool {
        self.types.is_empty() || self.types.contains(&resource_type)
    }
}

impl Severity {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Fault => "fault",
        }
    }
}
