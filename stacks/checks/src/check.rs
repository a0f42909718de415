//! Every rule over every resource.

use crate::finding::{Finding, Verdict};
use crate::rule::{Objection, Rule};
use crate::subject::{Subject, World};
use crate::{kept, limits, names, privilege, schema, security};
use como_core::assembly::{Assembly, StackArtifact};
use como_core::suppression::accepted;
use serde_json::{Map, Value as Json};

/// What the rules say of an assembly.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the order of stacks and resources, accepted ones among them.
    pub findings: Vec<Finding>,
    /// How many resources were judged.
    pub resources: usize,
}

impl Report {
    /// What somebody has to act on.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_open())
    }

    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.open().next().is_none()
    }
}

/// Judges every resource and template of an assembly.
#[must_use]
pub fn check(assembly: &Assembly) -> Report {
    let world = World::new(assembly);
    let mut report = Report { findings: Vec::new(), resources: assembly.resource_count() };
    for stack in &assembly.stacks {
        for (rule, objections) in limits::of_template(stack) {
            let findings = objections.into_iter().map(|objection| about_template(rule, stack, objection));
            report.findings.extend(findings);
        }
        for (logical_id, resource) in &stack.template.resources {
            let subject = Subject::new(&world, stack, logical_id, resource);
            let against_the_schema = schema::of_resource(&subject).into_iter();
            report.findings.extend(against_the_schema.map(|(rule, objection)| about(rule, &subject, objection)));
            for rule in judging().filter(|rule| rule.is_about(&resource.resource_type)) {
                let objections = (rule.judge)(&subject);
                report.findings.extend(objections.into_iter().map(|objection| about(rule, &subject, objection)));
            }
        }
    }
    report
}

/// Every rule there is.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    schema::RULES.iter().chain(limits::TEMPLATE_RULES).chain(judging())
}

/// The rules that judge a resource by themselves, in the order in which they are applied.
fn judging() -> impl Iterator<Item = &'static Rule> {
    let groups = [kept::RULES, limits::RULES, names::RULES, privilege::RULES];
    groups.into_iter().chain(security::RULES.iter().copied()).flatten()
}

fn about(rule: &'static Rule, subject: &Subject<'_>, objection: Objection) -> Finding {
    let construct = subject.stack.paths.get(subject.logical_id);
    Finding {
        rule,
        stack: subject.stack.name.clone(),
        construct: construct.cloned().unwrap_or_else(|| subject.logical_id.to_owned()),
        logical_id: subject.logical_id.to_owned(),
        resource_type: subject.resource.resource_type.clone(),
        verdict: verdict(rule, &objection, &subject.resource.metadata),
        property: objection.property,
        message: objection.message,
    }
}

fn about_template(rule: &'static Rule, stack: &StackArtifact, objection: Objection) -> Finding {
    Finding {
        rule,
        stack: stack.name.clone(),
        construct: String::new(),
        logical_id: String::new(),
        resource_type: String::new(),
        verdict: verdict(rule, &objection, &stack.template.metadata),
        property: objection.property,
        message: objection.message,
    }
}

/// A suppression of one finding's own id accepts that finding alone; one of a rule's ids accepts what the rule reports.
fn verdict(rule: &Rule, objection: &Objection, metadata: &Map<String, Json>) -> Verdict {
    let is_it = |id: &str| match &objection.id {
        Some(own) => own == id,
        None => rule.ids.contains(&id),
    };
    match accepted(metadata).find(|(id, _)| is_it(id)) {
        Some((_, reason)) => Verdict::Accepted { reason: reason.to_owned() },
        None => Verdict::Open,
    }
}
