//! What is wrong with a price book.

use std::fmt;

/// One mistake and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookMistake {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

/// Everything that is wrong with one book, in its order; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BookMistakes {
    pub(crate) file: String,
    pub(crate) mistakes: Vec<BookMistake>,
}

impl BookMistakes {
    #[must_use]
    pub fn as_slice(&self) -> &[BookMistake] {
        &self.mistakes
    }
}

impl fmt::Display for BookMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no price book", self.file)?;
        for BookMistake { line, column, message } in &self.mistakes {
            write!(f, "\n  {}:{line}:{column}: {message}", self.file)?;
        }
        Ok(())
    }
}

impl BookMistake {
    /// At a byte of the text.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |index| index + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: message.into(),
        }
    }
}
