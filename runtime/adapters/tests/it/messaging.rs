//! SES and SQS on a stub of the wire: what is asked, and what is made of the answers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use como_adapters::doorbell::SqsDoorbell;
use como_adapters::mail::SesMailer;
use como_adapters::{aws::AwsClients, http};
use como_domain::doorbell::{Doorbell, Ring, RingHandle};
use como_domain::mail::{Mail, MailError, Mailer};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::origin;

/// Path, headers and body.
type Asked = (String, HeaderMap, Value);
/// Status, error type and document.
type Reply = (u16, &'static str, &'static str);

/// Everything that was asked, and every answer to come.
#[derive(Clone, Default)]
struct Wire {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<Vec<Reply>>>,
}

async fn respond(State(wire): State<Wire>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    wire.asked.lock().unwrap().push((uri.path().to_owned(), headers, serde_json::from_slice(&body).unwrap()));
    let (status, error, document) = wire.answers.lock().unwrap().remove(0);
    (StatusCode::from_u16(status).unwrap(), [("x-amzn-errortype", error)], document).into_response()
}

impl Wire {
    async fn start(answers: &[Reply]) -> (Self, AwsClients) {
        let wire = Self::default();
        *wire.answers.lock().unwrap() = answers.to_vec();
        let endpoint = origin(Router::new().fallback(respond).with_state(wire.clone())).await;
        (wire, clients(&endpoint).await)
    }

    fn last(&self) -> Asked {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

async fn clients(endpoint: &str) -> AwsClients {
    let credentials = aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test");
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-1"))
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .load()
        .await;
    AwsClients::from_config(&config)
}

fn mail() -> Mail {
    Mail {
        to: SecretString::from("mei.tan@example.com"),
        subject: "Your table".to_owned(),
        text: "It is yours.".to_owned(),
        html: "<p>It is yours.</p>".to_owned(),
        reference: "saga:mail:1".to_owned(),
    }
}

fn mailer(clients: &AwsClients) -> SesMailer {
    let client = clients.signed(http::client().unwrap());
    SesMailer::new(client, "hello@como.example.com".to_owned(), Some("como-prod".to_owned()))
}

#[tokio::test]
async fn a_mail_is_signed_and_tagged_with_what_it_is_about() {
    let (wire, clients) = Wire::start(&[(200, "", r#"{"MessageId": "m-1"}"#)]).await;
    assert_eq!(mailer(&clients).send(&mail()).await.unwrap().0, "m-1");
    let (path, headers, body) = wire.last();
    assert_eq!(path, "/v2/email/outbound-emails");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(authorization.contains("/ap-southeast-1/ses/aws4_request"), "{authorization}");
    assert_eq!(body["Destination"]["ToAddresses"], json!(["mei.tan@example.com"]));
    assert_eq!(body["EmailTags"], json!([{ "Name": "reference", "Value": "saga-mail-1" }]));
    assert_eq!(body["ConfigurationSetName"], "como-prod");
    assert_eq!(body["Content"]["Simple"]["Body"]["Text"]["Data"], "It is yours.");
}

#[tokio::test]
async fn what_became_of_a_mail_is_told_apart() {
    for (status, error, expected) in [
        (400, "MessageRejected:http://internal.amazon.com/coral", "refused"),
        (429, "TooManyRequestsException", "not sent"),
        (400, "ThrottlingException", "not sent"),
        (503, "ServiceUnavailable", "unknown"),
        (200, "", "unknown"),
    ] {
        let (_, clients) = Wire::start(&[(status, error, "{")]).await;
        let error = mailer(&clients).send(&mail()).await.unwrap_err();
        let said = match &error {
            MailError::Refused(_) => "refused",
            MailError::NotSent(_) => "not sent",
            MailError::Unknown(_) => "unknown",
        };
        assert_eq!(said, expected, "{status}");
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(!cause.contains("mei.tan") && !cause.contains("coral"), "{cause}");
    }
    let nobody = mailer(&clients("http://127.0.0.1:9").await);
    assert!(matches!(nobody.send(&mail()).await, Err(MailError::NotSent(_))));
}

#[tokio::test]
async fn the_doorbell_is_rung_answered_quietened_and_kept_hidden() {
    let received = r#"{"Messages": [{"Body": "saga-1", "ReceiptHandle": "h-1", "MD5OfBody": "x",
        "Attributes": {"ApproximateReceiveCount": "3"}}]}"#;
    let (wire, clients) = Wire::start(&[
        (200, "", r#"{"MessageId": "m-1"}"#),
        (200, "", received),
        (200, "", "{}"),
        (200, "", ""),
        (200, "", ""),
        (400, "com.amazonaws.sqs#ReceiptHandleIsInvalid", "{}"),
    ])
    .await;
    let url = "https://sqs.ap-southeast-1.amazonaws.com/1/como-prod-effects.fifo";
    let doorbell = SqsDoorbell::new(clients.signed(http::client().unwrap()), url.to_owned());
    let ring =
        Ring { group: "saga-1".to_owned(), deduplication: "saga-1:reserve:1".to_owned(), body: "saga-1".to_owned() };
    doorbell.ring(&ring).await.unwrap();
    let (path, headers, body) = wire.last();
    assert_eq!((path.as_str(), headers["x-amz-target"].to_str().unwrap()), ("/", "AmazonSQS.SendMessage"));
    assert_eq!(
        (&body["MessageGroupId"], &body["MessageDeduplicationId"]),
        (&json!("saga-1"), &json!("saga-1:reserve:1"))
    );
    assert_eq!(body["QueueUrl"], url);

    let answered = doorbell.answer(50, Duration::from_secs(60), Duration::from_secs(30)).await.unwrap();
    assert_eq!((answered[0].body.as_str(), answered[0].times), ("saga-1", 3));
    let (_, _, body) = wire.last();
    assert_eq!((&body["MaxNumberOfMessages"], &body["WaitTimeSeconds"]), (&json!(10), &json!(20)));
    assert!(doorbell.answer(1, Duration::ZERO, Duration::from_secs(30)).await.unwrap().is_empty());
    doorbell.hide(&answered[0].handle, Duration::from_secs(90)).await.unwrap();
    assert_eq!(wire.last().2["VisibilityTimeout"], 90);
    doorbell.quiet(&answered[0].handle).await.unwrap();
    assert_eq!(wire.last().2["ReceiptHandle"], "h-1");
    let error = doorbell.quiet(&RingHandle("h-0".to_owned())).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "refused with status 400 and `ReceiptHandleIsInvalid`");
}
