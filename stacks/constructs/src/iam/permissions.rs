//! What a role may do, collected by grants before the role is made.

use crate::iam::Statement;
use como_core::suppression::Suppression;
use como_core::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// cdk-nag's rule about wildcards, which reports each action and each resource on its own.
const WILDCARDS: &str = "AwsSolutions-IAM5";

/// The statements that grants have given; a role takes them once, so that its policy is one readable document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Permissions {
    statements: Vec<Statement>,
}

impl Permissions {
    #[must_use]
    pub const fn none() -> Self {
        Self { statements: Vec::new() }
    }

    /// Adds a statement; one that differs from an earlier one in its resources alone is merged into that.
    pub fn add(&mut self, statement: Statement) {
        let same = self.statements.iter_mut().find(|known| {
            known.effect == statement.effect
                && known.principal == statement.principal
                && known.actions == statement.actions
                && known.conditions == statement.conditions
                && known.wildcard == statement.wildcard
        });
        match same {
            Some(known) => {
                for resource in statement.resources {
                    if !known.resources.contains(&resource) {
                        known.resources.push(resource);
                    }
                }
            }
            None => self.statements.push(statement),
        }
    }

    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Accepts the wildcards that the statements argue, and no others.
    pub(super) fn suppressions(&self) -> Vec<Suppression> {
        let mut seen = BTreeSet::new();
        let mut suppressions = Vec::new();
        for statement in &self.statements {
            let Some(reason) = statement.wildcard else { continue };
            let actions = statement.actions.iter().map(|action| ("Action", Value::from(*action)));
            let resources = statement.resources.iter().map(|resource| ("Resource", resource.clone()));
            for (about, value) in actions.chain(resources) {
                let written = serde_json::to_value(&value).as_ref().map(Json::to_string).unwrap_or_default();
                if written.contains('*') && seen.insert((about, written)) {
                    suppressions.push(Suppression::of_finding(WILDCARDS, about, &value, reason));
                }
            }
        }
        suppressions
    }
}
