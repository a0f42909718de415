//! The one HTTP client for all partners.

use std::time::Duration;

use thiserror::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const IDLE_CONNECTION: Duration = Duration::from_secs(60);

/// For those who hand it on and do not use it themselves.
pub type HttpClient = reqwest::Client;

#[derive(Debug, Error)]
#[error("cannot set up the HTTP client")]
pub struct HttpClientError(#[source] reqwest::Error);

/// Time limits of whole calls come from the settings. Redirects are not followed: our headers carry credentials.
///
/// # Errors
/// When the TLS library cannot be set up.
pub fn client() -> Result<reqwest::Client, HttpClientError> {
    reqwest::Client::builder()
        .user_agent(concat!("como-runtime/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_CONNECTION)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(HttpClientError)
}
