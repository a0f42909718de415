//! Reading parameters: one, some, those below a path, their history, and their list.

use super::labels::texts;
use super::state::{Parameter, Place, State, Version, invalid};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// Pages of `GetParametersByPath` have ten parameters at most, those of the other lists fifty.
const PATH_PAGE: usize = 10;
const PAGE: usize = 50;

/// Operations that change nothing; none for all others.
pub(super) fn read(
    state: &State,
    operation: &str,
    input: &Value,
    place: Place<'_>,
) -> Option<Result<Value, ServiceError>> {
    Some(match operation {
        "DescribeParameters" => describe(state, input, place),
        "GetParameter" => get(state, input, place),
        "GetParameterHistory" => history(state, input),
        "GetParameters" => get_some(state, input, place),
        "GetParametersByPath" => below(state, input, place),
        "ListTagsForResource" => tags(state, input),
        _ => return None,
    })
}

fn get(state: &State, input: &Value, place: Place<'_>) -> Result<Value, ServiceError> {
    let reference = text(input, "Name")?;
    Ok(json!({ "Parameter": selected(state, reference, input, place)? }))
}

fn get_some(state: &State, input: &Value, place: Place<'_>) -> Result<Value, ServiceError> {
    let names = names(input)?;
    let mut found = Vec::new();
    let mut absent = Vec::new();
    for name in &names {
        match selected(state, name, input, place) {
            Ok(parameter) => found.push(parameter),
            Err(_) => absent.push(name),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": absent }))
}

/// A parameter by name or ARN, with the selector that it was asked by.
fn selected(state: &State, reference: &str, input: &Value, place: Place<'_>) -> Result<Value, ServiceError> {
    let (parameter, version) = state.version(reference)?;
    let mut shown = version.shown(&parameter.name, place, decrypts(input));
    if let Some(selector) = super::state::Reference::parse(reference).selector {
        shown["Selector"] = json!(format!(":{selector}"));
    }
    Ok(shown)
}

fn history(state: &State, input: &Value) -> Result<Value, ServiceError> {
    let (parameter, _) = state.version(text(input, "Name")?)?;
    let shown = parameter.versions.iter().map(|version| {
        let mut shown = version.described(&parameter.name);
        shown["Value"] = json!(version.told(decrypts(input)));
        shown["Labels"] = json!(version.labels);
        shown
    });
    page(shown.collect(), input, PAGE)
}

fn below(state: &State, input: &Value, place: Place<'_>) -> Result<Value, ServiceError> {
    let path = text(input, "Path")?;
    if !path.starts_with('/') {
        return Err(invalid("The parameter path must begin with a slash."));
    }
    let recursive = input["Recursive"].as_bool().unwrap_or(false);
    let filters = filters(input, &["Type", "KeyId", "Label"])?;
    let mut found = Vec::new();
    for parameter in state.parameters.values().filter(|parameter| is_below(&parameter.name, path, recursive)) {
        // A label asks for the version that has it; every other filter for the newest.
        let labels = filters.iter().find(|filter| filter.key == "Label");
        let version = match labels {
            Some(filter) => parameter
                .versions
                .iter()
                .find(|version| filter.values.iter().any(|label| version.labels.contains(label))),
            None => parameter.versions.last(),
        };
        let Some(version) = version else { continue };
        if filters.iter().filter(|filter| filter.key != "Label").all(|filter| filter.admits(parameter, version)) {
            found.push(version.shown(&parameter.name, place, decrypts(input)));
        }
    }
    page(found, input, PATH_PAGE)
}

fn describe(state: &State, input: &Value, place: Place<'_>) -> Result<Value, ServiceError> {
    let mut filters = filters(input, &["Name", "Type", "KeyId", "Path", "Tier", "DataType", "tag:"])?;
    for old in input["Filters"].as_array().into_iter().flatten() {
        let option = if old["Key"] == "Name" { "BeginsWith" } else { "Equals" };
        filters.push(Filter {
            key: text(old, "Key")?.to_owned(),
            option: option.to_owned(),
            values: texts(&old["Values"]),
        });
    }
    let mut found = Vec::new();
    for parameter in state.parameters.values() {
        let version = parameter.newest()?;
        if filters.iter().all(|filter| filter.admits(parameter, version)) {
            let mut shown = version.described(&parameter.name);
            shown["ARN"] = json!(place.arn(&parameter.name));
            found.push(shown);
        }
    }
    page(found, input, PAGE)
}

fn tags(state: &State, input: &Value) -> Result<Value, ServiceError> {
    let parameter = tagged(input).and_then(|name| state.parameters.get(name).ok_or_else(|| no_resource(name)))?;
    let tags = parameter.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "TagList": tags.collect::<Vec<_>>() }))
}

/// The name of the parameter that an operation on tags is about.
pub(super) fn tagged(input: &Value) -> Result<&str, ServiceError> {
    if input["ResourceType"] != "Parameter" {
        let message = "the rehearsal cloud has tags of parameters only";
        return Err(ServiceError::new("InvalidResourceType", message));
    }
    text(input, "ResourceId")
}

pub(super) fn no_resource(name: &str) -> ServiceError {
    ServiceError::new("InvalidResourceId", format!("{name} is not a parameter"))
}

/// The names of an operation on several parameters, of which AWS takes ten.
pub(super) fn names(input: &Value) -> Result<Vec<String>, ServiceError> {
    let names = texts(&input["Names"]);
    if (1..=10).contains(&names.len()) {
        return Ok(names);
    }
    Err(invalid("Names must have between 1 and 10 members"))
}

pub(super) fn text<'a>(input: &'a Value, name: &str) -> Result<&'a str, ServiceError> {
    input[name].as_str().filter(|text| !text.is_empty()).ok_or_else(|| invalid(format!("{name} must not be null")))
}

struct Filter {
    key: String,
    option: String,
    values: Vec<String>,
}

impl Filter {
    fn admits(&self, parameter: &Parameter, version: &Version) -> bool {
        let any = |text: &str| self.values.iter().any(|value| self.matches(text, value));
        match self.key.as_str() {
            "Name" => any(&parameter.name),
            "Type" => any(&version.kind),
            "KeyId" => version.key.as_deref().is_some_and(any),
            "Tier" => any(&version.tier),
            "DataType" => any("text"),
            "Path" => {
                let recursive = self.option == "Recursive";
                self.values.iter().any(|path| is_below(&parameter.name, path, recursive))
            }
            key => {
                let tag = key.strip_prefix("tag:").and_then(|tag| parameter.tags.get(tag));
                tag.is_some_and(|tag| self.values.is_empty() || self.values.contains(tag))
            }
        }
    }

    fn matches(&self, text: &str, value: &str) -> bool {
        match self.option.as_str() {
            "BeginsWith" => text.starts_with(value),
            "Contains" => text.contains(value),
            _ => text == value,
        }
    }
}

fn filters(input: &Value, keys: &[&str]) -> Result<Vec<Filter>, ServiceError> {
    let mut filters = Vec::new();
    for filter in input["ParameterFilters"].as_array().into_iter().flatten() {
        let key = text(filter, "Key")?;
        if !keys.iter().any(|known| *known == key || (known.ends_with(':') && key.starts_with(known))) {
            let message = format!("The following filter key is not valid: {key}. Valid filter keys include: {keys:?}.");
            return Err(ServiceError::new("InvalidFilterKey", message));
        }
        let option = filter["Option"].as_str().unwrap_or(if key == "Path" { "OneLevel" } else { "Equals" });
        if !["Equals", "BeginsWith", "Contains", "OneLevel", "Recursive"].contains(&option) {
            let message = format!("The following filter option is not valid: {option}.");
            return Err(ServiceError::new("InvalidFilterOption", message));
        }
        filters.push(Filter { key: key.to_owned(), option: option.to_owned(), values: texts(&filter["Values"]) });
    }
    Ok(filters)
}

fn is_below(name: &str, path: &str, recursive: bool) -> bool {
    let rest = name.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| recursive || !rest.contains('/'))
}

fn decrypts(input: &Value) -> bool {
    input["WithDecryption"].as_bool().unwrap_or(false)
}

/// One page; the token is the number of entries that came before.
fn page(all: Vec<Value>, input: &Value, most: usize) -> Result<Value, ServiceError> {
    let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(most);
    if !(1..=most).contains(&size) {
        return Err(invalid(format!("MaxResults must be between 1 and {most}")));
    }
    let start = match input["NextToken"].as_str() {
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| ServiceError::new("InvalidNextToken", "The specified token isn't valid."))?,
        None => 0,
    };
    let total = all.len();
    let mut answer = json!({ "Parameters": all.into_iter().skip(start).take(size).collect::<Vec<_>>() });
    if start + size < total {
        answer["NextToken"] = json!((start + size).to_string());
    }
    Ok(answer)
}
