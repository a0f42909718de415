//! What a function is told to be, on the wire or in a template, which name everything alike.

use super::archive::invalid;
use super::state::{Function, Settings};
use crate::services::wire::ServiceError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// That do something here, or belong to the call.
const KNOWN: &[&str] = &[
    "Architectures",
    "Code",
    "DeadLetterConfig",
    "Description",
    "DryRun",
    "Environment",
    "FunctionName",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Publish",
    "RevisionId",
    "Role",
    "Runtime",
    "Tags",
    "Timeout",
];
/// That are kept and shown, and do nothing.
const KEPT: &[&str] = &[
    "EphemeralStorage",
    "KMSKeyArn",
    "KmsKeyArn",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "RuntimeManagementConfig",
    "TracingConfig",
    "VpcConfig",
];
/// In bytes, of all names and values; the developer guide, "Lambda quotas".
const LARGEST_ENVIRONMENT: usize = 4096;

impl Settings {
    pub(super) fn of(input: &Value, before: &Self) -> Result<Self, ServiceError> {
        check_names(input)?;
        let text = |name: &str, before: &str| input[name].as_str().unwrap_or(before).to_owned();
        let number = |name: &str, before: u64| {
            let value = &input[name];
            value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(before)
        };
        let mut kept = before.kept.clone();
        for name in KEPT.iter().filter(|name| !input[**name].is_null()) {
            kept.insert((*name).replace("KmsKeyArn", "KMSKeyArn"), input[*name].clone());
        }
        let settings = Self {
            runtime: text("Runtime", &before.runtime),
            handler: text("Handler", &before.handler),
            role: text("Role", &before.role),
            description: text("Description", &before.description),
            timeout_seconds: number("Timeout", before.timeout_seconds),
            memory_mb: number("MemorySize", before.memory_mb),
            architecture: input["Architectures"][0].as_str().unwrap_or(&before.architecture).to_owned(),
            environment: match input["Environment"]["Variables"].as_object() {
                Some(variables) => environment(variables)?,
                None => before.environment.clone(),
            },
            dead_letters: match input["DeadLetterConfig"]["TargetArn"].as_str() {
                Some("") => None,
                Some(arn) if arn.split(':').nth(2) != Some("sqs") => {
                    return Err(invalid(format!(
                        "the rehearsal cloud does not offer {arn} for the dead letters of a function, only queues"
                    )));
                }
                Some(arn) => Some(arn.to_owned()),
                None => before.dead_letters.clone(),
            },
            log_group: match input["LoggingConfig"]["LogGroup"].as_str() {
                Some(group) => Some(group.to_owned()),
                None => before.log_group.clone(),
            },
            logs_json: match input["LoggingConfig"]["LogFormat"].as_str() {
                Some(format) => format == "JSON",
                None => before.logs_json,
            },
            tags: tags(&input["Tags"]).unwrap_or_else(|| before.tags.clone()),
            kept,
        };
        if !(1..=900).contains(&settings.timeout_seconds) || !(128..=10_240).contains(&settings.memory_mb) {
            return Err(invalid("Timeout must be 1 to 900 seconds, and MemorySize 128 to 10240 MB"));
        }
        if settings.role.is_empty() {
            return Err(invalid("Role must not be null"));
        }
        Ok(settings)
    }

    /// Lambda's defaults.
    pub(super) fn initial() -> Self {
        Self { timeout_seconds: 3, memory_mb: 128, architecture: "x86_64".to_owned(), ..Self::default() }
    }
}

impl Function {
    pub(super) const fn log_format(&self) -> &'static str {
        if self.settings.logs_json { "JSON" } else { "Text" }
    }

    pub(super) fn log_group(&self) -> String {
        self.settings.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{}", self.name))
    }
}

fn check_names(input: &Value) -> Result<(), ServiceError> {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    let given = input.as_object().into_iter().flatten().filter(|(_, value)| !is_empty(value));
    for (name, value) in given {
        let is_offered = match name.as_str() {
            "Publish" | "DryRun" => value.as_bool() != Some(true),
            "PackageType" => value == "Zip",
            "SnapStart" => value["ApplyOn"] == "None",
            "LoggingConfig" => {
                // A program of its own writes what it likes, so that levels filter nothing here.
                matches!(value["LogFormat"].as_str(), None | Some("JSON" | "Text"))
            }
            name => KNOWN.contains(&name) || KEPT.contains(&name),
        };
        if !is_offered {
            return Err(invalid(format!("the rehearsal cloud does not offer {name} {value} of Lambda functions")));
        }
    }
    Ok(())
}

fn environment(variables: &Map<String, Value>) -> Result<BTreeMap<String, String>, ServiceError> {
    let because = "Lambda was unable to configure your environment variables because the environment variables you have \
                   provided";
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| is_reserved(name)).collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "{because} contains reserved keys that are currently not supported for modification. Reserved keys used in this \
             request: {}",
            reserved.join(", ")
        )));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    if LARGEST_ENVIRONMENT < variables.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() {
        return Err(invalid(format!("{because} exceeded the 4KB limit.")));
    }
    Ok(variables)
}

/// The developer guide, "Defined runtime environment variables".
fn is_reserved(name: &str) -> bool {
    name.starts_with("AWS_LAMBDA_")
        || matches!(
            name,
            "_HANDLER"
                | "_X_AMZN_TRACE_ID"
                | "AWS_ACCESS_KEY"
                | "AWS_ACCESS_KEY_ID"
                | "AWS_DEFAULT_REGION"
                | "AWS_EXECUTION_ENV"
                | "AWS_REGION"
                | "AWS_SECRET_ACCESS_KEY"
                | "AWS_SESSION_TOKEN"
                | "LAMBDA_TASK_ROOT"
                | "LAMBDA_RUNTIME_DIR"
        )
}

/// A map on the wire, a list in a template.
fn tags(given: &Value) -> Option<BTreeMap<String, String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match given {
        Value::Object(tags) => Some(tags.iter().map(|(key, value)| (key.clone(), text(value))).collect()),
        Value::Array(tags) => Some(tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()),
        _ => None,
    }
}
