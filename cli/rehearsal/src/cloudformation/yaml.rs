//! Reads a template's text, JSON or YAML with CloudFormation's short tags, into JSON.

use super::wire::QueryError;
use serde_json::{Map, Number, Value};
use serde_yaml::Value as Yaml;

/// Both formats give the same JSON; `!GetAtt a.b` becomes `{"Fn::GetAtt": ["a", "b"]}`.
pub(crate) fn parse(text: &str) -> Result<Value, QueryError> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            QueryError::validation(format!(
                "Template format error: JSON not well-formed. (line {}, column {})",
                error.line(),
                error.column()
            ))
        });
    }
    let yaml: Yaml = serde_yaml::from_str(text).map_err(|error| {
        let place =
            error.location().map(|at| format!(" (line {}, column {})", at.line(), at.column())).unwrap_or_default();
        QueryError::validation(format!("Template format error: YAML not well-formed.{place}"))
    })?;
    match yaml {
        Yaml::Mapping(_) => convert(yaml),
        _ => Err(QueryError::validation("Template format error: unsupported structure.")),
    }
}

fn convert(yaml: Yaml) -> Result<Value, QueryError> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => convert_number(&number),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(convert).collect::<Result<_, _>>()?),
        Yaml::Mapping(mapping) => {
            let mut object = Map::new();
            for (key, value) in mapping {
                object.insert(key_text(key)?, convert(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => expand_tag(&tagged.tag.to_string(), convert(tagged.value)?),
    })
}

fn convert_number(number: &serde_yaml::Number) -> Value {
    if let Some(value) = number.as_i64() {
        Value::from(value)
    } else if let Some(value) = number.as_u64() {
        Value::from(value)
    } else {
        number.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
    }
}

fn key_text(key: Yaml) -> Result<String, QueryError> {
    match key {
        Yaml::String(text) => Ok(text),
        Yaml::Bool(value) => Ok(value.to_string()),
        Yaml::Number(number) => Ok(number.to_string()),
        _ => Err(QueryError::validation("Template format error: All keys must be scalars")),
    }
}

fn expand_tag(tag: &str, value: Value) -> Value {
    let name = tag.trim_start_matches('!');
    let (function, argument) = match (name, value) {
        ("Ref" | "Condition", value) => (name.to_owned(), value),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((path.as_str(), ""));
            ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute]))
        }
        (_, value) => (format!("Fn::{name}"), value),
    };
    Value::Object(Map::from_iter([(function, argument)]))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    #[test]
    fn short_tags_and_long_forms_are_the_same_template() {
        let text = "
Version: 2012-10-17
Account: \"012345678901\"
A: !Ref Vpc
B: !GetAtt Database.Endpoint.Address
C: !Sub
  - ${x}-y
  - x: !Join [',', [a, !If [On, 1, !Ref AWS::NoValue]]]
D: !Equals [!Condition On, true]
";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "Version": "2012-10-17",
                "Account": "012345678901",
                "A": {"Ref": "Vpc"},
                "B": {"Fn::GetAtt": ["Database", "Endpoint.Address"]},
                "C": {"Fn::Sub": ["${x}-y", {"x": {"Fn::Join": [",", ["a", {"Fn::If": ["On", 1, {"Ref": "AWS::NoValue"}]}]]}}]},
                "D": {"Fn::Equals": [{"Condition": "On"}, true]},
            })
        );
    }

    #[test]
    fn text_that_is_no_template_is_refused_with_its_place() {
        let message = |text: &str| parse(text).expect_err("must be refused").message;
        assert_eq!(message("{\n \"a\": }"), "Template format error: JSON not well-formed. (line 2, column 7)");
        assert!(message("a: [1,\nb: {").starts_with("Template format error: YAML not well-formed."));
        assert_eq!(message("hello"), "Template format error: unsupported structure.");
    }
}
