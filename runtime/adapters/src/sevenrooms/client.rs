//! The domain's `Venues`, kept by SevenRooms.

use std::sync::Arc;

use async_trait::async_trait;
use como_domain::clock::Clock;
use como_domain::effect::EffectError;
use como_domain::identifier::VenueId;
use como_domain::partner::{Partner, PartnerError, PartnerErrorKind, Venues};
use como_domain::section::Read;
use como_domain::venue::{Availability, PartySize, Venue};
use jiff::civil::Date;
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

use crate::cache::ReadCache;
use crate::call::{Call, PartnerCaller, Repeat, Reply};
use crate::credentials::SevenRoomsCredentials;
use crate::settings::{Configuration, SevenRoomsSettings};
use crate::sevenrooms::{convert, wire};
use crate::token::{Issued, ServiceToken, TokenCell};

const AUTHENTICATE: &str = "authenticate the service";

pub struct SevenRooms {
    pub(super) caller: PartnerCaller,
    clock: Arc<dyn Clock>,
    configuration: Arc<Configuration>,
    credentials: SevenRoomsCredentials,
    token: TokenCell,
    /// The group's venues in one list: there is no public way to ask for one venue.
    venues: ReadCache<(), Arc<Read<Vec<Venue>>>>,
}

impl SevenRooms {
    #[must_use]
    pub fn new(
        http: Client,
        clock: Arc<dyn Clock>,
        configuration: Arc<Configuration>,
        credentials: SevenRoomsCredentials,
    ) -> Self {
        Self {
            caller: PartnerCaller::new(Partner::SevenRooms, http, Arc::clone(&clock)),
            clock,
            configuration,
            credentials,
            token: TokenCell::default(),
            venues: ReadCache::new(1),
        }
    }

    /// Begins with a token that the token refresh has bought, where there is one.
    #[must_use]
    pub fn holding(self, token: Option<ServiceToken>) -> Self {
        Self { token: TokenCell::holding(token), ..self }
    }

    /// Buys a new token, whatever is at hand.
    ///
    /// # Errors
    /// When the service is not configured, or SevenRooms cannot be reached or refuses.
    pub async fn renew(&self) -> Result<ServiceToken, PartnerError> {
        let settings = self.settings(AUTHENTICATE)?;
        self.authenticate(&settings).await
    }

    pub(super) fn settings(&self, operation: &'static str) -> Result<Arc<SevenRoomsSettings>, PartnerError> {
        let not_configured = || self.caller.error(operation, PartnerErrorKind::NotConfigured, None);
        self.configuration.sevenrooms.current().ok_or_else(not_configured)
    }

    /// With the token, renewed and tried once more when SevenRooms no longer knows it.
    pub(super) async fn send(
        &self,
        settings: &SevenRoomsSettings,
        operation: &'static str,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, PartnerError> {
        let call = Call::reading(operation, Repeat::Budgeted, settings.call);
        let mut issued = self.service_token(settings, None).await?;
        let mut reply = self.send_with(call, &issued, &request).await?;
        if is_token_rejected(&reply, settings) {
            issued = self.service_token(settings, Some(&issued)).await?;
            reply = self.send_with(call, &issued, &request).await?;
        }
        Ok(reply)
    }

    /// The same for a call that changes something: it is repeated only when SevenRooms has turned it away for its token.
    pub(super) async fn effect(
        &self,
        settings: &SevenRoomsSettings,
        operation: &'static str,
        request: impl Fn(&Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Reply, EffectError> {
        let call = Call::effect(operation, Repeat::Never, settings.call);
        let request = |http: &Client| match &settings.concierge_id {
            Some(id) => request(http).header("X-Concierge-Id", id),
            None => request(http),
        };
        // Without a token nothing has been sent yet, whatever happened to the call for the token.
        let mut issued = self.service_token(settings, None).await.map_err(EffectError::NotSent)?;
        let mut reply = self.send_with(call, &issued, &request).await.map_err(EffectError::of)?;
        if is_token_rejected(&reply, settings) {
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
        // The raw token: with `Bearer` in front SevenRooms refuses it.
        let token = issued.token.secret.expose_secret();
        self.caller.send(call, |http| request(http).header(AUTHORIZATION, token)).await
    }

    async fn service_token(
        &self,
        settings: &SevenRoomsSettings,
        rejected: Option<&Issued>,
    ) -> Result<Issued, PartnerError> {
        self.token.get(self.clock.now(), rejected, self.authenticate(settings)).await
    }

    async fn authenticate(&self, settings: &SevenRoomsSettings) -> Result<ServiceToken, PartnerError> {
        let url = format!("{}{}", settings.base_url, settings.authenticate_path);
        let form = wire::AuthenticateForm {
            client_id: &self.credentials.client_id,
            client_secret: self.credentials.client_secret.expose_secret(),
        };
        let call = Call::reading(AUTHENTICATE, Repeat::Budgeted, settings.call);
        let reply = self.caller.send(call, |http| http.post(&url).form(&form)).await?;
        let token: wire::Token = self.accept(AUTHENTICATE, &reply)?;
        let stated = token.token_expiration_datetime.as_deref().and_then(convert::instant);
        let expires_at = stated.unwrap_or(reply.read_at + settings.token_ttl);
        Ok(ServiceToken { secret: token.token, expires_at })
    }

    pub(super) fn accept<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        reply: &Reply,
    ) -> Result<T, PartnerError> {
        if !reply.status.is_success() {
            let code = serde_json::from_slice::<wire::ErrorReply>(&reply.body).ok().and_then(|error| error.code);
            let kind = PartnerErrorKind::Refused { status: reply.status.as_u16(), code };
            return Err(self.caller.error(operation, kind, None));
        }
        let envelope: Result<wire::Envelope<T>, _> = serde_json::from_slice(&reply.body);
        envelope.map(|envelope| envelope.data).map_err(|error| {
            let place = format!("no such JSON at line {} column {}", error.line(), error.column());
            self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(place.into()))
        })
    }

    async fn read_venues(&self, settings: &SevenRoomsSettings) -> Result<Arc<Read<Vec<Venue>>>, PartnerError> {
        let operation = "list the venues";
        let url = format!("{}{}", settings.base_url, settings.venues_path);
        let query = [("venue_group_id", settings.venue_group_id.as_str())];
        let reply = self.send(settings, operation, |http| http.get(&url).query(&query)).await?;
        let venues: wire::Venues = self.accept(operation, &reply)?;
        let value = venues.results.into_iter().filter_map(convert::venue).collect();
        Ok(Arc::new(Read { value, read_at: reply.read_at }))
    }
}

#[async_trait]
impl Venues for SevenRooms {
    async fn venue(&self, id: &VenueId) -> Result<Option<Read<Venue>>, PartnerError> {
        let settings = self.settings("list the venues")?;
        let venues = self.venues.get((), settings.venues_ttl, self.read_venues(&settings)).await?;
        let found = venues.value.iter().find(|venue| venue.id == *id);
        Ok(found.map(|venue| Read { value: venue.clone(), read_at: venues.read_at }))
    }

    async fn availability(
        &self,
        id: &VenueId,
        date: Option<Date>,
        party_size: PartySize,
    ) -> Result<Read<Availability>, PartnerError> {
        let operation = "read a venue's availability";
        let settings = self.settings(operation)?;
        let date = date.unwrap_or_else(|| settings.time_zone.to_datetime(self.clock.now()).date());
        let path = settings.availability_path.replace(SevenRoomsSettings::VENUE_ID, id.as_str());
        let url = format!("{}{path}", settings.base_url);
        let query = [
            ("date", date.to_string()),
            ("party_size", party_size.get().to_string()),
            ("start_time", "00:00".to_owned()),
            ("end_time", "23:59".to_owned()),
        ];
        let reply = self.send(&settings, operation, |http| http.get(&url).query(&query)).await?;
        let availability: wire::Availability = self.accept(operation, &reply)?;
        Ok(Read { value: convert::availability(availability, date, party_size), read_at: reply.read_at })
    }
}

/// Some deployments say it in the text of a 400 or 403, see the setting `token_rejected_message`.
fn is_token_rejected(reply: &Reply, settings: &SevenRoomsSettings) -> bool {
    if reply.status == StatusCode::UNAUTHORIZED {
        return true;
    }
    let says_so = |error: wire::ErrorReply| error.msg.is_some_and(|msg| msg.contains(&settings.token_rejected_message));
    reply.status.is_client_error() && serde_json::from_slice(&reply.body).is_ok_and(says_so)
}
