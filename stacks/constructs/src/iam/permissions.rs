//! What a role may do, collected by grants before the role is made.

use crate::iam::Statement;

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
}
