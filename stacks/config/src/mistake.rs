//! The mistakes of one file, as a screen or a program gets them.

use std::fmt;

use serde::Serialize;

use crate::line::{Line, line_at};
use crate::log::{Finding, Log};
use crate::refusal::{masked, visible};
use crate::tree::Node;

/// What kind of mistake; scripts match these, never the wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The file is larger than an environment can be, or holds too many values, or nests too deeply.
    TooLarge,
    /// The file is not UTF-8.
    NotUtf8,
    /// The file says nothing.
    Empty,
    /// The file is not YAML.
    Syntax,
    /// YAML that environment files do not use: aliases, tags, several documents, keys that are not words.
    Unsupported,
    /// A key that nothing reads.
    UnknownKey,
    /// A key that is there twice.
    DuplicateKey,
    /// A key that must be there.
    MissingKey,
    /// A number where text belongs, and the like.
    WrongType,
    /// A value of the right type that is not accepted.
    InvalidValue,
    /// Values that are sound by themselves and do not go together.
    Conflict,
    /// A region without a resource type that the topology needs there; the id of the rule that found it.
    SchemaRegion,
    /// The file could not be read and no mistake was found in it: a bug in como.
    Internal,
}

impl Code {
    /// As the JSON has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NotUtf8 => "not-utf8",
            Self::Empty => "empty",
            Self::Syntax => "syntax",
            Self::Unsupported => "unsupported",
            Self::UnknownKey => "unknown-key",
            Self::DuplicateKey => "duplicate-key",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::InvalidValue => "invalid-value",
            Self::Conflict => "conflict",
            Self::SchemaRegion => "schema-region",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of the file and the part of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The line, or the part of a very long one, without control characters.
    pub text: String,
    /// The first character that is meant, from 0.
    pub start: usize,
    /// How many characters are meant; at least 1.
    pub length: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    pub code: Code,
    /// The keys that lead to the place, such as `services.accounts.cpu`; empty for the whole file.
    pub path: String,
    pub message: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub snippet: Snippet,
    /// Accepted values or forms; empty when the message says what is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
    /// What the reader can do now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Everything that is wrong with one file, in the order of the file; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file} has {}", count(.mistakes.len() + .more))]
pub struct Mistakes {
    file: String,
    mistakes: Vec<Mistake>,
    more: usize,
}

impl Mistakes {
    pub(crate) fn new(file: &str, text: &str, tree: Option<&Node>, log: Log) -> Self {
        let (findings, more) = log.into_parts();
        let mistakes = findings.into_iter().map(|finding| mistake(text, tree, finding)).collect();
        Self { file: file.chars().map(visible).collect(), mistakes, more }
    }

    /// The name that [`crate::parse`] was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// How many were found beyond those that are listed.
    #[must_use]
    pub const fn more(&self) -> usize {
        self.more
    }
}

impl<'a> IntoIterator for &'a Mistakes {
    type Item = &'a Mistake;
    type IntoIter = std::slice::Iter<'a, Mistake>;

    fn into_iter(self) -> Self::IntoIter {
        self.mistakes.iter()
    }
}

pub(crate) fn count(mistakes: usize) -> String {
    if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") }
}

fn mistake(text: &str, tree: Option<&Node>, finding: Finding) -> Mistake {
    let Finding { code, place, refusal } = finding;
    let line = line_at(text, &place);
    Mistake {
        code,
        path: tree.map(|root| root.path_to(&place).join(".")).unwrap_or_default(),
        message: refusal.message().to_owned(),
        line: line.number,
        column: line.column,
        snippet: snippet(&line),
        accepted: refusal.accepted().to_vec(),
        hint: refusal.hint_text().map(ToOwned::to_owned),
    }
}

/// A line of the file may be a megabyte; this much around the place is kept.
fn snippet(line: &Line<'_>) -> Snippet {
    const BEFORE: usize = 80;
    const LONGEST: usize = 200;
    let column = line.column - 1;
    let skipped = column.saturating_sub(BEFORE);
    let text: String = masked(line.text).chars().skip(skipped).take(LONGEST).map(visible).collect();
    let start = column - skipped;
    let length = line.length.min(text.chars().count().saturating_sub(start)).max(1);
    Snippet { text, start, length }
}
