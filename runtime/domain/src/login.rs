//! The name a member logs in with: an e-mail address or a mobile number.

use std::fmt;

use thiserror::Error;

const MAX_EMAIL_LENGTH: usize = 254;

/// E.164 allows 15 digits; national numbers shorter than 6 do not belong to people.
const MOBILE_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

#[derive(Clone, PartialEq, Eq)]
pub enum LoginName {
    Email(String),
    Mobile {
        /// Without it the number is one of the partner's home country.
        country_code: Option<String>,
        number: String,
    },
}

/// A login name is a contact detail, so nothing of it is shown.
impl fmt::Debug for LoginName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Email(_) => "Email(…)",
            Self::Mobile { .. } => "Mobile(…)",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a login is an e-mail address or a mobile number such as +65 8123 4567")]
pub struct LoginNameError;

impl TryFrom<&str> for LoginName {
    type Error = LoginNameError;

    fn try_from(text: &str) -> Result<Self, LoginNameError> {
        let text = text.trim();
        match text.contains('@') {
            true => email(text),
            false => mobile(text),
        }
    }
}

fn email(text: &str) -> Result<LoginName, LoginNameError> {
    let (local, domain) = text.rsplit_once('@').ok_or(LoginNameError)?;
    let is_plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    if MAX_EMAIL_LENGTH < text.len() || !is_plain(local) || !is_plain(domain) || local.contains('@') {
        return Err(LoginNameError);
    }
    Ok(LoginName::Email(text.to_lowercase()))
}

fn mobile(text: &str) -> Result<LoginName, LoginNameError> {
    let (is_international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest.chars().any(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')'))) {
        return Err(LoginNameError);
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if !MOBILE_DIGITS.contains(&digits.len()) {
        return Err(LoginNameError);
    }
    if !is_international {
        return Ok(LoginName::Mobile { country_code: None, number: digits });
    }
    let (country_code, number) = digits.split_at(country_code_length(&digits));
    Ok(LoginName::Mobile { country_code: Some(country_code.to_owned()), number: number.to_owned() })
}

/// ITU E.164: zones 1 and 7 have one digit, the listed ones two, all others three.
fn country_code_length(digits: &str) -> usize {
    const TWO_DIGITS: &[&str] = &[
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    if digits.starts_with('1') || digits.starts_with('7') {
        1
    } else if TWO_DIGITS.iter().any(|code| digits.starts_with(code)) {
        2
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<LoginName>) {
        assert!(LoginName::try_from(text).ok() == expected, "{text}");
    }

    fn mobile(country_code: Option<&str>, number: &str) -> Option<LoginName> {
        Some(LoginName::Mobile { country_code: country_code.map(str::to_owned), number: number.to_owned() })
    }

    #[test]
    fn both_kinds_are_recognised() {
        check(" Mei.Tan@Example.com ", Some(LoginName::Email("mei.tan@example.com".to_owned())));
        check("81000001", mobile(None, "81000001"));
        check("+65 8100-0001", mobile(Some("65"), "81000001"));
        check("+1 (212) 555 0100", mobile(Some("1"), "2125550100"));
        check("+852 5123 4567", mobile(Some("852"), "51234567"));
        for text in ["", "mei", "@example.com", "a@", "a@b@c", "a b@c", "12345", "1234567890123456", "81 00x00 01"] {
            check(text, None);
        }
    }

    #[test]
    fn debug_shows_no_contact_detail() {
        let shown = format!("{:?}", LoginName::try_from("mei.tan@example.com"));
        assert!(!shown.contains("mei"), "{shown}");
    }
}
