//! Calls of AWS's protocols to a rehearsal, as any client makes them, unsigned but for what names region and service.

use crate::support::Place;
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Wire {
    endpoint: String,
}

impl Wire {
    pub(crate) fn to(place: &Place) -> Self {
        let status = place.json(&["rehearsal", "status"]);
        Self { endpoint: status["endpoint"].as_str().unwrap().to_owned() }
    }

    async fn send(
        &self,
        region: &str,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (bool, String) {
        let credential = format!("rehearsal/20261124/{region}/{service}/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        let request =
            reqwest::Client::new().post(format!("{}{path}", self.endpoint)).header("authorization", signature);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.body(body).send().await.unwrap();
        let failed = answer.headers().contains_key("x-amz-function-error") || !answer.status().is_success();
        (failed, answer.text().await.unwrap())
    }

    /// A call of one of the JSON protocols, which must succeed; `target` is for example `AmazonSQS.ListQueues`.
    pub(crate) async fn json(&self, region: &str, service: &str, target: &str, input: Value) -> Value {
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")];
        let (failed, text) = self.send(region, service, "/", &headers, input.to_string()).await;
        assert!(!failed, "{target}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A call of the query protocol; answers the reply as it is.
    pub(crate) async fn query(&self, region: &str, service: &str, action: &str, fields: &[(&str, &str)]) -> String {
        let version = if service == "cloudformation" { "2010-05-15" } else { "2010-08-01" };
        let mut body = format!("Action={action}&Version={version}");
        for (key, value) in fields {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            body.push_str(&format!("&{key}={value}"));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(region, service, "/", &headers, body).await.1
    }

    /// Whether the function failed, and its answer.
    pub(crate) async fn invoke(&self, region: &str, function: &str, event: Value) -> (bool, Value) {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let headers = [("x-amz-invocation-type", "RequestResponse")];
        let (failed, text) = self.send(region, "lambda", &path, &headers, event.to_string()).await;
        (failed, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }
}
