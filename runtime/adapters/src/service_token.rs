//! Tokens of the service, bought for others than the buyer: what the token refresh puts into secrets.

use std::sync::Arc;

use como_contract::secret::Secret;
use como_domain::clock::Clock;
use como_domain::partner::{Partner, PartnerError};
use secrecy::SecretString;
use thiserror::Error;

use crate::credentials::{CredentialsError, MembersonCredentials, SevenRoomsCredentials};
use crate::http::HttpClient;
use crate::memberson::Memberson;
use crate::settings::{Configuration, ConfigurationSource};
use crate::sevenrooms::SevenRooms;
pub use crate::token::ServiceToken;

#[derive(Debug, Error)]
pub enum BuyError {
    #[error("cannot use a partner's credentials")]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Partner(#[from] PartnerError),
    #[error("no partner sells {}", secret.label())]
    NoToken { secret: Secret },
}

/// The token that belongs into the secret `token`, from the partner where `source` says that it is.
///
/// # Errors
/// When the credentials are no such document, or the partner cannot be reached or refuses.
pub async fn buy(
    token: Secret,
    credentials: &SecretString,
    source: &dyn ConfigurationSource,
    http: HttpClient,
    clock: Arc<dyn Clock>,
) -> Result<ServiceToken, BuyError> {
    let configured = async |partner| {
        let configuration = Arc::new(Configuration::needing(vec![partner]));
        configuration.refresh(source).await;
        configuration
    };
    Ok(match token {
        Secret::MembersonToken => {
            let credentials = MembersonCredentials::try_from(credentials)?;
            Memberson::new(http, clock, configured(Partner::Memberson).await, credentials).renew().await?
        }
        Secret::SevenRoomsToken => {
            let credentials = SevenRoomsCredentials::try_from(credentials)?;
            SevenRooms::new(http, clock, configured(Partner::SevenRooms).await, credentials).renew().await?
        }
        secret => return Err(BuyError::NoToken { secret }),
    })
}
