//! Doubles on loopback, and the adapters that speak to them.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use como_adapters::clock::SystemClock;
use como_adapters::credentials::{MembersonCredentials, SevenRoomsCredentials};
use como_adapters::settings::{Configuration, ConfigurationError, ConfigurationRow, ConfigurationSource};
use como_adapters::{http, memberson, sevenrooms, stripe};
use como_contract::secret::Secret;
use como_domain::clock::Clock;
use como_domain::effect::{CallKey, EffectError};
use como_domain::identifier::MemberNumber;
use como_domain::login::LoginName;
use como_domain::member::ProfileToken;
use como_domain::money::{Currency, Money, Points};
use como_domain::partner::{MemberDirectory, Partner, Venues};
use como_domain::payment::{CheckoutRequest, PaymentStatus, Payments};
use como_domain::points::PointsRequest;
use como_domain::reservation::{Guest, ReservationRequest};
use como_domain::venue::{PartySize, SlotKind};
use como_doubles::members::{MEI, TestMember};
use como_doubles::memberson::{Memberson, memberson_router};
use como_doubles::seeds;
use como_doubles::sevenrooms::{SevenRooms, sevenrooms_router};
use como_doubles::stripe::{Stripe, stripe_router};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};

pub(crate) struct World {
    pub(crate) memberson_double: Memberson,
    pub(crate) sevenrooms_double: SevenRooms,
    pub(crate) stripe_double: Stripe,
    pub(crate) memberson: memberson::Memberson,
    pub(crate) sevenrooms: sevenrooms::SevenRooms,
    pub(crate) stripe: stripe::Stripe,
}

pub(crate) struct Rows(pub(crate) Vec<(&'static str, Value)>);

#[async_trait]
impl ConfigurationSource for Rows {
    async fn row(&self, name: &str) -> Result<Option<ConfigurationRow>, ConfigurationError> {
        let found = self.0.iter().find(|(other, _)| *other == name);
        Ok(found.map(|(_, document)| ConfigurationRow { version: 1, document: document.to_string() }))
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// `changes` goes over every partner's document; a key that names a partner goes over that one only.
    pub(crate) async fn with(changes: Value) -> Self {
        let (memberson_double, sevenrooms_double) = (Memberson::seeded(), SevenRooms::seeded());
        let stripe_double = Stripe::seeded();
        let memberson_origin = origin(memberson_router(memberson_double.clone())).await;
        let sevenrooms_origin = origin(sevenrooms_router(sevenrooms_double.clone())).await;
        let stripe_origin = origin(stripe_router(stripe_double.clone())).await;
        let mut rows = seeds::configuration_rows(&memberson_origin, &sevenrooms_origin);
        rows.push(seeds::stripe_configuration_row(&stripe_origin));
        for (name, document) in &mut rows {
            document["retries"] = json!(0);
            for (key, value) in changes.as_object().unwrap() {
                match value.as_object() {
                    Some(own) if name.ends_with(key.as_str()) => {
                        own.iter().for_each(|(key, value)| document[key] = value.clone());
                    }
                    Some(_) => {}
                    None => document[key] = value.clone(),
                }
            }
        }
        let needed = vec![Partner::Memberson, Partner::SevenRooms, Partner::Stripe];
        let configuration = Arc::new(Configuration::needing(needed));
        let refreshed = configuration.refresh(&Rows(rows)).await;
        assert_eq!((refreshed.changed, refreshed.refused), (3, 0));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let client = http::client().unwrap();
        let credentials = MembersonCredentials::try_from(&secret(Secret::MembersonCredentials)).unwrap();
        let memberson =
            memberson::Memberson::new(client.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
        let credentials = SevenRoomsCredentials::try_from(&secret(Secret::SevenRoomsCredentials)).unwrap();
        let sevenrooms =
            sevenrooms::SevenRooms::new(client.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
        let stripe = stripe::Stripe::new(client, clock, configuration, secret(Secret::StripeKey));
        Self { memberson_double, sevenrooms_double, stripe_double, memberson, sevenrooms, stripe }
    }

    pub(crate) async fn sign_in(&self, member: &TestMember) -> ProfileToken {
        let name = LoginName::try_from(member.email).unwrap();
        self.memberson.sign_in(&name, &SecretString::from(member.password)).await.unwrap().profile_token
    }

    /// The first time at Candlenut that can be booked for two, a few days ahead.
    pub(crate) async fn table(&self) -> ReservationRequest {
        let date = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now() + SignedDuration::from_hours(9 * 24)).date();
        let venue_id = "venue-candlenut".try_into().unwrap();
        let free = self.sevenrooms.availability(&venue_id, Some(date), PartySize::DEFAULT).await.unwrap();
        let slot = free.value.slots.into_iter().find(|slot| slot.kind == SlotKind::Book).unwrap();
        let email = Some(SecretString::from("mei.tan@example.com"));
        let guest = Guest { first_name: "Mei".to_owned(), last_name: "Tan".to_owned(), email, phone: None };
        ReservationRequest { venue_id, date, time: slot.time, party_size: PartySize::DEFAULT, guest }
    }

    /// A payment that the member has authorised on the card page.
    pub(crate) async fn authorised(&self, reference: &str) -> como_domain::identifier::PaymentId {
        let request = checkout(reference);
        let opened = self.stripe.open_checkout(&key(&format!("{reference}:checkout:1")), &request).await.unwrap();
        pay(opened.page.as_deref().unwrap(), "4242424242424242").await;
        let checkout = self.stripe.checkout(&opened.id).await.unwrap().unwrap().value;
        let payment = checkout.payment.unwrap();
        assert_eq!(self.stripe.payment(&payment).await.unwrap().unwrap().value.status, PaymentStatus::Authorised);
        payment
    }
}

/// Types a card in on the page and presses the button.
pub(crate) async fn pay(page: &str, number: &str) -> u16 {
    let client = http::client().unwrap();
    client.post(page).form(&[("number", number)]).send().await.unwrap().status().as_u16()
}

pub(crate) fn key(text: &str) -> CallKey {
    CallKey::try_from(text).unwrap()
}

pub(crate) fn points(hundredths: i64) -> PointsRequest {
    PointsRequest {
        member_number: MemberNumber::try_from(MEI.member_number).unwrap(),
        points: Points::from_hundredths(hundredths),
        description: "Massage".to_owned(),
    }
}

/// Two tickets, SGD 288 together.
pub(crate) fn checkout(reference: &str) -> CheckoutRequest {
    CheckoutRequest {
        reference: reference.to_owned(),
        title: "Massage".to_owned(),
        unit_price: Money::from_minor(14_400, Currency::Sgd),
        quantity: 2,
        success_url: "https://site.example.com/paid?session={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "https://site.example.com/cancelled".to_owned(),
        expires_at: Timestamp::now() + SignedDuration::from_mins(31),
        email: Some(SecretString::from("mei.tan@example.com")),
    }
}

/// What is known of an effect, in a word.
pub(crate) fn class<T>(result: &Result<T, EffectError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(EffectError::Refused { refusal, .. }) => refusal.code(),
        Err(EffectError::NotSent(_)) => "not sent",
        Err(EffectError::Unknown(_)) => "unknown",
    }
}

/// A partner's secret, as Secrets Manager holds it.
pub(crate) fn secret(secret: Secret) -> SecretString {
    match seeds::credentials(secret).unwrap() {
        Value::String(text) => SecretString::from(text),
        document => SecretString::from(document.to_string()),
    }
}

pub(crate) async fn origin(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}
