//! The domain's `Reservations`, kept by SevenRooms.

use async_trait::async_trait;
use como_domain::effect::{CallKey, EffectError, Refusal};
use como_domain::identifier::{ReservationId, VenueId};
use como_domain::partner::{Partner, PartnerError, PartnerErrorKind};
use como_domain::reservation::{Reservation, ReservationRequest, Reservations};
use como_domain::section::Read;
use jiff::civil::Date;
use reqwest::StatusCode;
use secrecy::ExposeSecret;

use crate::call::Reply;
use crate::settings::SevenRoomsSettings;
use crate::sevenrooms::{SevenRooms, convert, wire};

/// SevenRooms' largest page.
const PAGE: &str = "400";

#[async_trait]
impl Reservations for SevenRooms {
    async fn reserve(&self, key: &CallKey, request: &ReservationRequest) -> Result<Reservation, EffectError> {
        let operation = "reserve a table";
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let path = settings.book_path.replace(SevenRoomsSettings::VENUE_ID, request.venue_id.as_str());
        let url = format!("{}{path}", settings.base_url);
        let form = wire::BookForm {
            date: request.date.to_string(),
            time: request.time.strftime("%H:%M").to_string(),
            party_size: request.party_size.get(),
            first_name: &request.guest.first_name,
            last_name: &request.guest.last_name,
            email: request.guest.email.as_ref().map(ExposeSecret::expose_secret),
            phone: request.guest.phone.as_ref().map(ExposeSecret::expose_secret),
            external_id: key.as_str(),
            send_client_email: false,
            send_client_sms: false,
        };
        let reply = self.effect(&settings, operation, |http| http.put(&url).form(&form)).await?;
        if !reply.status.is_success() {
            return Err(refused(operation, booking_refusal(&reply, &settings)));
        }
        let booked: wire::Booked = self.accept(operation, &reply).map_err(EffectError::Unknown)?;
        convert::booked(&booked, key).ok_or_else(|| {
            let nameless = Some("the answer names no reservation".into());
            EffectError::Unknown(self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, nameless))
        })
    }

    /// Over the venue's list of the day: that the list can be asked by external id is not known.
    async fn reservations_of(
        &self,
        key: &CallKey,
        venue_id: &VenueId,
        date: Date,
    ) -> Result<Read<Vec<Reservation>>, PartnerError> {
        let operation = "look for a reservation";
        let settings = self.settings(operation)?;
        let url = format!("{}{}", settings.base_url, settings.reservations_path);
        let unexpected =
            |what: &str| self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(what.into()));
        let (mut found, mut read_at, mut cursor) = (Vec::new(), None, None::<String>);
        for _ in 0..settings.reservations_pages {
            let mut query = vec![
                ("venue_id", venue_id.to_string()),
                ("from_date", date.to_string()),
                ("to_date", date.to_string()),
                ("limit", PAGE.to_owned()),
            ];
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let reply = self.send(&settings, operation, |http| http.get(&url).query(&query)).await?;
            let page: wire::Reservations = self.accept(operation, &reply)?;
            // The list is as old as its first page.
            let read_at = *read_at.get_or_insert(reply.read_at);
            let is_last = page.results.is_empty();
            for reservation in page.results {
                if reservation.external_id.as_deref().is_some_and(|text| key.covers(text)) {
                    let own = convert::reservation(reservation);
                    found.push(own.ok_or_else(|| unexpected("the id of our reservation cannot be used"))?);
                }
            }
            cursor = page.cursor.filter(|cursor| !cursor.is_empty());
            if is_last || cursor.is_none() {
                return Ok(Read { value: found, read_at });
            }
        }
        // Half a list would look like proof that nothing is there.
        Err(unexpected("the list has more pages than the settings allow"))
    }

    async fn cancel_reservation(&self, id: &ReservationId) -> Result<(), EffectError> {
        let operation = "cancel a reservation";
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let path = settings.cancel_path.as_ref().ok_or_else(|| refused(operation, Refusal::NotOffered))?;
        let url = format!("{}{}", settings.base_url, path.replace(SevenRoomsSettings::RESERVATION_ID, id.as_str()));
        let reply =
            self.effect(&settings, operation, |http| http.request(settings.cancel_method.clone(), &url)).await?;
        // Cancelled is cancelled, whoever did it and however often.
        if reply.status.is_success() || says(&reply, &settings.cancelled_message) {
            return Ok(());
        }
        let refusal = match reply.status {
            StatusCode::NOT_FOUND => Refusal::Absent,
            status => Refusal::Other { status: status.as_u16(), code: None },
        };
        Err(refused(operation, refusal))
    }
}

fn refused(operation: &'static str, refusal: Refusal) -> EffectError {
    EffectError::Refused { partner: Partner::SevenRooms, operation, refusal }
}

fn booking_refusal(reply: &Reply, settings: &SevenRoomsSettings) -> Refusal {
    match reply.status.as_u16() {
        status if status == settings.slot_taken_status => Refusal::SlotTaken,
        _ if says(reply, &settings.no_slot_message) => Refusal::SlotNotOffered,
        404 => Refusal::Absent,
        status => Refusal::Other { status, code: None },
    }
}

/// SevenRooms has no codes beyond the status: its text is all there is.
fn says(reply: &Reply, text: &str) -> bool {
    let message = serde_json::from_slice::<wire::ErrorReply>(&reply.body).ok().and_then(|error| error.msg);
    message.is_some_and(|message| message.contains(text))
}
