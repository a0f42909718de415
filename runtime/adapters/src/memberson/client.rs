//! What every call to Memberson needs: settings, the service's token, a reading of the answer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use como_domain::clock::Clock;
use como_domain::effect::{EffectError, Refusal};
use como_domain::experience::{Experience, ExperienceSummary};
use como_domain::identifier::ExperienceId;
use como_domain::partner::{Partner, PartnerError, PartnerErrorKind};
use como_domain::section::Read;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::cache::ReadCache;
use crate::call::{Call, PartnerCaller, Repeat, Reply};
use crate::credentials::MembersonCredentials;
use crate::memberson::{convert, wire};
use crate::settings::{Configuration, MembersonSettings};
use crate::token::{Issued, ServiceToken, TokenCell};

const MAX_CACHED_EXPERIENCES: u64 = 2_000;
const AUTHENTICATE: &str = "authenticate the service";

/// Memberson's error codes, from public clients of its API.
pub(super) mod codes {
    pub(in crate::memberson) const SERVICE_TOKEN_INVALID: i64 = 2;
    pub(in crate::memberson) const SESSION_EXPIRED: i64 = 9;
    pub(in crate::memberson) const BAD_LOGIN: i64 = 1001;
    pub(in crate::memberson) const PASSWORD_RESET: [i64; 2] = [1002, 1004];
}

pub struct Memberson {
    caller: PartnerCaller,
    pub(super) clock: Arc<dyn Clock>,
    configuration: Arc<Configuration>,
    credentials: MembersonCredentials,
    token: TokenCell,
    pub(super) list: ReadCache<(), Read<Vec<ExperienceSummary>>>,
    pub(super) details: ReadCache<ExperienceId, Option<Read<Experience>>>,
}

impl Memberson {
    #[must_use]
    pub fn new(
        http: Client,
        clock: Arc<dyn Clock>,
        configuration: Arc<Configuration>,
        credentials: MembersonCredentials,
    ) -> Self {
        Self {
            caller: PartnerCaller::new(Partner::Memberson, http, Arc::clone(&clock)),
            clock,
            configuration,
            credentials,
            token: TokenCell::default(),
            list: ReadCache::new(1),
            details: ReadCache::new(MAX_CACHED_EXPERIENCES),
        }
    }

    /// Begins with a token that the token refresh has bought, where there is one.
    #[must_use]
    pub fn holding(self, token: Option<ServiceToken>) -> Self {
        Self { token: TokenCell::holding(token), ..self }
    }

    /// Buys a new service token, whatever is at hand.
    ///
    /// # Errors
    /// When the service is not configured, or Memberson cannot be reached or refuses.
    pub async fn renew(&self) -> Result<ServiceToken, PartnerError> {
        let settings = self.settings(AUTHENTICATE)?;
        self.authenticate(&settings).await
    }

    pub(super) fn settings(&self, operation: &'static str) -> Result<Arc<MembersonSettings>, PartnerError> {
        let not_configured = || self.caller.error(operation, PartnerErrorKind::NotConfigured, None);
        self.configuration.memberson.current().ok_or_else(not_configured)
    }

    /// Both halves encoded on their own, joined by a comma.
    fn svc_auth(&self) -> String {
        let password = self.credentials.service_password.expose_secret();
        format!("{},{}", STANDARD.encode(&self.credentials.service_user), STANDARD.encode(password))
    }

    /// With the service token, renewed and tried once more when Memberson no longer knows it.
    pub(super) async fn send(
        &self,
        settings: &MembersonSettings,
        operation: &'static str,
        repeat: Repeat,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, PartnerError> {
        let call = Call::reading(operation, repeat, settings.call);
        let mut issued = self.service_token(settings, None).await?;
        let mut reply = self.send_with(call, &issued, &request).await?;
        if is_token_rejected(&reply) {
            issued = self.service_token(settings, Some(&issued)).await?;
            reply = self.send_with(call, &issued, &request).await?;
        }
        Ok(reply)
    }

    /// The same for a call that changes something: it is repeated only when Memberson has turned it away for its token.
    pub(super) async fn effect(
        &self,
        settings: &MembersonSettings,
        operation: &'static str,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, EffectError> {
        let call = Call::effect(operation, Repeat::Never, settings.call);
        // Without a token nothing has been sent yet, whatever happened to the call for the token.
        let mut issued = self.service_token(settings, None).await.map_err(EffectError::NotSent)?;
        let mut reply = self.send_with(call, &issued, &request).await.map_err(EffectError::of)?;
        if is_token_rejected(&reply) {
            issued = self.service_token(settings, Some(&issued)).await.map_err(EffectError::NotSent)?;
            reply = self.send_with(call, &issued, &request).await.map_err(EffectError::of)?;
        }
        Ok(reply)
    }

    async fn send_with(
        &self,
        call: Call,
        issued: &Issued,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, PartnerError> {
        let token = issued.token.secret.expose_secret();
        self.caller.send(call, |http| request(http).header("SvcAuth", self.svc_auth()).header("Token", token)).await
    }

    async fn service_token(
        &self,
        settings: &MembersonSettings,
        rejected: Option<&Issued>,
    ) -> Result<Issued, PartnerError> {
        self.token.get(self.clock.now(), rejected, self.authenticate(settings)).await
    }

    async fn authenticate(&self, settings: &MembersonSettings) -> Result<ServiceToken, PartnerError> {
        let url = format!("{}{}", settings.base_url, settings.authenticate_path);
        let body = wire::AuthenticateRequest {
            user_name: &self.credentials.user_name,
            password: self.credentials.password.expose_secret(),
        };
        let call = Call::reading(AUTHENTICATE, Repeat::Budgeted, settings.call);
        let request = |http: &Client| http.post(&url).header("SvcAuth", self.svc_auth()).json(&body);
        let reply = self.caller.send(call, request).await?;
        // The body is a JSON string, quotes and all.
        let secret: SecretString = self.accept(AUTHENTICATE, &reply)?;
        Ok(ServiceToken { secret, expires_at: reply.read_at + settings.service_token_ttl })
    }

    pub(super) fn accept<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        reply: &Reply,
    ) -> Result<T, PartnerError> {
        if !reply.status.is_success() {
            let kind = PartnerErrorKind::Refused { status: reply.status.as_u16(), code: error_code(reply) };
            return Err(self.caller.error(operation, kind, None));
        }
        serde_json::from_slice(&reply.body).map_err(|error| {
            // The parser's message may quote what it read, so only the place is kept.
            let place = format!("no such JSON at line {} column {}", error.line(), error.column());
            self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(place.into()))
        })
    }

    pub(super) fn incomprehensible(&self, operation: &'static str, error: convert::Incomprehensible) -> PartnerError {
        self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(error.into()))
    }

    /// What was done, or why not: `refusal` knows the codes of this call. A success that cannot be read is none: something
    /// between us and Memberson may have answered in its place.
    pub(super) fn done<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        reply: &Reply,
        refusal: impl Fn(i64) -> Option<Refusal>,
    ) -> Result<T, EffectError> {
        if reply.status.is_success() {
            return self.accept(operation, reply).map_err(EffectError::Unknown);
        }
        let code = error_code(reply);
        let refusal = match (code, code.and_then(refusal)) {
            (Some(codes::SESSION_EXPIRED), _) => Refusal::SignInNeeded,
            (_, Some(refusal)) => refusal,
            _ if reply.status == StatusCode::NOT_FOUND => Refusal::Absent,
            _ => Refusal::Other { status: reply.status.as_u16(), code },
        };
        Err(EffectError::Refused { partner: Partner::Memberson, operation, refusal })
    }

    /// A call that the settings know no path for.
    pub(super) fn not_offered(operation: &'static str) -> EffectError {
        EffectError::Refused { partner: Partner::Memberson, operation, refusal: Refusal::NotOffered }
    }
}

pub(super) fn at(settings: &MembersonSettings, path: &str, placeholder: &str, id: &str) -> String {
    format!("{}{}", settings.base_url, path.replace(placeholder, id))
}

pub(super) fn error_code(reply: &Reply) -> Option<i64> {
    if reply.status.is_success() {
        return None;
    }
    serde_json::from_slice::<wire::ErrorReply>(&reply.body).ok()?.error_code
}

/// A 401 may also speak of the member's password: replaying that would count as a second wrong attempt.
fn is_token_rejected(reply: &Reply) -> bool {
    match error_code(reply) {
        Some(code) => code == codes::SERVICE_TOKEN_INVALID,
        None => reply.status == StatusCode::UNAUTHORIZED,
    }
}
