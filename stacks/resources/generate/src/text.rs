//! Facts as text: JSON with one property a line, so that a changed schema is a readable diff.

use crate::model::TypeFacts;
use serde_json::Value as Json;

/// The content of a type's file in `facts/`.
pub fn facts(facts: &TypeFacts) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    write(&serde_json::to_value(facts)?, &["properties", "root", "definitions"], 0, &mut text);
    text.push('\n');
    Ok(text)
}

/// The content of `facts/regions.json`.
pub fn regions(regions: &[String]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(regions).map(|text| text + "\n")
}

/// Breaks the lines of an object that stands under one of the `broken` keys, and of the objects in `definitions`.
fn write(json: &Json, broken: &[&str], depth: usize, text: &mut String) {
    let Json::Object(object) = json else {
        text.push_str(&json.to_string());
        return;
    };
    text.push('{');
    for (index, (name, value)) in object.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(depth + 1));
        text.push_str(&Json::from(name.as_str()).to_string());
        text.push_str(": ");
        match name.as_str() {
            // Under `properties`, names are the service's own, so nothing below is broken.
            "properties" if broken.contains(&"properties") => write(value, &[], depth + 1, text),
            "definitions" if broken.contains(&"definitions") => definitions(value, depth + 1, text),
            "root" if broken.contains(&"root") => write(value, &["properties"], depth + 1, text),
            _ => text.push_str(&value.to_string()),
        }
    }
    text.push('\n');
    text.push_str(&" ".repeat(depth));
    text.push('}');
}

fn definitions(json: &Json, depth: usize, text: &mut String) {
    text.push('{');
    for (index, (name, value)) in json.as_object().into_iter().flatten().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(depth + 1));
        text.push_str(&Json::from(name.as_str()).to_string());
        text.push_str(": ");
        write(value, &["properties"], depth + 1, text);
    }
    text.push('\n');
    text.push_str(&" ".repeat(depth));
    text.push('}');
}
