//! The `awsQuery` protocol as CloudFormation speaks it.

use super::intrinsics::Imported;
use super::looking_up::LookedUp;
use bytes::Bytes;
use http::{Response, StatusCode, header};
use std::collections::BTreeMap;

const NAMESPACE: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

/// A refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl QueryError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message)
    }

    pub(crate) fn no_such_stack(name: &str) -> Self {
        Self::validation(format!("Stack with id {name} does not exist"))
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "InternalFailure", message: message.into() }
    }

    pub(crate) fn into_response(self, request_id: &str) -> Response<Bytes> {
        let kind = if self.status.is_client_error() { "Sender" } else { "Receiver" };
        let body = format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
             <RequestId>{request_id}</RequestId></ErrorResponse>",
            self.code,
            escape(&self.message)
        );
        xml_response(self.status, body)
    }
}

/// A decoded form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    /// Set before the call is read.
    pub looked_up: LookedUp,
    /// What could be imported, likewise.
    pub exported: Imported,
    fields: BTreeMap<String, String>,
}

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        Self { fields: form_urlencoded::parse(body).into_owned().collect(), ..Self::default() }
    }

    /// Adds fields of the query string, which older clients use.
    pub(crate) fn with_query(mut self, query: &str) -> Self {
        for (key, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            self.fields.entry(key).or_insert(value);
        }
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Of every field.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Puts in what a call gives by reference.
    pub(crate) fn put(&mut self, name: &str, value: String) {
        self.fields.insert(name.to_owned(), value);
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, QueryError> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let mut member = name.to_owned();
            if let Some(first) = member.get_mut(0..1) {
                first.make_ascii_lowercase();
            }
            QueryError::validation(format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// `Capabilities.member.1`, `Capabilities.member.2`, …
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        (1..).map_while(|index| self.get(&format!("{name}.member.{index}")).map(str::to_owned)).collect()
    }

    /// `Parameters.member.1.ParameterKey`, …: one map for each member.
    pub(crate) fn members(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        (1..)
            .map_while(|index| {
                let prefix = format!("{name}.member.{index}.");
                let member: BTreeMap<_, _> = self
                    .fields
                    .range(prefix.clone()..)
                    .take_while(|(key, _)| key.starts_with(&prefix))
                    .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.to_owned(), value.clone())))
                    .collect();
                (!member.is_empty()).then_some(member)
            })
            .collect()
    }
}

/// XML text under construction; names are ours, values are escaped.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    pub(crate) fn element(&mut self, name: &str, value: impl AsRef<str>) -> &mut Self {
        self.text.push_str(&format!("<{name}>{}</{name}>", escape(value.as_ref())));
        self
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<impl AsRef<str>>) -> &mut Self {
        if let Some(value) = value {
            self.element(name, value);
        }
        self
    }

    pub(crate) fn boolean(&mut self, name: &str, value: bool) -> &mut Self {
        self.element(name, if value { "true" } else { "false" })
    }

    pub(crate) fn nested(&mut self, name: &str, build: impl FnOnce(&mut Self)) -> &mut Self {
        self.text.push_str(&format!("<{name}>"));
        build(self);
        self.text.push_str(&format!("</{name}>"));
        self
    }

    /// A list of structures.
    pub(crate) fn members<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut build: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.nested(name, |list| {
            for item in items {
                list.nested("member", |member| build(member, item));
            }
        })
    }

    /// A list of strings.
    pub(crate) fn strings(&mut self, name: &str, items: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        self.nested(name, |list| {
            for item in items {
                list.element("member", item);
            }
        })
    }

    /// Wraps the result as the answer to an operation.
    pub(crate) fn into_response(self, action: &str, request_id: &str) -> Response<Bytes> {
        let body = format!(
            "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{}</{action}Result>\
             <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>",
            self.text
        );
        xml_response(StatusCode::OK, body)
    }
}

/// ISO-8601 with milliseconds and `Z`, as CloudFormation sends it.
pub(crate) fn timestamp(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
}

fn xml_response(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/xml"));
    response
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Kept as references, since a reader may turn a bare carriage return into a line feed.
            '\r' => escaped.push_str("&#13;"),
            // Not allowed in XML 1.0 in any form.
            control if control.is_control() && control != '\n' && control != '\t' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
