//! Tokens that are bought for others, and secrets that hold them.

use std::sync::Arc;

use como_adapters::clock::SystemClock;
use como_adapters::http;
use como_adapters::memberson::Memberson;
use como_adapters::secrets_manager::SecretsManager;
use como_adapters::service_token::{BuyError, ServiceToken, buy};
use como_adapters::settings::Configuration;
use como_adapters::sevenrooms::SevenRooms;
use como_contract::secret::Secret;
use como_domain::clock::Clock;
use como_domain::partner::{Catalogue, Partner, Venues};
use como_doubles::memberson::memberson_router;
use como_doubles::seeds;
use como_doubles::sevenrooms::sevenrooms_router;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::stub::{Stub, error};
use crate::world::{Rows, origin, secret};

const AUTHENTICATIONS: [&str; 2] = ["POST /api/user/authenticate", "POST /2_4/auth"];

/// A partner is asked with a token that somebody else has bought, and once more when it no longer takes that one.
#[tokio::test]
async fn who_holds_a_bought_token_signs_in_only_when_it_is_turned_away() {
    let memberson_double = como_doubles::memberson::Memberson::seeded();
    let sevenrooms_double = como_doubles::sevenrooms::SevenRooms::seeded();
    let origins = (
        origin(memberson_router(memberson_double.clone())).await,
        origin(sevenrooms_router(sevenrooms_double.clone())).await,
    );
    let rows = Rows(seeds::configuration_rows(&origins.0, &origins.1));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let client = http::client().unwrap();
    let bought = async |token, credentials| {
        let token = buy(token, &secret(credentials), &rows, client.clone(), Arc::clone(&clock)).await.unwrap();
        // By way of a secret, as in life.
        ServiceToken::of_secret(&token.to_secret()).unwrap()
    };
    let configuration = Arc::new(Configuration::needing(vec![Partner::Memberson, Partner::SevenRooms]));
    configuration.refresh(&rows).await;
    let token = bought(Secret::MembersonToken, Secret::MembersonCredentials).await;
    assert!(Timestamp::now() < token.expires_at());
    let credentials = (&secret(Secret::MembersonCredentials)).try_into().unwrap();
    let memberson = Memberson::new(client.clone(), Arc::clone(&clock), Arc::clone(&configuration), credentials);
    let memberson = memberson.holding(Some(token));
    let token = bought(Secret::SevenRoomsToken, Secret::SevenRoomsCredentials).await;
    let credentials = (&secret(Secret::SevenRoomsCredentials)).try_into().unwrap();
    let sevenrooms = SevenRooms::new(client, clock, configuration, credentials).holding(Some(token));
    let signed_in = || {
        let calls = [memberson_double.calls(), sevenrooms_double.calls()].concat();
        calls.iter().filter(|call| AUTHENTICATIONS.contains(&call.as_str())).count()
    };
    assert_eq!(signed_in(), 2, "by the buyer");
    memberson.experiences().await.unwrap();
    sevenrooms.venue(&"venue-candlenut".try_into().unwrap()).await.unwrap();
    assert_eq!(signed_in(), 2);
    memberson_double.expire_tokens();
    memberson.experience(&"EXP-1001".try_into().unwrap()).await.unwrap();
    assert_eq!(signed_in(), 3);
}

#[tokio::test]
async fn what_is_no_token_is_not_sold_and_bad_credentials_are_named() {
    let rows = Rows(Vec::new());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let refused = async |token, credentials: &str| {
        let credentials = SecretString::from(credentials);
        buy(token, &credentials, &rows, http::client().unwrap(), Arc::clone(&clock)).await.unwrap_err()
    };
    assert!(matches!(refused(Secret::SagaKey, "{}").await, BuyError::NoToken { .. }));
    let error = refused(Secret::MembersonToken, r#"{"service_user": "hush"}"#).await;
    assert!(matches!(&error, BuyError::Credentials(_)) && !format!("{error:?}").contains("hush"));
}

#[tokio::test]
async fn secrets_are_read_and_written_by_name() {
    let (stub, clients) = Stub::start([
        (
            "GetSecretValue",
            vec![
                (200, json!({ "SecretString": "hush" })),
                error("ResourceNotFoundException"),
                error("AccessDeniedException"),
            ],
        ),
        ("PutSecretValue", vec![(200, json!({ "VersionId": "v2" }))]),
    ])
    .await;
    let manager = SecretsManager::new(clients.signed(http::client().unwrap()));
    assert_eq!(manager.value("como/prod/saga-key").await.unwrap().unwrap().expose_secret(), "hush");
    assert!(manager.value("como/prod/saga-key").await.unwrap().is_none());
    let error = manager.value("como/prod/saga-key").await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read the secret como/prod/saga-key");
    manager.put("como/prod/saga-key", &"new".into()).await.unwrap();
    let put = json!({ "SecretId": "como/prod/saga-key", "SecretString": "new" });
    assert_eq!(stub.last("PutSecretValue"), put);
}
