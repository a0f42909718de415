//! Tokens are renewed, each by itself.

use crate::fakes::{FakeCounter, FakeSecrets};
use como_contract::secret::Secret;
use como_lambdas::refresh::refresh;
use std::collections::BTreeMap;
use std::sync::Mutex;

fn with_credentials() -> FakeSecrets {
    let values = [(Secret::MembersonCredentials, "m".to_owned()), (Secret::SevenRoomsCredentials, "s".to_owned())];
    FakeSecrets(Mutex::new(BTreeMap::from(values)))
}

fn token(secrets: &FakeSecrets, secret: Secret) -> Option<String> {
    secrets.0.lock().unwrap().get(&secret).cloned()
}

#[tokio::test]
async fn every_token_is_renewed_each_time() {
    let secrets = with_credentials();
    secrets.0.lock().unwrap().insert(Secret::MembersonToken, "an old one".to_owned());
    for _ in 0..2 {
        let refreshed = refresh(&FakeCounter::default(), &secrets).await.unwrap();
        assert_eq!(refreshed.renewed, ["memberson-token", "sevenrooms-token"]);
        assert_eq!(token(&secrets, Secret::MembersonToken).as_deref(), Some("bought with m"));
        assert_eq!(token(&secrets, Secret::SevenRoomsToken).as_deref(), Some("bought with s"));
    }
}

#[tokio::test]
async fn one_failure_keeps_no_other_token_back_and_is_no_success() {
    let secrets = with_credentials();
    let counter = FakeCounter { closed: Some(Secret::MembersonToken) };
    let error = refresh(&counter, &secrets).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot renew every token: cannot buy memberson-token: unreachable");
    assert_eq!(token(&secrets, Secret::MembersonToken), None);
    assert_eq!(token(&secrets, Secret::SevenRoomsToken).as_deref(), Some("bought with s"));

    let error = refresh(&FakeCounter::default(), &FakeSecrets::default()).await.unwrap_err();
    assert_eq!(error.failures.len(), 2);
    assert_eq!(error.failures[0], "cannot buy memberson-token: nobody has put memberson-credentials in yet");
}
