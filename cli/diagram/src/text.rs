//! How wide text is, without asking a font.
//!
//! The widths are those of DejaVu Sans Condensed, near to those of Arial, Helvetica, Segoe UI and Inter. Every text of a
//! picture states the width that was reckoned for it, and the program that draws it fits the letters to that.

/// From space to tilde, in thousandths of the size, for the font that is not condensed.
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];
const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995,
    837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716,
    678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
    365, 712, 838,
];
/// What is outside the table and not one of the marks below: wide enough for a letter with an accent.
const OTHER: u16 = 1000;
/// What condensing leaves.
const CONDENSED: f64 = 0.9;

/// How far letters reach above and below the line on which they stand, as parts of the size.
pub(crate) const ASCENT: f64 = 0.78;
pub(crate) const DESCENT: f64 = 0.22;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// The width of `text` in the unit of `size`.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let table = match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    };
    let advance = |letter: char| match letter {
        '·' => 380,
        '–' => 500,
        _ => {
            let position = u32::from(letter).checked_sub(32).and_then(|position| usize::try_from(position).ok());
            position.and_then(|position| table.get(position)).copied().unwrap_or(OTHER)
        }
    };
    text.chars().map(|letter| f64::from(advance(letter))).sum::<f64>() * CONDENSED * size / 1000.0
}

/// `text`, or as much of it as fits, with an ellipsis.
pub(crate) fn fit(text: &str, room: f64, size: f64, weight: Weight) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().collect();
    while letters.pop().is_some() {
        let shortened = format!("{}…", letters.iter().collect::<String>().trim_end());
        if width(&shortened, size, weight) <= room {
            return shortened;
        }
    }
    String::new()
}

/// Words in at most `lines` lines, the last of which is shortened when there are more.
pub(crate) fn wrap(text: &str, room: f64, lines: usize, size: f64) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let number = wrapped.len();
        match wrapped.last_mut() {
            Some(line) if number == lines || width(&format!("{line} {word}"), size, Weight::Regular) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(word.to_owned()),
        }
    }
    wrapped.iter().take(lines).map(|line| fit(line, room, size, Weight::Regular)).collect()
}

/// Names in at most `lines` lines, as many as fit; what is left out is counted.
pub(crate) fn list(names: &[String], room: f64, lines: usize, size: f64) -> Vec<String> {
    let all = flow(names, 0, room, size);
    if all.len() <= lines {
        return all;
    }
    for left_out in 1..names.len() {
        let shown = flow(names.get(..names.len() - left_out).unwrap_or_default(), left_out, room, size);
        if shown.len() <= lines {
            return shown;
        }
    }
    names.first().map(|name| fit(name, room, size, Weight::Regular)).into_iter().take(lines).collect()
}

fn flow(names: &[String], left_out: usize, room: f64, size: f64) -> Vec<String> {
    let more = (0 < left_out).then(|| format!("{left_out} more"));
    let words: Vec<&str> = names.iter().map(String::as_str).chain(more.as_deref()).collect();
    let mut lines: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        let word = format!("{word}{comma}");
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, Weight::Regular) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(fit(&word, room, size, Weight::Regular)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_shortened_to_its_room() {
        let text = fit("bookings-and-redemptions", 60.0, 11.0, Weight::Regular);
        assert!(text.ends_with('…') && width(&text, 11.0, Weight::Regular) <= 60.0, "{text}");
        assert_eq!(fit("short", 60.0, 11.0, Weight::Regular), "short");
        assert_eq!(wrap("one identity provider of ours", 80.0, 2, 10.0), ["one identity", "provider of ours"]);
        assert_eq!(fit("anything", 1.0, 11.0, Weight::Bold), "");
    }

    #[test]
    fn names_fill_their_lines_and_the_rest_is_counted() {
        let names: Vec<String> = ["configuration", "journal", "idempotency", "sessions"].map(str::to_owned).to_vec();
        assert_eq!(list(&names, 400.0, 1, 10.0), ["configuration, journal, idempotency, sessions"]);
        assert_eq!(list(&names, 118.0, 2, 10.0), ["configuration, journal,", "idempotency, sessions"]);
        assert_eq!(list(&names, 118.0, 1, 10.0), ["configuration, 3 more"]);
    }
}
