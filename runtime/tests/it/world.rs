//! Doubles on loopback, fakes for AWS, both services as routers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use como_adapters::clock::SystemClock;
use como_adapters::credentials::{MembersonCredentials, SevenRoomsCredentials};
use como_adapters::settings::Configuration;
use como_adapters::{http, memberson, sevenrooms};
use como_contract::secret::Secret;
use como_domain::access::AccessTokens;
use como_domain::clock::Clock;
use como_domain::partner::Partner;
use como_domain::saga::policy::Policy;
use como_doubles::memberson::{Memberson, memberson_router};
use como_doubles::seeds;
use como_doubles::sevenrooms::{SevenRooms, sevenrooms_router};
use como_runtime::app;
use como_runtime::idempotent::Idempotency;
use como_runtime::orders::Orders;
use como_runtime::quote::Quotes;
use como_runtime::services::accounts::AccountsPorts;
use como_runtime::services::bookings::BookingsPorts;
use como_runtime::services::experiences::ExperiencesPorts;
use como_runtime::services::redemptions::RedemptionsPorts;
use http_body_util::BodyExt;
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::fakes::{FakePool, FakeSessions, FakeTable, FakeTokens};
use crate::sagas::{MemoryEvents, MemoryRequests, MemorySagas};

pub(crate) const SAGA_KEY: &str = "the-key-of-sagas-in-tests-of-the-api";
pub(crate) const SEVENROOMS_KEY: &str = "the-end-of-the-address-of-sevenrooms";
pub(crate) const STRIPE_SECRETS: [&str; 2] = ["whsec_rehearsal", "whsec_other"];

pub(crate) struct World {
    pub(crate) memberson: Memberson,
    pub(crate) sevenrooms: SevenRooms,
    pub(crate) pool: Arc<FakePool>,
    pub(crate) sessions: Arc<FakeSessions>,
    pub(crate) table: Arc<FakeTable>,
    pub(crate) configuration: Arc<Configuration>,
    pub(crate) sagas: Arc<MemorySagas>,
    pub(crate) events: Arc<MemoryEvents>,
    accounts: Router,
    experiences: Router,
    bookings: Router,
    redemptions: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn code(&self) -> Value {
        self.json()["code"].clone()
    }
}

impl World {
    /// Configured and ready; partners that hang are given up after 200 ms and nothing is cached.
    pub(crate) async fn start() -> Self {
        let world = Self::start_unconfigured().await;
        world.configuration.refresh(world.table.as_ref()).await;
        assert!(world.configuration.is_loaded());
        world
    }

    pub(crate) async fn start_unconfigured() -> Self {
        let (memberson, sevenrooms) = (Memberson::seeded(), SevenRooms::seeded());
        let memberson_address = spawn(memberson_router(memberson.clone())).await;
        let sevenrooms_address = spawn(sevenrooms_router(sevenrooms.clone())).await;
        let table = Arc::new(FakeTable::default());
        let rows =
            seeds::configuration_rows(&format!("http://{memberson_address}"), &format!("http://{sevenrooms_address}"));
        for (name, mut document) in rows {
            document["timeout_ms"] = json!(200);
            document["retries"] = json!(0);
            let ttl = if name == como_contract::configuration::MEMBERSON { "catalogue_ttl_s" } else { "venues_ttl_s" };
            document[ttl] = json!(0);
            table.rows.lock().unwrap().insert(name.to_owned(), document.to_string());
        }
        let configuration = Arc::new(Configuration::needing(vec![Partner::Memberson, Partner::SevenRooms]));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let http = http::client().unwrap();
        let secret = |secret| SecretString::from(seeds::credentials(secret).unwrap().to_string());
        let credentials = MembersonCredentials::try_from(&secret(Secret::MembersonCredentials)).unwrap();
        let directory =
            memberson::Memberson::new(http.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
        let directory = Arc::new(directory);
        let credentials = SevenRoomsCredentials::try_from(&secret(Secret::SevenRoomsCredentials)).unwrap();
        let tokens: Arc<dyn AccessTokens> = Arc::new(FakeTokens);
        let venues = sevenrooms::SevenRooms::new(http, Arc::clone(&clock), Arc::clone(&configuration), credentials);
        let (pool, sessions) = (Arc::new(FakePool::default()), Arc::new(FakeSessions::default()));
        let ports = AccountsPorts {
            directory: directory.clone(),
            identities: pool.clone(),
            sessions: sessions.clone(),
            tokens: Arc::clone(&tokens),
        };
        let accounts = app::accounts(ports, Arc::clone(&configuration));
        let venues = Arc::new(venues);
        let ports = ExperiencesPorts::new(directory.clone(), venues.clone(), Arc::clone(&tokens));
        let experiences = app::experiences(ports, Arc::clone(&configuration));
        let (sagas, events) = (Arc::new(MemorySagas::default()), Arc::new(MemoryEvents::default()));
        let saga_key = SecretString::from(SAGA_KEY);
        let orders = Orders {
            tokens,
            sagas: sagas.clone(),
            profile_tokens: sessions.clone(),
            directory: directory.clone(),
            quotes: Arc::new(Quotes::new(&saga_key).unwrap()),
            idempotency: Idempotency {
                requests: Arc::new(MemoryRequests::default()),
                clock: Arc::clone(&clock),
                saga_key,
            },
            clock,
            policy: Policy::standard(),
        };
        let ports = BookingsPorts {
            orders: orders.clone(),
            catalogue: directory.clone(),
            venues,
            actions: sagas.clone(),
            events: events.clone(),
            stripe_secrets: STRIPE_SECRETS.map(SecretString::from).to_vec(),
            sevenrooms_key: SecretString::from(SEVENROOMS_KEY),
        };
        let bookings = app::bookings(ports, Arc::clone(&configuration));
        let redemptions = app::redemptions(RedemptionsPorts { orders, items: directory }, Arc::clone(&configuration));
        Self {
            memberson,
            sevenrooms,
            pool,
            sessions,
            table,
            configuration,
            sagas,
            events,
            accounts,
            experiences,
            bookings,
            redemptions,
        }
    }

    pub(crate) async fn login(&self, login: &str, password: &str) -> Answer {
        let body = json!({ "login": login, "password": password });
        let request = Request::post("/v1/accounts/login").header(CONTENT_TYPE, "application/json");
        self.accounts(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn accounts(&self, request: Request<Body>) -> Answer {
        answer(self.accounts.clone(), request).await
    }

    /// As the accounts service sees a signed-in member.
    pub(crate) async fn accounts_get(&self, path: &str, member: &str) -> Answer {
        self.accounts(get(path, Some(member))).await
    }

    pub(crate) async fn experiences_get(&self, path: &str) -> Answer {
        answer(self.experiences.clone(), get(path, Some("C1000001"))).await
    }

    /// At the service that the load balancer chooses.
    pub(crate) async fn order(&self, request: Request<Body>) -> Answer {
        let path = request.uri().path();
        let is_redemption = path.starts_with("/v1/redemptions") || path.starts_with("/v1/items");
        answer(if is_redemption { &self.redemptions } else { &self.bookings }.clone(), request).await
    }

    pub(crate) async fn experiences(&self, request: Request<Body>) -> Answer {
        answer(self.experiences.clone(), request).await
    }
}

pub(crate) fn get(path: &str, member: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(member) = member {
        request = request.header(AUTHORIZATION, format!("Bearer {}", access_token(member)));
    }
    request.body(Body::empty()).unwrap()
}

/// Shaped like Cognito's; the signature is the gateway's business.
pub(crate) fn access_token(member: &str) -> String {
    let claims = json!({ "sub": "00000000-0000-0000-0000-000000000000", "token_use": "access", "username": member,
        "scope": como_contract::route::MEMBER_SCOPE });
    format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Of somebody who works here.
pub(crate) fn staff_token(scope: &str, groups: &[&str]) -> String {
    let claims = json!({ "token_use": "access", "username": "s-1", "scope": scope, "cognito:groups": groups });
    format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

pub(crate) async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

async fn spawn(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    address
}
