//! The domain's `MemberDirectory` and `Catalogue`, kept by Memberson.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use como_domain::clock::Clock;
use como_domain::experience::{Experience, ExperienceSummary};
use como_domain::identifier::{ExperienceId, MemberId};
use como_domain::login::LoginName;
use como_domain::member::{MemberSummary, ProfileToken, SignedIn};
use como_domain::partner::{Catalogue, MemberDirectory, Partner, PartnerError, PartnerErrorKind, SignInError};
use como_domain::section::Read;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tracing::warn;

use crate::cache::ReadCache;
use crate::call::{Call, PartnerCaller, Repeat, Reply};
use crate::credentials::MembersonCredentials;
use crate::memberson::{convert, wire};
use crate::settings::{Configuration, MembersonSettings};
use crate::token::{Issued, ServiceToken, TokenCell};

/// A family may share a mobile number; more accounts than this are not tried with one password.
const MAX_ACCOUNTS_PER_LOGIN: usize = 3;
const MAX_CACHED_EXPERIENCES: u64 = 2_000;

/// Memberson's error codes, from public clients of its API.
mod error_code {
    pub(super) const SERVICE_TOKEN_INVALID: i64 = 2;
    pub(super) const BAD_LOGIN: i64 = 1001;
    pub(super) const PASSWORD_RESET: [i64; 2] = [1002, 1004];
}

pub struct Memberson {
    caller: PartnerCaller,
    clock: Arc<dyn Clock>,
    configuration: Arc<Configuration>,
    credentials: MembersonCredentials,
    token: TokenCell,
    list: ReadCache<(), Read<Vec<ExperienceSummary>>>,
    details: ReadCache<ExperienceId, Option<Read<Experience>>>,
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

    fn settings(&self, operation: &'static str) -> Result<Arc<MembersonSettings>, PartnerError> {
        let not_configured = || self.caller.error(operation, PartnerErrorKind::NotConfigured, None);
        self.configuration.memberson.current().ok_or_else(not_configured)
    }

    /// Both halves encoded on their own, joined by a comma.
    fn svc_auth(&self) -> String {
        let password = self.credentials.service_password.expose_secret();
        format!("{},{}", STANDARD.encode(&self.credentials.service_user), STANDARD.encode(password))
    }

    /// With the service token, renewed and tried once more when Memberson no longer knows it.
    async fn send(
        &self,
        settings: &MembersonSettings,
        operation: &'static str,
        repeat: Repeat,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, PartnerError> {
        let call = Call { operation, repeat, settings: settings.call };
        let mut issued = self.service_token(settings, None).await?;
        let mut reply = self.send_with(call, &issued, &request).await?;
        if is_token_rejected(&reply) {
            issued = self.service_token(settings, Some(&issued)).await?;
            reply = self.send_with(call, &issued, &request).await?;
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
        let authenticate = async {
            let operation = "authenticate the service";
            let url = format!("{}{}", settings.base_url, settings.authenticate_path);
            let body = wire::AuthenticateRequest {
                user_name: &self.credentials.user_name,
                password: self.credentials.password.expose_secret(),
            };
            let call = Call { operation, repeat: Repeat::Budgeted, settings: settings.call };
            let request = |http: &Client| http.post(&url).header("SvcAuth", self.svc_auth()).json(&body);
            let reply = self.caller.send(call, request).await?;
            // The body is a JSON string, quotes and all.
            let secret: SecretString = self.accept(operation, &reply)?;
            Ok(ServiceToken { secret, expires_at: reply.read_at + settings.service_token_ttl })
        };
        self.token.get(self.clock.now(), rejected, authenticate).await
    }

    fn accept<T: DeserializeOwned>(&self, operation: &'static str, reply: &Reply) -> Result<T, PartnerError> {
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

    fn incomprehensible(&self, operation: &'static str, error: convert::Incomprehensible) -> PartnerError {
        self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(error.into()))
    }

    async fn search(&self, settings: &MembersonSettings, name: &LoginName) -> Result<Vec<MemberId>, PartnerError> {
        let operation = "search a member";
        let url = format!("{}{}", settings.base_url, settings.search_path);
        let body = match name {
            LoginName::Email(address) => wire::SearchRequest::Email { email_address: address },
            LoginName::Mobile { country_code, number } => wire::SearchRequest::Mobile {
                mobile_number: number,
                mobile_number_country_code: country_code.as_deref().unwrap_or(&settings.home_country_code),
            },
        };
        let reply = self.send(settings, operation, Repeat::Budgeted, |http| http.post(&url).json(&body)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        let found: Vec<wire::FoundProfile> = self.accept(operation, &reply)?;
        let ids =
            found.into_iter().take(MAX_ACCOUNTS_PER_LOGIN).map(|profile| MemberId::try_from(profile.customer_number));
        let unusable = |_| self.incomprehensible(operation, convert::Incomprehensible { field: "CustomerNumber" });
        ids.collect::<Result<_, _>>().map_err(unusable)
    }

    async fn sign_in_as(
        &self,
        settings: &MembersonSettings,
        member_id: MemberId,
        password: &SecretString,
    ) -> Result<SignedIn, SignInError> {
        let operation = "sign a member in";
        let url = at(settings, &settings.sign_in_path, MembersonSettings::CUSTOMER_NUMBER, member_id.as_str());
        let body = wire::SignInRequest { password: password.expose_secret() };
        let reply = self.send(settings, operation, Repeat::Never, |http| http.post(&url).json(&body)).await?;
        match error_code(&reply) {
            Some(error_code::BAD_LOGIN) => return Err(SignInError::WrongCredentials),
            Some(code) if error_code::PASSWORD_RESET.contains(&code) => return Err(SignInError::PasswordChangeNeeded),
            _ => {}
        }
        let signed_in: wire::SignInReply = self.accept(operation, &reply)?;
        if signed_in.need_password_change == Some(true) {
            return Err(SignInError::PasswordChangeNeeded);
        }
        let stated = signed_in.expiry_date.as_deref().and_then(|text| convert::instant(text, &settings.time_zone));
        let expires_at = stated.unwrap_or(reply.read_at + settings.profile_token_ttl);
        Ok(SignedIn { member_id, profile_token: ProfileToken { secret: signed_in.token, expires_at } })
    }

    async fn read_list(&self, settings: &MembersonSettings) -> Result<Read<Vec<ExperienceSummary>>, PartnerError> {
        let operation = "list the experiences";
        let url = format!("{}{}", settings.base_url, settings.rewards_path);
        let reply = self.send(settings, operation, Repeat::Budgeted, |http| http.get(&url)).await?;
        let rewards: Vec<serde_json::Value> = self.accept(operation, &reply)?;
        let offered = rewards.len();
        let readable = rewards.into_iter().filter_map(|reward| {
            let reward: wire::Reward = serde_json::from_value(reward).ok()?;
            convert::experience(reward).ok().map(|experience| experience.overview)
        });
        let value: Vec<ExperienceSummary> = readable.collect();
        let skipped = offered - value.len();
        if 0 < skipped {
            // One slip in the CRM must not empty the whole list.
            warn!(catalogue.skipped = skipped, "left out {skipped} experiences that cannot be understood");
        }
        Ok(Read { value, read_at: reply.read_at })
    }

    async fn read_details(
        &self,
        settings: &MembersonSettings,
        id: &ExperienceId,
    ) -> Result<Option<Read<Experience>>, PartnerError> {
        let operation = "read an experience";
        let url = at(settings, &settings.reward_path, MembersonSettings::REWARD_NUMBER, id.as_str());
        let query = [("includeMedia", "true"), ("includeRewardPricing", "true")];
        let reply = self.send(settings, operation, Repeat::Budgeted, |http| http.get(&url).query(&query)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let reward: wire::Reward = self.accept(operation, &reply)?;
        let value = convert::experience(reward).map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at: reply.read_at }))
    }
}

#[async_trait]
impl MemberDirectory for Memberson {
    async fn sign_in(&self, name: &LoginName, password: &SecretString) -> Result<SignedIn, SignInError> {
        let settings = self.settings("sign a member in")?;
        let mut refusal = SignInError::WrongCredentials;
        for member_id in self.search(&settings, name).await? {
            match self.sign_in_as(&settings, member_id, password).await {
                Ok(signed_in) => return Ok(signed_in),
                Err(error @ SignInError::Partner(_)) => return Err(error),
                Err(error @ SignInError::PasswordChangeNeeded) => refusal = error,
                Err(SignInError::WrongCredentials) => {}
            }
        }
        Err(refusal)
    }

    async fn summary(&self, member_id: &MemberId) -> Result<Option<Read<MemberSummary>>, PartnerError> {
        let operation = "read a member's summary";
        let settings = self.settings(operation)?;
        let url = at(&settings, &settings.summary_path, MembersonSettings::CUSTOMER_NUMBER, member_id.as_str());
        let reply = self.send(&settings, operation, Repeat::Budgeted, |http| http.get(&url)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let summary: wire::SummaryReply = self.accept(operation, &reply)?;
        let value = convert::member_summary(summary, member_id.clone(), &settings.point_type)
            .map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at: reply.read_at }))
    }
}

#[async_trait]
impl Catalogue for Memberson {
    async fn experiences(&self) -> Result<Read<Vec<ExperienceSummary>>, PartnerError> {
        let settings = self.settings("list the experiences")?;
        self.list.get((), settings.catalogue_ttl, self.read_list(&settings)).await
    }

    async fn experience(&self, id: &ExperienceId) -> Result<Option<Read<Experience>>, PartnerError> {
        let settings = self.settings("read an experience")?;
        self.details.get(id.clone(), settings.catalogue_ttl, self.read_details(&settings, id)).await
    }
}

fn at(settings: &MembersonSettings, path: &str, placeholder: &str, id: &str) -> String {
    format!("{}{}", settings.base_url, path.replace(placeholder, id))
}

fn error_code(reply: &Reply) -> Option<i64> {
    if reply.status.is_success() {
        return None;
    }
    serde_json::from_slice::<wire::ErrorReply>(&reply.body).ok()?.error_code
}

/// A 401 may also speak of the member's password: replaying that would count as a second wrong attempt.
fn is_token_rejected(reply: &Reply) -> bool {
    match error_code(reply) {
        Some(code) => code == error_code::SERVICE_TOKEN_INVALID,
        None => reply.status == StatusCode::UNAUTHORIZED,
    }
}
