//! Lambda's REST protocol.

use super::archive::invalid;
use super::function::configuration;
use super::instance::Outcome;
use super::service::Lambda;
use super::source::mappings;
use super::state::{Function, Settings, missing, name_of};
use crate::services::wire::{self, Request, Response, ServiceError};
use http::HeaderValue;
use serde_json::{Value, json};
use std::sync::Arc;

/// In bytes; the developer guide, "Lambda quotas".
const LARGEST_REQUEST: usize = 6 * 1024 * 1024;
const LARGEST_EVENT: usize = 1024 * 1024;

pub(super) async fn handle(lambda: &Arc<Lambda>, region: &str, request: &Request) -> Response {
    let path = request.uri().path().replace("%3A", ":").replace("%3a", ":");
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let method = request.method().as_str();
    if let ("POST", [_, "functions", name, "invocations"]) = (method, parts.as_slice()) {
        return invoke(lambda, region, name, request).await;
    }
    let answer = wire::body(request).and_then(|input| run(lambda, region, method, &parts, &input));
    match answer {
        Ok((status, value)) => {
            let body = if status == 204 { String::new() } else { value.to_string() };
            wire::with_content_type(status, "application/json", body)
        }
        Err(error) => wire::error_response(&error),
    }
}

fn run(
    lambda: &Arc<Lambda>,
    region: &str,
    method: &str,
    parts: &[&str],
    input: &Value,
) -> Result<(u16, Value), ServiceError> {
    let store = lambda.regions.of(region)?;
    match (method, parts) {
        ("POST", [_, "functions"]) => {
            let name = name_of(input["FunctionName"].as_str().unwrap_or_default());
            let function = lambda.new_function(region, name, input, false)?;
            let shown = configuration(&function);
            store.change(|state| match state.functions.get(name) {
                Some(_) => {
                    let message = format!("Function already exist: {name}");
                    Err(ServiceError { status: 409, code: "ResourceConflictException".to_owned(), message })
                }
                None => {
                    state.functions.insert(name.to_owned(), function);
                    Ok(())
                }
            })?;
            Ok((201, shown))
        }
        ("GET", [_, "functions"]) => {
            let all = store.read(|state| state.functions.values().map(configuration).collect::<Vec<_>>());
            Ok((200, json!({ "Functions": all })))
        }
        ("GET", [_, "functions", name]) => {
            let (shown, tags) = store.read(|state| {
                state.function(name).map(|function| (configuration(function), function.settings.tags.clone()))
            })?;
            Ok((200, json!({ "Configuration": shown, "Code": { "RepositoryType": "S3" }, "Tags": tags })))
        }
        ("GET", [_, "functions", name, "configuration"]) => {
            Ok((200, store.read(|state| state.function(name).map(configuration))?))
        }
        ("DELETE", [_, "functions", name]) => {
            let gone = store.change(|state| {
                let name = state.function(name)?.name.clone();
                state.mappings.retain(|_, mapping| mapping.function != name);
                Ok::<_, ServiceError>(state.functions.remove(&name))
            })?;
            gone.iter().for_each(|function| lambda.instances.discard(&function.revision));
            Ok((204, Value::Null))
        }
        ("PUT", [_, "functions", name, "code"]) => {
            let code = lambda.fetch_code(input, false)?;
            let changed = lambda.change_function(region, name, |function| {
                check_revision(function, input)?;
                function.code = code;
                Ok(())
            })?;
            Ok((200, configuration(&changed)))
        }
        ("PUT", [_, "functions", name, "configuration"]) => {
            let changed = lambda.change_function(region, name, |function| {
                check_revision(function, input)?;
                function.settings = Settings::of(input, &function.settings)?;
                Ok(())
            })?;
            Ok((200, configuration(&changed)))
        }
        (_, [_, "functions", name, "policy", rest @ ..]) => policy(lambda, region, method, (name, rest), input),
        (_, [_, "event-source-mappings", rest @ ..]) => mappings(lambda, region, method, rest, input),
        _ => Err(ServiceError::unknown_operation("Lambda", &format!("{method} /{}", parts.join("/")))),
    }
}

async fn invoke(lambda: &Arc<Lambda>, region: &str, name: &str, request: &Request) -> Response {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let kind = header("x-amz-invocation-type");
    if header("x-amz-log-type") == Some("Tail") {
        return wire::error_response(&invalid("the rehearsal cloud does not offer LogType Tail"));
    }
    let payload = request.body().clone();
    if !payload.is_empty() && serde_json::from_slice::<Value>(&payload).is_err() {
        let message = "Could not parse request body into json";
        return wire::error_response(&ServiceError::new("InvalidRequestContentException", message));
    }
    let largest = if kind == Some("Event") { LARGEST_EVENT } else { LARGEST_REQUEST };
    if largest < payload.len() {
        let message = format!(
            "{} byte payload is too large for the {} invocation type (limit {largest} bytes)",
            payload.len(),
            kind.unwrap_or("RequestResponse")
        );
        let code = "RequestTooLargeException".to_owned();
        return wire::error_response(&ServiceError { status: 413, code, message });
    }
    let id = uuid::Uuid::new_v4().to_string();
    let arn = lambda.regions.of(region).map_err(ServiceError::from);
    let arn = arn.and_then(|store| store.read(|state| state.function(name).map(|function| function.arn.clone())));
    let answer = match (arn, kind) {
        (Err(error), _) => Err(error),
        (Ok(_), Some("DryRun")) => Ok((204, None)),
        (Ok(arn), Some("Event")) => lambda.enqueue(&arn, &id, &String::from_utf8_lossy(&payload)).map(|()| (202, None)),
        (Ok(arn), None | Some("RequestResponse")) => {
            lambda.invoke(region, &arn, &id, payload).await.map(|outcome| (200, Some(outcome)))
        }
        (Ok(_), Some(other)) => Err(invalid(format!("InvocationType {other} is not valid"))),
    };
    let (status, outcome) = match answer {
        Ok(answer) => answer,
        Err(error) => return wire::error_response(&error),
    };
    let (body, failed) = match outcome {
        Some(Outcome::Success(body)) => (body, false),
        Some(Outcome::Failure(body)) => (body, true),
        None => (bytes::Bytes::new(), false),
    };
    let mut response = wire::with_content_type(status, "application/json", body);
    // What the function's log calls it, too.
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response.headers_mut().insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if failed {
        response.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    response
}

fn check_revision(function: &Function, input: &Value) -> Result<(), ServiceError> {
    if input["RevisionId"].as_str().is_none_or(|wanted| wanted == function.revision) {
        return Ok(());
    }
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                   retrieve the latest Revision Id";
    Err(ServiceError { status: 412, code: "PreconditionFailedException".to_owned(), message: message.to_owned() })
}

fn policy(
    lambda: &Arc<Lambda>,
    region: &str,
    method: &str,
    (name, rest): (&str, &[&str]),
    input: &Value,
) -> Result<(u16, Value), ServiceError> {
    let store = lambda.regions.of(region)?;
    match (method, rest) {
        ("POST", []) => {
            let id = input["StatementId"].as_str().unwrap_or_default();
            let statement = store.change(|state| {
                let function = state.function_mut(name)?;
                if function.permissions.contains_key(id) {
                    let message = format!("The statement id ({id}) provided already exists.");
                    let code = "ResourceConflictException".to_owned();
                    return Err(ServiceError { status: 409, code, message });
                }
                let statement = statement(&function.arn, id, input);
                function.permissions.insert(id.to_owned(), statement.clone());
                Ok(statement)
            })?;
            Ok((201, json!({ "Statement": statement.to_string() })))
        }
        ("GET", []) => {
            let statements = store.read(|state| {
                let function = state.function(name)?;
                Ok::<_, ServiceError>(function.permissions.values().cloned().collect::<Vec<_>>())
            })?;
            if statements.is_empty() {
                return Err(missing("The resource you requested does not exist.".to_owned()));
            }
            let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements });
            Ok((200, json!({ "Policy": policy.to_string() })))
        }
        ("DELETE", [id]) => {
            store.change(|state| {
                let removed = state.function_mut(name)?.permissions.remove(*id);
                removed.map(|_| ()).ok_or_else(|| missing(format!("Statement {id} is not found in resource policy.")))
            })?;
            Ok((204, Value::Null))
        }
        _ => Err(ServiceError::unknown_operation("Lambda", &format!("{method} of a function's policy"))),
    }
}

pub(super) fn statement(arn: &str, id: &str, input: &Value) -> Value {
    let principal = input["Principal"].as_str().unwrap_or_default();
    let principal = if principal.ends_with(".amazonaws.com") {
        json!({ "Service": principal })
    } else {
        json!({ "AWS": principal })
    };
    let mut statement = json!({
        "Sid": id, "Effect": "Allow", "Principal": principal, "Action": input["Action"], "Resource": arn,
    });
    if let Some(source) = input["SourceArn"].as_str() {
        statement["Condition"]["ArnLike"] = json!({ "AWS:SourceArn": source });
    }
    if let Some(account) = input["SourceAccount"].as_str() {
        statement["Condition"]["StringEquals"] = json!({ "AWS:SourceAccount": account });
    }
    statement
}
