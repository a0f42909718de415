//! Amounts in hundredths, since the ledgers have to balance to the last of them.

use serde_json::Value;

/// Reads `320.5`, as text or as a JSON number; `None` for anything that is no amount of at most two decimals.
pub(crate) fn hundredths(amount: &Value) -> Option<i64> {
    let text = match amount {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    from_decimal(&text)
}

pub(crate) fn from_decimal(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty()
        || 2 < fraction.len()
        || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse::<i64>().ok().map(|magnitude| sign * magnitude)
}

/// Memberson writes amounts as JSON numbers.
pub(crate) fn number(hundredths: i64) -> Value {
    let sign = if hundredths < 0 { "-" } else { "" };
    let magnitude = hundredths.unsigned_abs();
    let text = match magnitude % 100 {
        0 => format!("{sign}{}", magnitude / 100),
        rest => format!("{sign}{}.{rest:02}", magnitude / 100),
    };
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_read_and_written_without_loss() {
        for (amount, expected) in [
            (json!(320.5), Some(32_050)),
            (json!("4600"), Some(460_000)),
            (json!(-0.05), Some(-5)),
            (json!("1.005"), None),
            (json!("x"), None),
            (json!(null), None),
        ] {
            assert_eq!(hundredths(&amount), expected, "{amount}");
        }
        assert_eq!([number(32_050), number(-460_000), number(-5)].map(|n| n.to_string()), ["320.5", "-4600", "-0.05"]);
    }
}
