//! From SevenRooms' JSON to the domain.

use como_domain::effect::CallKey;
use como_domain::identifier::{ReservationId, VenueId};
use como_domain::reservation::{Reservation, ReservationStatus};
use como_domain::venue::{Availability, PartySize, Slot, SlotKind, Venue};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use crate::sevenrooms::wire;

/// `None` for a venue whose id cannot stand in a path.
pub(super) fn venue(venue: wire::Venue) -> Option<Venue> {
    Some(Venue {
        id: VenueId::try_from(venue.id).ok()?,
        name: venue.name,
        time_zone: non_empty(venue.timezone),
        address: non_empty(venue.address),
        phone_number: non_empty(venue.phone_number),
    })
}

/// Entries of other kinds than `book` and `request` cannot be had through us and are left out; so are unreadable times.
pub(super) fn availability(reply: wire::Availability, date: Date, party_size: PartySize) -> Availability {
    let mut slots: Vec<Slot> = Vec::new();
    for shift in reply.availability {
        for time in &shift.times {
            if let (Some(kind), Some(time)) = (slot_kind(time), local_time(time)) {
                slots.push(Slot { time, kind, shift: shift.name.clone() });
            }
        }
    }
    slots.sort_by_key(|slot| (slot.time, slot.kind));
    Availability { date, party_size, slots }
}

/// `None` for a reservation whose id cannot stand in a path.
pub(super) fn reservation(reservation: wire::Reservation) -> Option<Reservation> {
    Some(Reservation {
        key: reservation.external_id.unwrap_or_default(),
        id: ReservationId::try_from(reservation.id).ok()?,
        reference_code: non_empty(reservation.reference_code),
        status: reservation_status(reservation.status.as_deref().unwrap_or_default()),
    })
}

fn reservation_status(status: &str) -> ReservationStatus {
    match status.trim().to_ascii_uppercase().as_str() {
        "BOOKED" | "CONFIRMED" | "ARRIVED" | "SEATED" | "COMPLETE" | "PAID" => ReservationStatus::Standing,
        // Both spellings have been seen.
        "CANCELED" | "CANCELLED" => ReservationStatus::Cancelled,
        "NO_SHOW" => ReservationStatus::NoShow,
        _ => ReservationStatus::Other(status.trim().to_owned()),
    }
}

/// The id of a new reservation; `None` when the answer names none that can stand in a path.
pub(super) fn booked(booked: &wire::Booked, key: &CallKey) -> Option<Reservation> {
    Some(Reservation {
        key: key.to_string(),
        id: ReservationId::try_from(booked.id()?).ok()?,
        reference_code: non_empty(booked.reference_code().map(str::to_owned)),
        status: ReservationStatus::Standing,
    })
}

fn slot_kind(time: &wire::Time) -> Option<SlotKind> {
    match time.kind.as_deref() {
        Some("book") => Some(SlotKind::Book),
        Some("request") => Some(SlotKind::Request),
        Some(_) | None => None,
    }
}

fn local_time(time: &wire::Time) -> Option<Time> {
    let from_iso = time.time_iso.as_deref().and_then(|text| text.parse::<DateTime>().ok()).map(|local| local.time());
    from_iso.or_else(|| time.time.as_deref()?.parse::<Time>().ok())
}

/// With or without an offset; without one, SevenRooms is taken to mean UTC, and a renewal that comes too late costs one call.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    let local = text.parse::<DateTime>().ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(local).ok()
}

fn non_empty(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_in_order_of_time_and_odd_ones_are_left_out() {
        let reply: wire::Availability = serde_json::from_str(
            r#"{"availability": [
                {"name": "Dinner", "times": [{"time": "19:00", "type": "request"}, {"time_iso": "2026-12-01 18:30:00", "type": "book"}]},
                {"name": "Lunch", "times": [{"time": "12:00", "type": "book"}, {"time": "noon", "type": "book"}, {"time": "13:00"}]}]}"#,
        )
        .unwrap();
        let read = availability(reply, "2026-12-01".parse().unwrap(), PartySize::DEFAULT);
        let shown: Vec<String> = read.slots.iter().map(|slot| format!("{} {:?}", slot.time, slot.kind)).collect();
        assert_eq!(shown, ["12:00:00 Book", "18:30:00 Book", "19:00:00 Request"]);
    }
}
