//! SevenRooms' tables.

use como_domain::identifier::{ReservationId, VenueId};
use como_domain::reservation::{Guest, ReservationRequest};
use como_domain::saga::call::{CallId, Step};
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::saga::evidence::{ReservationSeen, ReservationStatus, Seen};
use como_domain::venue::PartySize;
use jiff::civil::{Date, Time};

use crate::sagas::calls::outcome::{failed, unsent};
use crate::sagas::calls::partners::{About, Partners, settled};

/// What stands in the list at the door for a member of whom the directory has no name.
const NAMELESS: &str = "COMO member";

impl Partners {
    pub(super) async fn reserve_table(
        &self,
        about: About<'_>,
        venue: &VenueId,
        date: Date,
        time: Time,
        party_size: PartySize,
    ) -> Outcome {
        let made = async {
            let contact = self.contacts.contact(&about.intent.member).await.map_err(unsent)?;
            let contact = contact.ok_or(Outcome::Refused(Refusal::Invalid))?;
            let guest = Guest {
                first_name: contact.first_name.unwrap_or_else(|| NAMELESS.to_owned()),
                last_name: contact.last_name.unwrap_or_else(|| about.intent.member.to_string()),
                email: contact.email,
                phone: contact.phone,
            };
            let request = ReservationRequest { venue_id: venue.clone(), date, time, party_size, guest };
            let reservation = self.reservations.reserve(&about.key()?, &request).await.map_err(failed)?;
            Ok(done(about.id.attempt, ReservationStatus::Booked, Some(reservation.id.to_string())))
        };
        settled(made.await)
    }

    pub(super) async fn cancel_table(&self, of: u16, reference: Option<&str>) -> Outcome {
        let made = async {
            // Without its name the reservation has to be looked for.
            let reference = reference.ok_or(Outcome::Refused(Refusal::StateChanged))?;
            let id = ReservationId::try_from(reference).map_err(|_| Outcome::Refused(Refusal::Invalid))?;
            self.reservations.cancel_reservation(&id).await.map_err(failed)?;
            Ok(done(of, ReservationStatus::Cancelled, Some(reference.to_owned())))
        };
        settled(made.await)
    }

    pub(super) async fn read_tables(&self, about: About<'_>, venue: &VenueId, date: Date) -> Outcome {
        let read = async {
            let found = self.reservations.reservations_of(&about.reference()?, venue, date).await.map_err(unsent)?;
            let own = found.value.into_iter().filter_map(|reservation| {
                let call = CallId::from_partner_key(&reservation.key, about.saga)?;
                let status = match reservation.status.holds_the_slot() {
                    true => ReservationStatus::Booked,
                    false => ReservationStatus::Cancelled,
                };
                let reference = Some(reservation.id.to_string());
                (call.id.step == Step::Reserve).then_some(ReservationSeen { attempt: call.attempt, status, reference })
            });
            Ok(Outcome::Done(Seen::Reservations(own.collect())))
        };
        settled(read.await)
    }
}

pub(super) fn done(attempt: u16, status: ReservationStatus, reference: Option<String>) -> Outcome {
    Outcome::Done(Seen::Reservations(vec![ReservationSeen { attempt, status, reference }]))
}
