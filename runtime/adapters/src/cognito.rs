//! The region's pool of users: filled from Memberson, one login at a time.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, AuthenticationResultType, MessageActionType, UserStatusType,
};
use como_domain::identifier::MemberId;
use como_domain::identity::{Identities, IdentityError, Tokens};
use secrecy::{ExposeSecret, SecretString};

use crate::aws::{cause, has_code};
use crate::password::derive;

pub struct CognitoPool {
    client: Client,
    pool_id: String,
    client_id: String,
    password_key: SecretString,
}

impl CognitoPool {
    #[must_use]
    pub fn new(client: Client, pool_id: String, client_id: String, password_key: SecretString) -> Self {
        Self { client, pool_id, client_id, password_key }
    }

    async fn standing(&self, member_id: &MemberId) -> Result<Standing, IdentityError> {
        let read = self.client.admin_get_user().user_pool_id(&self.pool_id).username(member_id.as_str()).send().await;
        match read {
            // An earlier login may have stopped between creating the user and setting the password.
            Ok(user) if user.user_status == Some(UserStatusType::Confirmed) => Ok(Standing::Ready),
            Ok(_) => Ok(Standing::WithoutPassword),
            Err(error) if has_code(&error, "UserNotFoundException") => Ok(Standing::Absent),
            Err(error) => Err(failed("look a member up", error)),
        }
    }

    /// Without an attribute of the person: the pool needs none.
    async fn create(&self, member_id: &MemberId) -> Result<(), IdentityError> {
        let create = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool_id)
            .username(member_id.as_str())
            .message_action(MessageActionType::Suppress);
        match create.send().await {
            Ok(_) => Ok(()),
            // The same member is logging in twice at this moment.
            Err(error) if has_code(&error, "UsernameExistsException") => Ok(()),
            Err(error) => Err(failed("add a member", error)),
        }
    }

    async fn set_password(&self, member_id: &MemberId, password: &SecretString) -> Result<(), IdentityError> {
        self.client
            .admin_set_user_password()
            .user_pool_id(&self.pool_id)
            .username(member_id.as_str())
            .password(password.expose_secret())
            .permanent(true)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed("set a member's password", error))
    }

    /// `None` when the pool holds another password.
    async fn authenticate(
        &self,
        member_id: &MemberId,
        password: &SecretString,
    ) -> Result<Option<AuthenticationResultType>, IdentityError> {
        let operation = "sign a member in";
        let parameters = HashMap::from([
            ("USERNAME".to_owned(), member_id.to_string()),
            ("PASSWORD".to_owned(), password.expose_secret().to_owned()),
        ]);
        let authenticate = self
            .client
            .admin_initiate_auth()
            .user_pool_id(&self.pool_id)
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .set_auth_parameters(Some(parameters));
        match authenticate.send().await {
            Ok(output) => match output.authentication_result {
                Some(result) => Ok(Some(result)),
                None => Err(IdentityError { operation, source: "the pool asks for a challenge".into() }),
            },
            Err(error) if has_code(&error, "NotAuthorizedException") => Ok(None),
            Err(error) => Err(failed(operation, error)),
        }
    }
}

#[async_trait]
impl Identities for CognitoPool {
    async fn sign_in(&self, member_id: &MemberId) -> Result<Tokens, IdentityError> {
        let password = derive(&self.password_key, member_id);
        match self.standing(member_id).await? {
            Standing::Ready => {}
            Standing::WithoutPassword => self.set_password(member_id, &password).await?,
            Standing::Absent => {
                self.create(member_id).await?;
                self.set_password(member_id, &password).await?;
            }
        }
        if let Some(result) = self.authenticate(member_id, &password).await? {
            return tokens(result);
        }
        // The key of the derivation has been rotated since this member's last login.
        self.set_password(member_id, &password).await?;
        match self.authenticate(member_id, &password).await? {
            Some(result) => tokens(result),
            None => Err(IdentityError { operation: "sign a member in", source: "the pool refuses the member".into() }),
        }
    }
}

enum Standing {
    Absent,
    WithoutPassword,
    Ready,
}

fn tokens(result: AuthenticationResultType) -> Result<Tokens, IdentityError> {
    let missing = |name: &str| IdentityError { operation: "sign a member in", source: format!("no {name}").into() };
    Ok(Tokens {
        access_token: result.access_token.map(SecretString::from).ok_or_else(|| missing("access token"))?,
        id_token: result.id_token.map(SecretString::from).ok_or_else(|| missing("id token"))?,
        refresh_token: result.refresh_token.map(SecretString::from).ok_or_else(|| missing("refresh token"))?,
        expires_in_s: u32::try_from(result.expires_in).map_err(|_| missing("time to live"))?,
    })
}

fn failed<E: ProvideErrorMetadata, R>(operation: &'static str, error: SdkError<E, R>) -> IdentityError {
    IdentityError { operation, source: cause(&error) }
}
