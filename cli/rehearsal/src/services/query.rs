//! The awsQuery protocol as JSON, for services that speak both.

use super::wire::{Response, escape, with_content_type};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// The action of a form and its input; `X.member.1.Y` becomes lists of objects. Every leaf is a text.
pub(crate) fn parse(body: &[u8]) -> Option<(String, Value)> {
    let mut input = Value::Object(Map::new());
    let mut action = None;
    for (key, value) in form_urlencoded::parse(body) {
        match key.as_ref() {
            "Action" => action = Some(value.into_owned()),
            "Version" => {}
            path => put(&mut input, path, value.into_owned()),
        }
    }
    Some((action?, listed(input)))
}

fn put(target: &mut Value, path: &str, text: String) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(fields) = target.as_object_mut() else { return };
    let slot = fields.entry(first).or_insert_with(|| Value::Object(Map::new()));
    match rest {
        Some(rest) => put(slot, rest, text),
        None => *slot = Value::String(text),
    }
}

/// Objects with the one field `member` are lists, in the order of their numbers.
fn listed(value: Value) -> Value {
    let Value::Object(mut fields) = value else { return value };
    if let (1, Some(Value::Object(members))) = (fields.len(), fields.get_mut("member")) {
        let mut members: Vec<(u64, Value)> = std::mem::take(members)
            .into_iter()
            .filter_map(|(number, value)| Some((number.parse().ok()?, listed(value))))
            .collect();
        members.sort_by_key(|(number, _)| *number);
        return members.into_iter().map(|(_, value)| value).collect();
    }
    Value::Object(fields.into_iter().map(|(name, value)| (name, listed(value))).collect())
}

/// An answer in XML; lists hold `member`s.
pub(crate) fn respond(action: &str, namespace: &str, output: &Value) -> Response {
    let mut body = format!("<{action}Response xmlns=\"{namespace}\"><{action}Result>");
    render(&mut body, output);
    let _infallible = write!(
        body,
        "</{action}Result><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
        uuid::Uuid::new_v4()
    );
    with_content_type(200, "text/xml", body)
}

fn render(out: &mut String, value: &Value) {
    let mut element = |name: &str, value: &Value| {
        if !value.is_null() {
            let _infallible = write!(out, "<{name}>");
            render(out, value);
            let _infallible = write!(out, "</{name}>");
        }
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| element(name, value)),
        Value::Array(items) => items.iter().for_each(|item| element("member", item)),
        Value::String(text) => out.push_str(&escape(text)),
        Value::Null => {}
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, respond};
    use serde_json::json;

    #[test]
    fn forms_become_json_and_json_becomes_xml() {
        let form = b"Action=Put&Version=1&A.member.2.B=y&A.member.1.B=x&A.member.10=z&C.D=1";
        let (action, input) = parse(form).unwrap();
        assert_eq!(
            (action.as_str(), &input),
            ("Put", &json!({ "A": [{ "B": "x" }, { "B": "y" }, "z"], "C": { "D": "1" } }))
        );
        let body = respond("Get", "urn:x", &json!({ "A": [{ "B": "<" }], "N": 1.5, "O": null }));
        let body = std::str::from_utf8(body.body()).unwrap();
        assert!(body.contains("<A><member><B>&lt;</B></member></A><N>1.5</N></GetResult>"), "{body}");
    }
}
