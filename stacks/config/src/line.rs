//! From a byte offset to a line and a column.

use std::ops::Range;

/// Bytes of the file's text.
pub(crate) type Place = Range<usize>;

/// The line that holds a byte, and where in it the byte is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// From 1.
    pub(crate) number: usize,
    /// From 1, in characters, as editors count.
    pub(crate) column: usize,
    /// Without its line break.
    pub(crate) text: &'t str,
    /// How many characters of the place lie on this line; at least 1.
    pub(crate) length: usize,
}

/// Any offsets do: those beyond the text or inside a character are moved to the nearest sound place.
pub(crate) fn line_at<'t>(text: &'t str, place: &Place) -> Line<'t> {
    let at = text.floor_char_boundary(place.start);
    let (before, after) = text.split_at(at);
    let start = before.rfind('\n').map_or(0, |index| index + 1);
    let end = after.find('\n').map_or(text.len(), |index| at + index);
    let line = text.get(start..end).unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let marked = text.get(at..text.floor_char_boundary(place.end.min(end))).unwrap_or_default().trim_end();
    Line {
        number: before.matches('\n').count() + 1,
        column: text.get(start..at).unwrap_or_default().trim_start_matches('\u{FEFF}').chars().count() + 1,
        text: line.trim_start_matches('\u{FEFF}'),
        length: marked.chars().count().max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::line_at;

    #[test]
    fn columns_count_characters_and_carets_stay_on_their_line() {
        let check = |text: &str, place, expected| {
            let line = line_at(text, &place);
            assert_eq!((line.number, line.column, line.text, line.length), expected, "{text:?}");
        };
        check("a: 1\nb: 22\n", 8..10, (2, 4, "b: 22", 2));
        check("é: 1", 4..5, (1, 4, "é: 1", 1));
        check("a: 1\r\nb: 2\r\n", 3..9, (1, 4, "a: 1", 1));
        check("", 0..0, (1, 1, "", 1));
        check("a", 70..90, (1, 2, "a", 1));
        check("é", 1..2, (1, 1, "é", 1));
    }
}
