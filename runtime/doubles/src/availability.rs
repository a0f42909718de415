//! Free slots, a pure function of venue, date and party size: the same question has the same answer all day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

use crate::venues::Venue;

/// Slots are given out this many days ahead.
const HORIZON_DAYS: i32 = 60;

/// Parties that are larger have to ask.
const LARGEST_BOOKABLE_PARTY: u8 = 6;

/// Singapore keeps one offset the whole year, so no time zone database is needed.
pub(crate) fn singapore_today() -> Date {
    let singapore = TimeZone::fixed(Offset::constant(8));
    singapore.to_datetime(Timestamp::now()).date()
}

/// SevenRooms' list: one entry per shift, each with its times.
pub(crate) fn availability(venue: &Venue, date: Date, today: Date, party_size: u8) -> Vec<Value> {
    let days_ahead = today.until(date).map_or(-1, |span| span.get_days());
    if !(0..=HORIZON_DAYS).contains(&days_ahead) {
        return Vec::new();
    }
    venue
        .shifts
        .iter()
        .map(|shift| {
            let times: Vec<Value> = (shift.first..=shift.last)
                .step_by(usize::from(shift.interval))
                .filter(|minute| !is_taken(venue.id, date, *minute, party_size))
                .map(|minute| slot(venue.id, shift.name, date, minute, party_size))
                .collect();
            json!({ "name": shift.name, "shift_persistent_id": format!("{}-{}", venue.id, shift.name), "times": times })
        })
        .collect()
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

/// About a third of all slots are gone; fewer people find more. FNV-1a, because a standard hasher may change.
fn is_taken(venue_id: &str, date: Date, minute: u16, party_size: u8) -> bool {
    let hash = format!("{venue_id}/{date}/{minute}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash >> 32 & 0xff < 60 + 8 * u64::from(party_size)
}
