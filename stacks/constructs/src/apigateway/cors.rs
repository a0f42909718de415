//! Whose pages may call an API from a browser: the preflight requests, and the headers of the gateway's own answers.
//!
//! What a service answers passes through as it is, so the service puts the headers on its own answers.

use serde_json::{Map, Value as Json, json};

/// Origins such as `https://app.example.com`; no cookies and no other credentials of the browser's own go with a request.
#[derive(Debug, Clone)]
pub struct Cors {
    origins: Vec<String>,
}

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
/// Beyond what browsers allow anyway.
const HEADERS: &str = "Authorization,Content-Type,Idempotency-Key";
/// For two hours a browser does not ask again, the longest that any of them accepts.
const MAX_AGE_SECONDS: &str = "7200";

impl Cors {
    /// `first` is the site's own; browsers of pages elsewhere than `first` and `others` are refused by themselves.
    pub fn new(first: String, others: impl IntoIterator<Item = String>) -> Self {
        let mut origins = vec![first];
        for other in others {
            if !origins.contains(&other) {
                origins.push(other);
            }
        }
        Self { origins }
    }

    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// A gateway response has no conditions, only what it is told or what the request says. With several origins it repeats
    /// the caller's: without credentials that opens no more than `*` would, and its body is a code and a sentence.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.responseTemplates.html>
    pub(super) fn error_headers(&self) -> Json {
        let origin = match self.origins.as_slice() {
            [only] => quoted(only),
            _ => "method.request.header.Origin".to_owned(),
        };
        json!({
            format!("gatewayresponse.header.{ALLOW_ORIGIN}"): origin,
            "gatewayresponse.header.Vary": quoted("Origin"),
        })
    }

    fn first(&self) -> &str {
        self.origins.first().map_or("", String::as_str)
    }

    /// The mapping template that answers with the caller's origin where it is one of the others.
    fn template(&self) -> String {
        let others = self.origins.iter().skip(1);
        let comparisons: Vec<String> = others.map(|origin| format!(r#"$origin == "{origin}""#)).collect();
        if comparisons.is_empty() {
            return String::new();
        }
        let comparisons = comparisons.join(" || ");
        format!(
            "#set($origin = $input.params().header.get(\"Origin\"))\n\
             #if($origin == \"\")#set($origin = $input.params().header.get(\"origin\"))#end\n\
             #if({comparisons})#set($context.responseOverride.header.{ALLOW_ORIGIN} = $origin)#end"
        )
    }
}

/// Answers `OPTIONS` of one path in the gateway itself, so that it works while the services do not.
pub(super) fn mock_preflight<'a>(
    cors: &Cors,
    methods: impl Iterator<Item = &'a String>,
    path_parameters: Vec<Json>,
) -> Json {
    let methods: Vec<String> = methods.map(|method| method.to_ascii_uppercase()).collect();
    let values = [
        (ALLOW_ORIGIN, cors.first().to_owned()),
        ("Access-Control-Allow-Methods", methods.join(",")),
        ("Access-Control-Allow-Headers", HEADERS.to_owned()),
        ("Access-Control-Max-Age", MAX_AGE_SECONDS.to_owned()),
        ("Vary", "Origin".to_owned()),
    ];
    let declared: Map<String, Json> =
        values.iter().map(|(name, _)| ((*name).to_owned(), json!({ "schema": { "type": "string" } }))).collect();
    let mapped: Map<String, Json> =
        values.iter().map(|(name, value)| (format!("method.response.header.{name}"), json!(quoted(value)))).collect();
    let mut preflight = json!({
        "responses": { "204": { "description": "Which pages may call.", "headers": declared } },
        "security": [],
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": r#"{"statusCode":204}"# },
            "passthroughBehavior": "when_no_match",
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": mapped,
                    "responseTemplates": { "application/json": cors.template() },
                },
            },
        },
    });
    if let (Some(preflight), false) = (preflight.as_object_mut(), path_parameters.is_empty()) {
        preflight.insert("parameters".to_owned(), json!(path_parameters));
    }
    preflight
}

/// How API Gateway writes a value that it shall take as it stands.
fn quoted(text: &str) -> String {
    format!("'{text}'")
}
