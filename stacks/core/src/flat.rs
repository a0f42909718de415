//! A value with intrinsic functions as one readable line, in the notation by which cdk-nag names its findings.

use serde_json::Value as Json;

/// `{"Fn::Join": ["", [{"Ref": "Table"}, "/index/*"]]}` becomes `<Table>/index/*`; what has no short form stays JSON.
#[must_use]
pub fn flatten(value: &Json) -> String {
    if let Json::String(text) = value {
        return text.replace("${", "<").replace('}', ">");
    }
    let call = value.as_object().and_then(|object| object.iter().next());
    match call.map(|(name, argument)| (name.as_str(), argument)) {
        Some(("Ref", name)) => format!("<{}>", flatten(name)),
        Some(("Fn::Sub" | "Fn::ImportValue", argument)) => flatten(argument),
        Some(("Fn::GetAtt", Json::Array(arguments))) => {
            let names: Vec<String> = arguments.iter().map(flatten).collect();
            format!("<{}>", names.join("."))
        }
        Some(("Fn::Join", Json::Array(arguments))) => match arguments.as_slice() {
            [Json::String(delimiter), Json::Array(parts)] => {
                parts.iter().map(flatten).collect::<Vec<_>>().join(delimiter)
            }
            _ => value.to_string(),
        },
        _ => value.to_string(),
    }
}
