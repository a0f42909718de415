//! Small pieces of text that every screen shares.

use anstream::adapter::strip_str;
use std::time::Duration;

/// Cuts to `width` columns, with an ellipsis where something was lost.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

/// Cuts or fills to exactly `width` columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let fitted = fit(text, width);
    let missing = width.saturating_sub(fitted.chars().count());
    fitted + &" ".repeat(missing)
}

/// Breaks lines between words so that none is wider than `width`, unless a single word is. Follow-up lines keep the
/// indentation of their first.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        wrapped.extend(std::iter::repeat_n(' ', indent));
        let mut column = indent;
        for (index, word) in line.trim_start().split(' ').enumerate() {
            let length = strip_str(word).to_string().chars().count();
            if index != 0 && width < column + 1 + length {
                wrapped.push('\n');
                wrapped.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            } else if index != 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += length;
        }
        wrapped.push('\n');
    }
    wrapped
}

/// `850 ms`, `4.2 s`, `3 m 05 s`, `2 h 04 m`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.as_millis() < 1000 => format!("{} ms", duration.as_millis()),
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `1 stack`, `3 stacks`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn prose_breaks_between_words() {
        assert_eq!(wrap("one two three", 8), "one two\nthree\n");
        assert_eq!(wrap("  one two three", 9), "  one two\n  three\n");
        assert_eq!(wrap("a-word-that-is-too-long x", 5), "a-word-that-is-too-long\nx\n");
        assert_eq!(wrap("a\n\nb", 5), "a\n\nb\n");
    }
}
