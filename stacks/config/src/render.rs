//! Mistakes as text for a person.

use std::fmt::Write;

use crate::mistake::{Mistake, Mistakes, count};

/// Whether escape codes may be written; the terminal's owner decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Plain,
    Ansi,
}

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub colour: Colour,
    /// Characters a line; at least 40 are used.
    pub width: usize,
}

#[derive(Clone, Copy)]
enum Ink {
    Error,
    Frame,
    Hint,
}

impl Style {
    fn paint(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Error => "1;31",
            Ink::Frame => "34",
            Ink::Hint => "36",
        };
        match self.colour {
            Colour::Plain => text.to_owned(),
            Colour::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

impl Mistakes {
    /// Every mistake with its line of the file, and a last line that counts them.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let style = Style { width: style.width.max(40), ..style };
        let mut out = String::new();
        for mistake in self {
            block(&mut out, self.file(), mistake, style);
            out.push('\n');
        }
        let listed = self.as_slice().len();
        let more = if self.more() == 0 { String::new() } else { format!("; the first {listed} are listed") };
        let total = format!("{} in {}{more}", count(listed + self.more()), self.file());
        line(&mut out, &style.paint(Ink::Error, &total));
        out
    }
}

fn block(out: &mut String, file: &str, mistake: &Mistake, style: Style) {
    let number = mistake.line.to_string();
    let gutter = " ".repeat(number.len());
    let bar = style.paint(Ink::Frame, "|");
    let head = format!("error[{}]: ", mistake.code);
    let mut message = wrap(&format!("{head}{}", mistake.message), style.width, 4).into_iter();
    let first = message.next().unwrap_or_default();
    line(out, &format!("{}{}", style.paint(Ink::Error, &head), first.get(head.len()..).unwrap_or_default()));
    message.for_each(|next| line(out, &next));
    let place = format!("{file}:{number}:{}", mistake.column);
    let path = if mistake.path.is_empty() { String::new() } else { format!(" ({})", mistake.path) };
    line(out, &format!("{gutter}{} {place}{path}", style.paint(Ink::Frame, "-->")));
    let (text, start, length) = window(mistake, style.width.saturating_sub(number.len() + 3));
    line(out, &format!("{gutter} {bar}"));
    line(out, &format!("{} {bar} {text}", style.paint(Ink::Frame, &number)));
    let caret = style.paint(Ink::Error, &"^".repeat(length));
    line(out, &format!("{gutter} {bar} {}{caret}", " ".repeat(start)));
    let mut note = |label: &str, text: &str| {
        let lead = format!("{gutter} = {label}: ");
        let mut lines = wrap(text, style.width.saturating_sub(lead.len()), 0).into_iter();
        line(out, &format!("{}{}", style.paint(Ink::Hint, &lead), lines.next().unwrap_or_default()));
        lines.for_each(|next| line(out, &format!("{}{next}", " ".repeat(lead.len()))));
    };
    if !mistake.accepted.is_empty() {
        note("accepted", &mistake.accepted.join(", "));
    }
    if let Some(hint) = &mistake.hint {
        note("hint", hint);
    }
}

/// Lines end where their text ends, so that snapshots and diffs stay free of trailing spaces.
fn line(out: &mut String, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{}", text.trim_end());
}

/// The part of the snippet that fits, with the caret in it.
fn window(mistake: &Mistake, width: usize) -> (String, usize, usize) {
    let snippet = &mistake.snippet;
    if snippet.text.chars().count() <= width {
        return (snippet.text.clone(), snippet.start, snippet.length.min(width.saturating_sub(snippet.start)).max(1));
    }
    let room = width.saturating_sub(2).max(1);
    let skipped = (snippet.start + snippet.length.min(room / 2)).saturating_sub(room * 3 / 4);
    let shown: String = snippet.text.chars().skip(skipped).take(room).collect();
    let cut = skipped + room < snippet.text.chars().count();
    let (lead, tail) = (if skipped == 0 { "" } else { "…" }, if cut { "…" } else { "" });
    let start = snippet.start - skipped + lead.chars().count();
    (format!("{lead}{shown}{tail}"), start, snippet.length.min((room + 1).saturating_sub(start)).max(1))
}

/// Breaks at spaces; a word that is longer than a line stays whole, so that it can be copied.
fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => lines.push(format!("{}{word}", " ".repeat(indent))),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}
