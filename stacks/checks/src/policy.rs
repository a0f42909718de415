//! Policy documents, read as far as the rules need them.

use crate::subject::{each, get, is_true};
use serde_json::Value as Json;

/// One statement of a policy document.
#[derive(Clone, Copy)]
pub(crate) struct Statement<'a>(&'a Json);

/// The statements of a document; none for a missing one or an expression.
pub(crate) fn statements(document: Option<&Json>) -> Vec<Statement<'_>> {
    each(document.and_then(|document| document.get("Statement"))).into_iter().map(Statement).collect()
}

impl<'a> Statement<'a> {
    pub(crate) fn allows(&self) -> bool {
        self.0.get("Effect").and_then(Json::as_str) == Some("Allow")
    }

    pub(crate) fn has(&self, member: &str) -> bool {
        self.0.get(member).is_some()
    }

    pub(crate) fn actions(&self) -> Vec<&'a str> {
        each(self.0.get("Action")).into_iter().filter_map(Json::as_str).collect()
    }

    pub(crate) fn resources(&self) -> Vec<&'a Json> {
        each(self.0.get("Resource"))
    }

    pub(crate) fn conditions(&self) -> Option<&'a Json> {
        self.0.get("Condition")
    }

    /// Whether some condition is about this key.
    pub(crate) fn is_bound_by(&self, key: &str) -> bool {
        let operators = self.conditions().and_then(Json::as_object);
        operators
            .into_iter()
            .flat_map(|operators| operators.values())
            .any(|keys| keys.as_object().is_some_and(|keys| keys.keys().any(|found| found.eq_ignore_ascii_case(key))))
    }

    /// Whether one of its actions is this one, wildcards included.
    pub(crate) fn covers(&self, action: &str) -> bool {
        self.actions().iter().any(|pattern| is_like(pattern, action))
    }

    /// Whether anybody at all may be meant.
    pub(crate) fn is_for_anyone(&self) -> bool {
        let principal = self.0.get("Principal");
        let is_star = |value: &&Json| value.as_str() == Some("*");
        principal.as_ref().is_some_and(is_star)
            || each(principal.and_then(|principal| principal.get("AWS"))).iter().any(is_star)
    }

    /// The principals of a kind: `AWS`, `Service`, `Federated`.
    pub(crate) fn principals(&self, kind: &str) -> Vec<&'a Json> {
        each(self.0.get("Principal").and_then(|principal| principal.get(kind)))
    }

    /// Whether it refuses everybody who does not use TLS, for at least one of these actions.
    pub(crate) fn refuses_plain_text(&self, actions: &[&str]) -> bool {
        let secure = get(self.0, "Condition.Bool").and_then(|keys| keys.get("aws:SecureTransport"));
        let is_false = |value: &Json| value == "false" || (value.is_boolean() && !is_true(value));
        let is_ours = |action: &&str| actions.iter().any(|ours| ours.eq_ignore_ascii_case(action));
        !self.allows()
            && self.has("Effect")
            && secure.is_some_and(is_false)
            && self.is_for_anyone()
            && self.actions().iter().any(is_ours)
    }
}

/// IAM's wildcards: `*` for any text, `?` for one letter; actions are compared without regard to case.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('*') => {
            let mut shorter = text.chars();
            is_like(letters.as_str(), text) || shorter.next().is_some() && is_like(pattern, shorter.as_str())
        }
        Some(wanted) => {
            let mut found = text.chars();
            found.next().is_some_and(|letter| wanted == '?' || wanted.eq_ignore_ascii_case(&letter))
                && is_like(letters.as_str(), found.as_str())
        }
    }
}
