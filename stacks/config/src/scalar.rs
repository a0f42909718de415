//! What plain text means in YAML 1.2's core schema.

pub(crate) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

pub(crate) fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    whole_number(text).is_some()
        || (digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
            && digits.chars().all(|character| character.is_ascii_digit() || ".eE+-".contains(character))
            && text.parse::<f64>().is_ok())
}

/// Numbers beyond 64 bits become the largest, which no value accepts; [`i64::MAX`] can be told from a number that was meant.
pub(crate) fn whole_number(text: &str) -> Option<i64> {
    let (radix, digits) = match text.split_at_checked(2) {
        Some(("0o", digits)) => (8, digits),
        Some(("0x", digits)) => (16, digits),
        _ => (10, text.strip_prefix(['+', '-']).unwrap_or(text)),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let size = i64::from_str_radix(digits, radix).unwrap_or(i64::MAX);
    Some(if text.starts_with('-') { -size } else { size })
}
