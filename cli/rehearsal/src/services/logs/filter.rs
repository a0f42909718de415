//! Filter patterns: terms and JSON conditions; the CloudWatch Logs user guide, "Filter pattern syntax for metric filters,
//! subscription filters, filter log events, and Live Tail".

use super::state::invalid;
use crate::services::wire::ServiceError;
use serde_json::Value;

pub(super) enum Filter {
    Terms(Terms),
    Json(Condition),
}

#[derive(Default)]
pub(super) struct Terms {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

pub(super) enum Condition {
    Either(Box<Condition>, Box<Condition>),
    Both(Box<Condition>, Box<Condition>),
    /// A selector, an operator and what to compare with.
    Compare(Vec<String>, String, String),
}

impl Filter {
    pub(super) fn parse(pattern: &str) -> Result<Self, ServiceError> {
        let pattern = pattern.trim();
        if let Some(inner) = pattern.strip_prefix('{') {
            let inner = inner.strip_suffix('}').ok_or_else(|| invalid("Invalid filter pattern"))?;
            let mut tokens = tokens(inner)?;
            tokens.reverse();
            let condition = either(&mut tokens)?;
            return match tokens.pop() {
                None => Ok(Self::Json(condition)),
                Some(token) => Err(invalid(format!("Invalid filter pattern: unexpected {token}"))),
            };
        }
        if pattern.starts_with('[') || pattern.starts_with('%') {
            let message =
                format!("the rehearsal cloud does not offer the filter pattern {pattern}, only terms and JSON");
            return Err(invalid(message));
        }
        let mut terms = Terms::default();
        for term in words(pattern) {
            let (list, term) = match term.split_at_checked(1) {
                Some(("?", rest)) => (&mut terms.any, rest),
                Some(("-", rest)) => (&mut terms.none, rest),
                _ => (&mut terms.all, term.as_str()),
            };
            list.push(term.trim_matches('"').to_owned());
        }
        Ok(Self::Terms(terms))
    }

    pub(super) fn passes(&self, message: &str) -> bool {
        match self {
            Self::Terms(Terms { all, any, none }) => {
                // Beside other terms, those with a question mark do not count.
                let is_any = any.is_empty() || !all.is_empty() || any.iter().any(|term| message.contains(term));
                is_any
                    && all.iter().all(|term| message.contains(term))
                    && !none.iter().any(|term| message.contains(term))
            }
            Self::Json(condition) => serde_json::from_str(message)
                .is_ok_and(|document: Value| document.is_object() && condition.holds(&document)),
        }
    }
}

impl Condition {
    fn holds(&self, document: &Value) -> bool {
        match self {
            Self::Either(one, other) => one.holds(document) || other.holds(document),
            Self::Both(one, other) => one.holds(document) && other.holds(document),
            Self::Compare(path, operator, wanted) => {
                let step = |value: Value, name: &String| match name.parse::<usize>() {
                    Ok(index) => value.get(index).cloned(),
                    Err(_) => value.get(name).cloned(),
                };
                let value = path.iter().try_fold(document.clone(), step);
                compare(value.as_ref(), operator, wanted)
            }
        }
    }
}

fn compare(value: Option<&Value>, operator: &str, wanted: &str) -> bool {
    let number = value.and_then(Value::as_f64).zip(wanted.parse::<f64>().ok());
    let is_equal = || match (value, number) {
        (_, Some((value, wanted))) => (value - wanted).abs() < f64::EPSILON,
        (Some(Value::String(text)), None) => crate::services::events::wildcard(wanted, text),
        _ => false,
    };
    match operator {
        "=" => is_equal(),
        "!=" => value.is_some() && !is_equal(),
        "<" => number.is_some_and(|(value, wanted)| value < wanted),
        "<=" => number.is_some_and(|(value, wanted)| value <= wanted),
        ">" => number.is_some_and(|(value, wanted)| wanted < value),
        ">=" => number.is_some_and(|(value, wanted)| wanted <= value),
        "IS" => match wanted {
            "TRUE" => value == Some(&Value::Bool(true)),
            "FALSE" => value == Some(&Value::Bool(false)),
            _ => value == Some(&Value::Null),
        },
        "NOT" => value.is_none(),
        _ => false,
    }
}

fn either(tokens: &mut Vec<String>) -> Result<Condition, ServiceError> {
    let mut condition = both(tokens)?;
    while tokens.pop_if(|token| token == "||").is_some() {
        condition = Condition::Either(Box::new(condition), Box::new(both(tokens)?));
    }
    Ok(condition)
}

fn both(tokens: &mut Vec<String>) -> Result<Condition, ServiceError> {
    let mut condition = one(tokens)?;
    while tokens.pop_if(|token| token == "&&").is_some() {
        condition = Condition::Both(Box::new(condition), Box::new(one(tokens)?));
    }
    Ok(condition)
}

fn one(tokens: &mut Vec<String>) -> Result<Condition, ServiceError> {
    let wrong = || invalid("Invalid filter pattern");
    if tokens.pop_if(|token| token == "(").is_some() {
        let condition = either(tokens)?;
        return tokens.pop_if(|token| token == ")").map(|_| condition).ok_or_else(wrong);
    }
    let selector = tokens.pop().ok_or_else(wrong)?;
    let path = selector.strip_prefix("$.").ok_or_else(wrong)?;
    let path = path.split(['.', '[', ']']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let operator = tokens.pop().ok_or_else(wrong)?;
    let wanted = tokens.pop().ok_or_else(wrong)?;
    let known = match operator.as_str() {
        "=" | "!=" | "<" | "<=" | ">" | ">=" => true,
        "IS" => matches!(wanted.as_str(), "TRUE" | "FALSE" | "NULL"),
        "NOT" => wanted == "EXISTS",
        _ => false,
    };
    if !known {
        return Err(invalid(format!("the rehearsal cloud does not offer {operator} {wanted} in filter patterns")));
    }
    Ok(Condition::Compare(path, operator, wanted.trim_matches('"').to_owned()))
}

/// Separated by spaces; quotes keep together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        if letter == '"' {
            is_quoted = !is_quoted;
        }
        if letter.is_whitespace() && !is_quoted {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(letter);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn tokens(text: &str) -> Result<Vec<String>, ServiceError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let signs = ["&&", "||", "!=", "<=", ">=", "=", "<", ">", "(", ")"];
        let length = if let Some(sign) = signs.iter().find(|sign| rest.starts_with(**sign)) {
            sign.len()
        } else if let Some(quoted) = rest.strip_prefix('"') {
            2 + quoted.find('"').ok_or_else(|| invalid("Invalid filter pattern"))?
        } else {
            let ends = |letter: char| letter.is_whitespace() || "&|!<>=()\"".contains(letter);
            rest.find(ends).unwrap_or(rest.len()).max(1)
        };
        let (token, after) = rest.split_at_checked(length).ok_or_else(|| invalid("Invalid filter pattern"))?;
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::Filter;

    fn check(pattern: &str, message: &str, expected: bool) {
        assert_eq!(Filter::parse(pattern).unwrap().passes(message), expected, "{pattern} on {message}");
    }

    #[test]
    fn terms_are_looked_for_as_cloudwatch_does() {
        check("", "anything", true);
        check("ERROR", "an ERROR", true);
        check("ERROR timeout", "an ERROR", false);
        check("\"an ERROR\" -timeout", "an ERROR", true);
        check("ERROR -timeout", "ERROR timeout", false);
        check("?ERROR ?WARN", "a WARN", true);
        check("?ERROR ?WARN", "INFO", false);
    }

    #[test]
    fn documents_are_compared_field_by_field() {
        let message =
            r#"{ "level": "error", "status": 503, "task": { "id": "a-b", "tags": ["x"] }, "ok": false, "none": null }"#;
        check(r#"{ $.level = "error" }"#, message, true);
        check("{ $.level = err* && $.status >= 500 }", message, true);
        check("{ ($.status < 500) || ($.task.id = a-b) }", message, true);
        check("{ $.status = 500 || $.status = 504 }", message, false);
        check("{ $.task.tags[0] = x }", message, true);
        check("{ $.ok IS FALSE && $.none IS NULL && $.missing NOT EXISTS }", message, true);
        check("{ $.level != info }", message, true);
        check("{ $.level = error }", "level=error", false);
        assert!(Filter::parse("[ip, user]").is_err());
        assert!(Filter::parse("{ $.a = ").is_err());
    }
}
