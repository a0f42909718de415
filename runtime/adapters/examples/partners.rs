//! Our Stripe client and our double of Stripe, for judges that other people wrote.
//!
//! `partners double` serves the double and prints its origin. `partners client ORIGIN KEY OPERATION ARGUMENT…` makes one call
//! and prints what the domain was told, or the class of the error. `partners verify HEADER SECRET…` reads a body from
//! standard input and says whether one of the secrets signed it; `partners sign SECRET…` signs it. Ends with 2 when used
//! wrongly.

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use como_adapters::clock::SystemClock;
use como_adapters::http;
use como_adapters::settings::{Configuration, ConfigurationError, ConfigurationRow, ConfigurationSource};
use como_adapters::stripe::{Stripe, webhook};
use como_domain::effect::{CallKey, EffectError};
use como_domain::money::{Currency, Money};
use como_domain::partner::Partner;
use como_domain::payment::{CheckoutRequest, Opened, Payments, RefundRequest};
use como_doubles::stripe::{Stripe as Double, stripe_router};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

type Answer = Result<String, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let answer = match arguments.as_slice() {
        ["double"] => double().await,
        ["client", origin, key, operation, arguments @ ..] => client(origin, key, operation, arguments).await,
        ["verify", header, secrets @ ..] => verify(header, secrets),
        ["sign", secrets @ ..] => sign(secrets),
        _ => Err("see the head of runtime/adapters/examples/partners.rs".into()),
    };
    match answer {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stdout, reason = "a judge reads it")]
fn say(text: &str) {
    println!("{text}");
}

async fn double() -> Answer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://{}", listener.local_addr()?));
    axum::serve(listener, stripe_router(Double::seeded())).await?;
    Ok(String::new())
}

struct Row(String);

#[async_trait]
impl ConfigurationSource for Row {
    async fn row(&self, _name: &str) -> Result<Option<ConfigurationRow>, ConfigurationError> {
        Ok(Some(ConfigurationRow { version: 1, document: self.0.clone() }))
    }
}

async fn client(origin: &str, key: &str, operation: &str, arguments: &[&str]) -> Answer {
    let configuration = Arc::new(Configuration::needing(vec![Partner::Stripe]));
    configuration.refresh(&Row(format!("{{\"base_url\": \"{origin}\"}}"))).await;
    let key = SecretString::from(key);
    let stripe = Stripe::new(http::client()?, Arc::new(SystemClock::start()), configuration, key);
    Ok(match (operation, arguments) {
        ("open", [call, reference, cents]) => {
            let request = checkout(reference, cents.parse()?);
            told(stripe.open_checkout(&CallKey::try_from(*call)?, &request).await)
        }
        ("checkout", [id]) => format!("{:?}", stripe.checkout(&(*id).try_into()?).await?.map(|read| read.value)),
        ("checkouts-of", [reference]) => {
            let now = Timestamp::now();
            let opened = Opened { from: now - SignedDuration::from_hours(1), to: now };
            format!("{:?}", stripe.checkouts_of(&CallKey::try_from(*reference)?, opened).await?.value)
        }
        ("expire", [call, id]) => told(stripe.expire_checkout(&CallKey::try_from(*call)?, &(*id).try_into()?).await),
        ("payment", [id]) => format!("{:?}", stripe.payment(&(*id).try_into()?).await?.map(|read| read.value)),
        ("capture", [call, id]) => told(stripe.capture(&CallKey::try_from(*call)?, &(*id).try_into()?).await),
        ("release", [call, id]) => told(stripe.release(&CallKey::try_from(*call)?, &(*id).try_into()?).await),
        ("refund", [call, id, cents]) => {
            let amount = Money::from_minor(cents.parse()?, Currency::Sgd);
            let request = RefundRequest { payment: (*id).try_into()?, amount, reference: "saga-1".to_owned() };
            told(stripe.refund(&CallKey::try_from(*call)?, &request).await)
        }
        ("refunds", [id]) => format!("{:?}", stripe.refunds(&(*id).try_into()?).await?.value),
        _ => return Err("there is no such operation".into()),
    })
}

fn checkout(reference: &str, cents: i64) -> CheckoutRequest {
    CheckoutRequest {
        reference: reference.to_owned(),
        title: "Massage".to_owned(),
        unit_price: Money::from_minor(cents, Currency::Sgd),
        quantity: 2,
        success_url: "http://127.0.0.1:9/paid?session={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "http://127.0.0.1:9/cancelled".to_owned(),
        expires_at: Timestamp::now() + SignedDuration::from_mins(45),
        email: None,
    }
}

fn told<T: std::fmt::Debug>(result: Result<T, EffectError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(EffectError::Refused { refusal, .. }) => format!("refused: {refusal:?}"),
        Err(EffectError::NotSent(error)) => format!("not sent: {}", error.kind),
        Err(EffectError::Unknown(error)) => format!("unknown: {}", error.kind),
    }
}

fn verify(header: &str, secrets: &[&str]) -> Answer {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    let (now, tolerance) = (Timestamp::now(), Duration::from_secs(300));
    if let Err(error) = webhook::verify(header, &body, &secrets, now, tolerance) {
        return Ok(format!("refused: {error}"));
    }
    Ok(match webhook::receive(header, &body, &secrets, now, tolerance) {
        Ok(event) => format!("genuine: {event:?}"),
        Err(error) => format!("genuine, but {error}"),
    })
}

fn sign(secrets: &[&str]) -> Answer {
    let mut body = String::new();
    std::io::stdin().read_to_string(&mut body)?;
    let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    Ok(Double::sign(Timestamp::now().as_second(), &body, &secrets))
}
