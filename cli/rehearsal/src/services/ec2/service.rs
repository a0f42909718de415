//! EC2's query protocol, which is not that of the others: its lists hold `item`s and its errors have an envelope of their own.

use super::operations;
use crate::services::declared::Declared;
use crate::services::store::{Store, StoreError};
use crate::services::wire::{Request, Response, ServiceError, escape, with_content_type};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

pub(crate) struct Ec2 {
    pub(super) account: String,
    pub(super) declared: Arc<Declared>,
    /// By default security group, the ids of the rules that were revoked.
    pub(super) revoked: Store<BTreeMap<String, BTreeSet<String>>>,
}

/// The fields of a call.
pub(super) type Fields = BTreeMap<String, String>;

impl Ec2 {
    pub(crate) fn open(dir: &Path, account: &str, declared: Arc<Declared>) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), declared, revoked: Store::open(dir.join("ec2.json"))? })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let fields = [query, request.body()].into_iter().flat_map(|text| form_urlencoded::parse(text).into_owned());
        let fields: Fields = fields.collect();
        let action = fields.get("Action").cloned().unwrap_or_default();
        let id = uuid::Uuid::new_v4();
        match operations::run(self, region, &action, &fields) {
            Ok(output) => {
                let mut body = format!("<{action}Response xmlns=\"{NAMESPACE}\"><requestId>{id}</requestId>");
                render(&mut body, &output);
                let _infallible = write!(body, "</{action}Response>");
                with_content_type(200, "text/xml", body)
            }
            Err(ServiceError { status, code, message }) => {
                let (code, message) = (escape(&code), escape(&message));
                let body = format!(
                    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
                     <RequestID>{id}</RequestID></Response>"
                );
                with_content_type(status, "text/xml", body)
            }
        }
    }
}

/// `X.1`, `X.2`, …
pub(super) fn list<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    (1..).map_while(|index| fields.get(&format!("{name}.{index}")).map(String::as_str)).collect()
}

fn render(out: &mut String, value: &Value) {
    let mut element = |name: &str, value: &Value| {
        let _infallible = write!(out, "<{name}>");
        render(out, value);
        let _infallible = write!(out, "</{name}>");
    };
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(_, one)| !one.is_null()).for_each(|(name, one)| element(name, one))
        }
        Value::Array(items) => items.iter().for_each(|item| element("item", item)),
        Value::String(text) => out.push_str(&escape(text)),
        Value::Null => {}
        other => out.push_str(&other.to_string()),
    }
}
