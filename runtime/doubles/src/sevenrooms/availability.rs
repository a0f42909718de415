//! Free slots: about a third are gone from the start, as a pure function of venue, date and party size, so that the same
//! question has the same answer all day; the others go as they are booked.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

use crate::venues::Venue;

/// Slots are given out this many days ahead.
const HORIZON_DAYS: i32 = 60;

/// Parties that are larger have to ask.
const LARGEST_BOOKABLE_PARTY: u8 = 6;

/// Singapore keeps one offset the whole year, so no time zone database is needed.
pub(super) fn singapore_today(now: Timestamp) -> Date {
    TimeZone::fixed(Offset::constant(8)).to_datetime(now).date()
}

/// SevenRooms' list: one entry per shift, each with its times.
pub(super) fn availability(
    venue: &Venue,
    date: Date,
    today: Date,
    party_size: u8,
    has_room: impl Fn(Time) -> bool,
) -> Vec<Value> {
    if !is_ahead(date, today) {
        return Vec::new();
    }
    venue
        .shifts
        .iter()
        .map(|shift| {
            let times: Vec<Value> = (shift.first..=shift.last)
                .step_by(usize::from(shift.interval))
                .filter(|minute| !is_taken(venue.id, date, *minute, party_size) && has_room(time_of(*minute)))
                .map(|minute| slot(venue.id, shift.name, date, minute, party_size))
                .collect();
            json!({ "name": shift.name, "shift_persistent_id": format!("{}-{}", venue.id, shift.name), "times": times })
        })
        .collect()
}

/// What may be done with one time.
pub(super) enum Offered {
    InShift(&'static str),
    NoShift,
    /// The venue decides, which is another call.
    OnRequest,
    Gone,
}

pub(super) fn offered(venue: &'static Venue, date: Date, today: Date, time: Time, party_size: u8) -> Offered {
    let shift = venue.shifts.iter().find(|shift| {
        let mut minutes = (shift.first..=shift.last).step_by(usize::from(shift.interval));
        minutes.any(|minute| time_of(minute) == time)
    });
    let minute = u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0);
    match shift {
        Some(_) if !is_ahead(date, today) => Offered::NoShift,
        None => Offered::NoShift,
        Some(_) if LARGEST_BOOKABLE_PARTY < party_size || party_size == 0 => Offered::OnRequest,
        Some(_) if is_taken(venue.id, date, minute, party_size) => Offered::Gone,
        Some(shift) => Offered::InShift(shift.name),
    }
}

fn is_ahead(date: Date, today: Date) -> bool {
    let days_ahead = today.until(date).map_or(-1, |span| span.get_days());
    (0..=HORIZON_DAYS).contains(&days_ahead)
}

fn time_of(minute: u16) -> Time {
    let part = |number: u16| i8::try_from(number).unwrap_or(0);
    jiff::civil::time(part(minute / 60), part(minute % 60), 0, 0)
}

fn slot(venue_id: &str, shift: &str, date: Date, minute: u16, party_size: u8) -> Value {
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    let kind = if LARGEST_BOOKABLE_PARTY < party_size { "request" } else { "book" };
    json!({
        "time": time,
        "time_iso": format!("{date} {time}:00"),
        "type": kind,
        "access_persistent_id": format!("{venue_id}-access"),
        "shift_persistent_id": format!("{venue_id}-{shift}"),
    })
}

/// About a third of all slots are gone; fewer people find more. FNV-1a, because a standard hasher may change, and MurmurHash3's
/// last steps, because FNV alone takes or leaves all slots of a day together.
fn is_taken(venue_id: &str, date: Date, minute: u16, party_size: u8) -> bool {
    let hash = format!("{venue_id}/{date}/{minute}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (hash ^ hash >> 33) >> 32 & 0xff < 60 + 8 * u64::from(party_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    #[test]
    fn a_restaurant_has_room_for_two_on_every_day() {
        let candlenut = crate::venues::ALL.iter().find(|venue| venue.id == "venue-candlenut").unwrap();
        let today = jiff::civil::date(2026, 1, 1);
        for days in 0..730 {
            let date = today + days.days();
            let free: usize = availability(candlenut, date, date, 2, |_| true)
                .iter()
                .map(|shift| shift["times"].as_array().unwrap().len())
                .sum();
            assert!(2 < free, "{date}: {free} of 12");
        }
    }
}
