//! Why a value was not accepted.

use std::borrow::Cow;

use crate::suggest::nearest;

/// What is wrong with one value, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    message: String,
    accepted: Vec<String>,
    hint: Option<String>,
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), accepted: Vec::new(), hint: None }
    }

    /// For values of a closed list; the nearest one becomes the hint.
    pub(crate) fn not_one_of(value: &str, what: &str, accepted: impl IntoIterator<Item = impl ToString>) -> Self {
        let accepted: Vec<String> = accepted.into_iter().map(|item| item.to_string()).collect();
        let hint = nearest(value, accepted.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        Self { message: format!("{} is not {what}", quote(value)), accepted, hint }
    }

    pub(crate) fn accepting(mut self, accepted: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.accepted = accepted.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The values, or the form of values, that would be accepted; empty when the message says it.
    #[must_use]
    pub fn accepted(&self) -> &[String] {
        &self.accepted
    }

    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// A value as a message shows it.
pub(crate) fn quote(value: &str) -> String {
    format!("`{}`", shortened(value))
}

/// Without control characters, so that a file cannot write to the terminal, and not long.
pub(crate) fn shortened(value: &str) -> String {
    const LONGEST: usize = 48;
    let dots = if value.chars().nth(LONGEST).is_some() { "…" } else { "" };
    let start: String = masked(value).chars().take(LONGEST).map(visible).collect();
    start + dots
}

/// An address with a password in it, which does not belong in these files, is shown without it: a star for each character.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let mut rest = text;
    let mut shown = String::new();
    while let Some((before, after)) = rest.split_once("://") {
        let authority =
            after.split(|end: char| end.is_whitespace() || "/,\"'".contains(end)).next().unwrap_or_default();
        let hidden = authority.rfind('@').unwrap_or_default();
        let (credentials, after) = after.split_at(hidden);
        shown.extend([before, "://", &"*".repeat(credentials.chars().count())]);
        rest = after;
    }
    if shown.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(shown + rest) }
}

/// Control characters and marks that turn the direction of text would let a file rewrite what the reader sees.
pub(crate) fn visible(character: char) -> char {
    let invisible = matches!(character,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    match character {
        '\t' => ' ',
        _ if character.is_control() || invisible => '\u{FFFD}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn passwords_in_addresses_are_hidden_and_nothing_else_moves() {
        let check = |text: &str, expected: &str| assert_eq!(masked(text), expected);
        check("https://a.example/x@y", "https://a.example/x@y");
        check("a: https://me:word@a.example, b: http://x@b", "a: https://*******@a.example, b: http://*@b");
        check("https://é@a", "https://*@a");
        check("a@b", "a@b");
    }
}
