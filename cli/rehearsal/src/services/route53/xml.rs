//! XML as JSON: elements are fields, repeated ones lists, text is text. Attributes and namespaces say nothing here.

use crate::services::wire::escape;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The content of the root element; None for what is not XML.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut rest = text;
    while let Some(after) = rest.trim_start().strip_prefix("<?") {
        rest = after.split_once("?>")?.1;
    }
    element(rest.trim_start(), 0).map(|(_, value, _)| value)
}

/// Nobody nests as deep.
const DEEPEST: usize = 32;

/// Name, content and what follows.
fn element(text: &str, depth: usize) -> Option<(&str, Value, &str)> {
    let (tag, mut rest) = text.strip_prefix('<')?.split_once('>')?;
    let name = tag.trim_end_matches('/').split_whitespace().next()?;
    if tag.ends_with('/') || DEEPEST < depth {
        return Some((name, json!(""), rest));
    }
    let mut children = Map::new();
    loop {
        let (before, after) = rest.split_at(rest.find('<')?);
        if let Some(end) = after.strip_prefix("</") {
            let rest = end.split_once('>')?.1;
            let value = if children.is_empty() { Value::String(unescape(before)) } else { Value::Object(children) };
            return Some((name, value, rest));
        }
        let (child, value, after) = element(after, depth + 1)?;
        rest = after;
        match children.get_mut(child) {
            None => {
                children.insert(child.to_owned(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
}

fn unescape(text: &str) -> String {
    text.trim()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

pub(crate) fn render(value: &Value) -> String {
    let mut out = String::new();
    if let Value::Object(fields) = value {
        for (name, field) in fields {
            let many = match field {
                Value::Null => continue,
                Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for one in many {
                let _infallible = write!(out, "<{name}>{}</{name}>", render(one));
            }
        }
        return out;
    }
    match value {
        Value::String(text) => escape(text),
        other => other.to_string(),
    }
}

/// One or several, as a list.
pub(crate) fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, render};
    use serde_json::json;

    #[test]
    fn xml_is_read_and_written() {
        let text = "<?xml version=\"1.0\"?><R xmlns=\"x\"><A><B>1</B><B>a &amp; b</B></A><C/></R>";
        let value = parse(text).unwrap();
        assert_eq!(value, json!({ "A": { "B": ["1", "a & b"] }, "C": "" }));
        assert_eq!(render(&value), "<A><B>1</B><B>a &amp; b</B></A><C></C>");
        assert_eq!(parse("<R><A></R"), None);
    }
}
