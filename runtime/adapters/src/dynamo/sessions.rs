//! Members' ProfileTokens, encrypted before they leave the process.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use como_contract::table::{self, session_attribute};
use como_domain::identifier::MemberId;
use como_domain::identity::{Cause, ProfileTokens, SessionError, Sessions};
use como_domain::member::ProfileToken;

use crate::aws::cause;
use crate::encryption::ProfileTokenCipher;

pub struct SessionsTable {
    client: Client,
    table: String,
    cipher: ProfileTokenCipher,
}

impl SessionsTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str, cipher: ProfileTokenCipher) -> Self {
        Self { client, table: table::sessions(environment), cipher }
    }
}

#[async_trait]
impl Sessions for SessionsTable {
    async fn put(&self, member_id: &MemberId, profile_token: &ProfileToken) -> Result<(), SessionError> {
        let failed = |source: Cause| SessionError { operation: "store", source };
        let sealed = self.cipher.seal(member_id, &profile_token.secret).map_err(|error| failed(error.into()))?;
        let expires_at = profile_token.expires_at;
        self.client
            .put_item()
            .table_name(&self.table)
            .item(session_attribute::MEMBER_ID, AttributeValue::S(member_id.to_string()))
            .item(session_attribute::PROFILE_TOKEN, AttributeValue::B(Blob::new(sealed)))
            .item(session_attribute::EXPIRES_AT, AttributeValue::S(expires_at.to_string()))
            .item(session_attribute::TIME_TO_LIVE, AttributeValue::N(expires_at.as_second().to_string()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(cause(&error)))
    }
}

#[async_trait]
impl ProfileTokens for SessionsTable {
    async fn get(&self, member_id: &MemberId) -> Result<Option<ProfileToken>, SessionError> {
        let failed = |source: Cause| SessionError { operation: "read", source };
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(session_attribute::MEMBER_ID, AttributeValue::S(member_id.to_string()))
            // A member who has just signed in again is waiting for this.
            .consistent_read(true)
            .send()
            .await;
        let item = match read {
            Ok(output) => output.item,
            Err(error) => return Err(failed(cause(&error))),
        };
        let Some(item) = item else { return Ok(None) };
        let Some(AttributeValue::B(sealed)) = item.get(session_attribute::PROFILE_TOKEN) else {
            return Err(failed("it has no token".into()));
        };
        let expires_at = match item.get(session_attribute::EXPIRES_AT) {
            Some(AttributeValue::S(text)) => text.parse().map_err(|_| failed("its expiry is no timestamp".into()))?,
            _ => return Err(failed("it has no expiry".into())),
        };
        let secret = self.cipher.open(member_id, sealed.as_ref()).map_err(|error| failed(error.into()))?;
        Ok(Some(ProfileToken { secret, expires_at }))
    }
}
