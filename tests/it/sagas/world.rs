//! The partners' doubles on loopback, the stores, and drivers over both.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use como_adapters::clock::SystemClock;
use como_adapters::credentials::{MembersonCredentials, SevenRoomsCredentials};
use como_adapters::settings::{Configuration, ConfigurationError, ConfigurationRow, ConfigurationSource};
use como_adapters::{http, memberson, sevenrooms, stripe};
use como_contract::secret::Secret;
use como_domain::clock::Clock;
use como_domain::doorbell::Doorbell;
use como_domain::identifier::MemberId;
use como_domain::journals::Journals;
use como_domain::lease::Lease;
use como_domain::login::LoginName;
use como_domain::money::{Currency, Money, Points};
use como_domain::partner::{MemberDirectory, Partner};
use como_domain::saga::intent::{Intent, Payment, Subject};
use como_domain::saga::policy::Policy;
use como_domain::saga::state::State;
use como_domain::saga::view::{Status, view};
use como_domain::saga_id::{BodyHash, IdempotencyKey, SagaId};
use como_domain::sagas::Sagas;
use como_domain::venue::PartySize;
use como_doubles::memberson::{Memberson, memberson_router};
use como_doubles::seeds;
use como_doubles::sevenrooms::{SevenRooms, sevenrooms_router};
use como_doubles::stripe::{Stripe, stripe_router};
use como_runtime::sagas::{ArcDriver, CardPages, Driver, DriverPorts, Partners};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::fakes::{Broken, Dies, Dying, Fixed, Post, Tokens};
use super::stores::{ENVIRONMENT, SINGAPORE, Stores};

pub(crate) const PRICE: i64 = 9_600;

pub(crate) struct World {
    pub(crate) stores: Stores,
    pub(crate) memberson: Memberson,
    pub(crate) sevenrooms: SevenRooms,
    pub(crate) stripe: Stripe,
    pub(crate) post: Arc<Post>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) clock: Arc<dyn Clock>,
    partners: Arc<memberson::Memberson>,
    tables: Arc<sevenrooms::SevenRooms>,
    payments: Arc<stripe::Stripe>,
}

struct Rows(Vec<(&'static str, Value)>);

#[async_trait]
impl ConfigurationSource for Rows {
    async fn row(&self, name: &str) -> Result<Option<ConfigurationRow>, ConfigurationError> {
        let found = self.0.iter().find(|(other, _)| *other == name);
        Ok(found.map(|(_, document)| ConfigurationRow { version: 1, document: document.to_string() }))
    }
}

/// The real waits are minutes; what they are for stays as it is.
pub(crate) fn hasty() -> Policy {
    Policy {
        first_delay: Duration::from_millis(20),
        longest_delay: Duration::from_millis(200),
        settle: Duration::from_millis(20),
        recover_after: Duration::from_millis(300),
        poll: Duration::from_millis(100),
        ..Policy::standard()
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        let stores = Stores::open().await;
        let (memberson_double, sevenrooms_double) = (Memberson::seeded(), SevenRooms::seeded());
        let stripe_double = Stripe::seeded();
        let mut rows = seeds::configuration_rows(
            &origin(memberson_router(memberson_double.clone())).await,
            &origin(sevenrooms_router(sevenrooms_double.clone())).await,
        );
        rows.push(seeds::stripe_configuration_row(&origin(stripe_router(stripe_double.clone())).await));
        for (_, document) in &mut rows {
            document["breaker_failures"] = json!(1_000);
        }
        let needed = vec![Partner::Memberson, Partner::SevenRooms, Partner::Stripe];
        let configuration = Arc::new(Configuration::needing(needed));
        assert_eq!(configuration.refresh(&Rows(rows)).await.changed, 3);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let client = http::client().unwrap();
        let text = |secret| match seeds::credentials(secret).unwrap() {
            Value::String(text) => SecretString::from(text),
            document => SecretString::from(document.to_string()),
        };
        let known = MembersonCredentials::try_from(&text(Secret::MembersonCredentials)).unwrap();
        let partners = memberson::Memberson::new(client.clone(), Arc::clone(&clock), Arc::clone(&configuration), known);
        let known = SevenRoomsCredentials::try_from(&text(Secret::SevenRoomsCredentials)).unwrap();
        let tables = sevenrooms::SevenRooms::new(client.clone(), Arc::clone(&clock), Arc::clone(&configuration), known);
        let payments = stripe::Stripe::new(client, Arc::clone(&clock), configuration, text(Secret::StripeKey));
        Self {
            stores,
            memberson: memberson_double,
            sevenrooms: sevenrooms_double,
            stripe: stripe_double,
            post: Arc::default(),
            tokens: Arc::default(),
            clock,
            partners: Arc::new(partners),
            tables: Arc::new(tables),
            payments: Arc::new(payments),
        }
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> MemberId {
        let name = LoginName::try_from(email).unwrap();
        let signed_in = self.partners.sign_in(&name, &SecretString::from(password)).await.unwrap();
        let member = signed_in.member_id;
        self.tokens.by_member.lock().unwrap().insert(member.clone(), signed_in.profile_token);
        member
    }

    pub(crate) async fn mei(&self) -> MemberId {
        self.sign_in("mei.tan@example.com", "correct-horse-battery").await
    }

    pub(crate) async fn journals(&self, region: &str) -> Arc<dyn Journals> {
        Arc::new(self.stores.clients(region).await.journal(ENVIRONMENT))
    }

    /// A task's driver whose rings are all lost, so that only the sweeper comes back.
    pub(crate) async fn driver(&self) -> ArcDriver {
        self.driver_with(self.journals(SINGAPORE).await, Arc::new(Broken), self.lease(SINGAPORE, 1, None)).await
    }

    pub(crate) fn lease(&self, region: &'static str, epoch: u64, taken_over_at: Option<Timestamp>) -> Arc<dyn Lease> {
        Arc::new(Fixed { clock: Arc::clone(&self.clock), region, epoch, taken_over_at })
    }

    /// Dies at one append.
    pub(crate) async fn dying(&self, at: usize, dies: Dies) -> (ArcDriver, Arc<Dying>) {
        let inner = self.journals(SINGAPORE).await;
        let dying =
            Arc::new(Dying { inner, at, dies, appends: AtomicUsize::new(0), is_dead: tokio::sync::Notify::new() });
        let lease = self.lease(SINGAPORE, 1, None);
        (self.driver_with(dying.clone(), Arc::new(Broken), lease).await, dying)
    }

    pub(crate) async fn driver_with(
        &self,
        journals: Arc<dyn Journals>,
        doorbell: Arc<dyn Doorbell>,
        lease: Arc<dyn Lease>,
    ) -> ArcDriver {
        let partners = Partners {
            payments: self.payments.clone(),
            points: self.partners.clone(),
            items: self.partners.clone(),
            reservations: self.tables.clone(),
            directory: self.partners.clone(),
            contacts: self.partners.clone(),
            catalogue: self.partners.clone(),
            profile_tokens: self.tokens.clone(),
            mailer: self.post.clone(),
            actions: Arc::new(self.stores.clients(SINGAPORE).await.manual_actions(ENVIRONMENT)),
            clock: Arc::clone(&self.clock),
            pages: CardPages {
                success: "https://como.example/card-success.html".to_owned(),
                cancel: "https://como.example/card-cancel.html".to_owned(),
            },
        };
        let ports = DriverPorts { journals, doorbell, lease, clock: Arc::clone(&self.clock), partners };
        ArcDriver(Driver::new(ports, hasty(), 64))
    }

    /// A member's points by the books, in hundredths.
    pub(crate) fn points(&self, member_number: &str) -> i64 {
        self.memberson.ledger()["points"][member_number].as_i64().unwrap()
    }

    /// Reservations that stand, by the books.
    pub(crate) fn standing(&self) -> usize {
        let ledger = self.sevenrooms.ledger();
        let all = ledger["reservations"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|reservation| reservation["status"] == "BOOKED").count()
    }
}

/// Two tickets a week ahead at ten in the morning, when there is a slot on every day.
pub(crate) fn intent(member: &MemberId, payment: Payment) -> Intent {
    let date = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now() + SignedDuration::from_hours(9 * 24)).date();
    Intent {
        member: member.clone(),
        subject: Subject::Booking {
            experience: "EXP-1001".try_into().unwrap(),
            venue: "venue-shambhala-urban-escape".try_into().unwrap(),
            date,
            time: jiff::civil::time(10, 0, 0, 0),
            party_size: PartySize::DEFAULT,
        },
        payment,
        deadline: Timestamp::now() + SignedDuration::from_hours(1),
        body: BodyHash::of(b"two tickets"),
    }
}

pub(crate) fn with_points() -> Payment {
    Payment::Points(Points::from_hundredths(PRICE * 100))
}

pub(crate) fn by_card() -> Payment {
    Payment::Card(Money::from_minor(28_800, Currency::Sgd))
}

pub(crate) fn saga(member: &MemberId, key: &str) -> SagaId {
    let key = IdempotencyKey::try_from(key).unwrap();
    SagaId::derive(&SecretString::from("a secret of the test"), member, "/v1/bookings", &key).unwrap()
}

/// Waits until the saga's status is one of those that are waited for.
pub(crate) async fn until(driver: &ArcDriver, saga: &SagaId, is_it: impl Fn(&Status) -> bool) -> State {
    let mut entries = 0;
    for _ in 0..600 {
        let journal = driver.changed(saga, entries, Duration::from_secs(1)).await.unwrap();
        entries = journal.entries().count();
        let state = journal.fold();
        let shown = view(&hasty(), &state);
        if shown.is_some_and(|shown| is_it(&shown.status)) && state.pending().is_none() {
            return state;
        }
    }
    panic!("saga {saga} came to no end: {:#?}", driver.read(saga).await);
}

async fn origin(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}
