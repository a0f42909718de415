//! Form encoding with brackets: `a[b][0][c]=d`.

use serde_json::{Map, Value};

use crate::stripe::error::ApiError;

/// Parameters as nested objects; lists are objects whose keys are numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(pub(super) Map<String, Value>);

impl Params {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        let mut root = Map::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            let (first, rest) = name.split_once('[').unwrap_or((name.as_ref(), ""));
            let rest = rest.strip_suffix(']').unwrap_or(rest);
            let path: Vec<&str> =
                std::iter::once(first).chain(rest.split("][").filter(|_| name.contains('['))).collect();
            put(&mut root, &path, value.into_owned());
        }
        Self(root)
    }

    /// The same parameters in any order give the same text.
    pub(super) fn fingerprint(&self) -> String {
        fn ordered(value: &Value) -> Value {
            match value {
                Value::Object(fields) => {
                    let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
                    sorted.sort_by_key(|(name, _)| *name);
                    sorted.into_iter().map(|(name, value)| (name.clone(), ordered(value))).collect()
                }
                other => other.clone(),
            }
        }
        ordered(&Value::Object(self.0.clone())).to_string()
    }

    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                Err(ApiError::invalid(name, "parameter_unknown", format!("Received unknown parameter: {name}")))
            }
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::missing_param(name))
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let invalid = |_| ApiError::invalid(name, "parameter_invalid_integer", format!("Invalid integer: {text}"));
        text.parse().map(Some).map_err(invalid)
    }

    pub(super) fn nested(&self, name: &str) -> Self {
        Self(self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default())
    }

    /// The elements of a list, in order.
    pub(super) fn list(&self, name: &str) -> Vec<Self> {
        let elements = self.nested(name).0;
        let mut numbered: Vec<(usize, Self)> = elements
            .into_iter()
            .filter_map(|(index, value)| Some((index.parse().ok()?, Self(value.as_object()?.clone()))))
            .collect();
        numbered.sort_by_key(|(index, _)| *index);
        numbered.into_iter().map(|(_, element)| element).collect()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.nested(name).0.values().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub(super) fn metadata(&self) -> std::collections::BTreeMap<String, String> {
        let entries = self.nested("metadata").0.into_iter();
        entries.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
    }
}

fn put(object: &mut Map<String, Value>, path: &[&str], value: String) {
    let Some((name, rest)) = path.split_first() else { return };
    let name = if name.is_empty() { object.len().to_string() } else { (*name).to_owned() };
    if rest.is_empty() {
        object.insert(name, Value::String(value));
        return;
    }
    let child = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(child) = child {
        put(child, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_nest_and_order_does_not_matter() {
        let params = Params::parse(b"a=1&b%5Bc%5D%5Bd%5D=2&e[0][f]=x&e[1][f]=y&g[]=p&g[]=q");
        assert_eq!(params.text("a"), Some("1"));
        assert_eq!(params.nested("b").nested("c").text("d"), Some("2"));
        let list: Vec<String> =
            params.list("e").iter().filter_map(|element| element.text("f").map(str::to_owned)).collect();
        assert_eq!(list, ["x", "y"]);
        assert_eq!(params.texts("g"), ["p", "q"]);
        let other = Params::parse(b"g[]=p&g[]=q&e[0][f]=x&e[1][f]=y&b[c][d]=2&a=1");
        assert_eq!(params.fingerprint(), other.fingerprint());
        assert!(params.only(&["a", "b", "e"]).is_err());
    }
}
