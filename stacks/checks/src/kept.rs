//! What cannot be made again must outlive its stack.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::Subject;
use como_core::resource::{RemovalPolicy, is_stateful};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        ids: &["stateful-kept", "W3011"],
        title: "stateful resources are kept when they are deleted or replaced",
        severity: Severity::High,
        remedy: "leave `Options::removal` at its default, or keep the resource by `RemovalPolicy::Retain`",
        types: &[],
        judge: kept,
    },
    Rule {
        ids: &["policies-in-pairs", "W3011"],
        title: "a resource that is kept on deletion is kept on replacement too",
        severity: Severity::Medium,
        remedy: "set `DeletionPolicy` and `UpdateReplacePolicy` together",
        types: &[],
        judge: in_pairs,
    },
];

fn kept(subject: &Subject<'_>) -> Vec<Objection> {
    if !is_stateful(&subject.resource.resource_type) {
        return Vec::new();
    }
    let policies = [
        ("DeletionPolicy", subject.resource.deletion_policy),
        ("UpdateReplacePolicy", subject.resource.update_replace_policy),
    ];
    let lost = policies.into_iter().filter(|(_, policy)| !policy.is_some_and(keeps));
    lost.map(|(name, _)| Objection::new("", format!("`{name}` does not keep it"))).collect()
}

fn in_pairs(subject: &Subject<'_>) -> Vec<Objection> {
    let resource = subject.resource;
    let is_kept = [resource.deletion_policy, resource.update_replace_policy].map(|policy| policy.is_some_and(keeps));
    let message = "only one of `DeletionPolicy` and `UpdateReplacePolicy` keeps it";
    Subject::expect(is_stateful(&resource.resource_type) || is_kept == [true; 2] || is_kept == [false; 2], "", message)
}

const fn keeps(policy: RemovalPolicy) -> bool {
    match policy {
        RemovalPolicy::Retain | RemovalPolicy::RetainExceptOnCreate | RemovalPolicy::Snapshot => true,
        RemovalPolicy::Delete => false,
    }
}
