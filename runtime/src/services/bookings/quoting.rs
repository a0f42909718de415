//! `POST /v1/bookings/quotes`: the summary that a member confirms.

use axum::Json;
use axum::extract::State;
use como_contract::route::MEMBER_SCOPE;
use como_domain::identifier::{ExperienceId, VenueId};
use como_domain::saga::intent::Subject;
use como_domain::section::UnavailableReason;
use como_domain::venue::{PartySize, SlotKind};
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::extract::JsonBody;
use crate::problem::{Code, FieldError, Problem, ProblemDocument};
use crate::quote::{FULFIL_WITHIN, after};
use crate::quoting::{Asked, PayWith, QuoteReply, price};
use crate::report;
use crate::services::bookings::BookingsPorts;

/// A member needs time to pay, and the venue to hear of it.
const LEAD: SignedDuration = SignedDuration::from_mins(60);

#[derive(Deserialize, ToSchema)]
pub(super) struct BookingQuoteRequest {
    #[schema(example = "EXP-1001")]
    experience_id: String,
    /// Where it takes place, if the caller wants to be sure; the experience says it.
    venue_id: Option<String>,
    /// The venue's day and time.
    #[schema(format = Date, example = "2026-12-24")]
    date: String,
    #[schema(example = "18:30")]
    time: String,
    /// 1 to 20.
    #[schema(minimum = 1, maximum = 20)]
    tickets: u32,
    pay_with: PayWith,
}

struct Wanted {
    experience: ExperienceId,
    venue: Option<VenueId>,
    date: Date,
    time: Time,
    party_size: PartySize,
}

/// Quote a booking
///
/// Price and, for points, the balance are read now; nothing is stored and nothing reserved. When SevenRooms cannot be asked for
/// the slot, the quote says so (`availability_checked`), and a booking waits until it can be. What is not booked within 24 hours,
/// or when the slot begins, is given back.
#[utoipa::path(
    post,
    path = "/v1/bookings/quotes",
    tag = "bookings",
    security(("member" = [MEMBER_SCOPE])),
    request_body = BookingQuoteRequest,
    responses(
        (status = 200, description = "The summary; without `quote` when the points do not suffice", body = QuoteReply),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`experience.unknown` or `member.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`slot.unavailable`, `experience.not_bookable`, `price.not_offered` or `member.no_membership`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn quote_booking(
    State(ports): State<BookingsPorts>,
    caller: Caller,
    JsonBody(request): JsonBody<BookingQuoteRequest>,
) -> Result<Json<QuoteReply>, Problem> {
    let wanted = parse(&request)?;
    let experience = ports.catalogue.experience(&wanted.experience).await.map_err(|error| {
        report::partner_failure(&error);
        Problem::partner_unavailable(error.partner, error.kind)
    })?;
    let experience = experience.ok_or(Problem::of(Code::ExperienceUnknown))?.value;
    let venue = experience.venue_id.ok_or(Problem::of(Code::NotBookable))?;
    if wanted.venue.as_ref().is_some_and(|named| *named != venue) {
        return Err(Problem::invalid("venue_id", "is not where the experience takes place"));
    }
    let (checked, zone) = tokio::join!(slot(&ports, &venue, &wanted), zone(&ports, &venue));
    let availability_checked = checked?;
    let starts_at = starts_at(&wanted, &zone);
    let now = ports.orders.clock.now();
    if starts_at < after(now, LEAD) {
        return Err(Problem::explained(Code::SlotUnavailable, "it begins within the hour, or has begun"));
    }
    let party_size = wanted.party_size;
    let subject =
        Subject::Booking { experience: wanted.experience, venue, date: wanted.date, time: wanted.time, party_size };
    let asked = Asked {
        subject,
        title: experience.overview.title,
        unit: experience.overview.price,
        count: u32::from(party_size.get()),
        pay_with: request.pay_with,
        deadline: after(now, FULFIL_WITHIN).min(starts_at),
        availability_checked,
    };
    price(&ports.orders, &caller.member_id, asked).await.map(Json)
}

fn parse(request: &BookingQuoteRequest) -> Result<Wanted, Problem> {
    let mut errors = Vec::new();
    let mut mistake = |field: &str, message: &str| {
        errors.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    };
    let experience = ExperienceId::try_from(request.experience_id.as_str()).ok();
    let venue = request.venue_id.as_deref().map(VenueId::try_from);
    let date: Option<Date> = request.date.parse().ok();
    let time = Time::strptime("%H:%M", &request.time).ok();
    let party_size = u8::try_from(request.tickets).ok().and_then(|people| PartySize::try_from(people).ok());
    if experience.is_none() {
        mistake("experience_id", "is not an experience's id");
    }
    if let Some(Err(_)) = venue {
        mistake("venue_id", "is not a venue's id");
    }
    if date.is_none() {
        mistake("date", "must be a date such as 2026-12-24");
    }
    if time.is_none() {
        mistake("time", "must be a time such as 18:30");
    }
    if party_size.is_none() {
        mistake("tickets", "must be 1 to 20");
    }
    match (experience, date, time, party_size) {
        (Some(experience), Some(date), Some(time), Some(party_size)) if errors.is_empty() => {
            Ok(Wanted { experience, venue: venue.and_then(Result::ok), date, time, party_size })
        }
        _ => Err(Problem::invalid_fields(errors)),
    }
}

/// Whether the slot was seen to be free. A venue that cannot be asked is not a venue without slots.
async fn slot(ports: &BookingsPorts, venue: &VenueId, wanted: &Wanted) -> Result<bool, Problem> {
    let read = match ports.venues.availability(venue, Some(wanted.date), wanted.party_size).await {
        Ok(read) => read,
        Err(error) => {
            report::partner_failure(&error);
            return match error.kind.reason() {
                UnavailableReason::PartnerNotConfigured => Err(Problem::partner_unavailable(error.partner, error.kind)),
                _ => Ok(false),
            };
        }
    };
    match read.value.slots.iter().find(|slot| slot.time == wanted.time).map(|slot| slot.kind) {
        Some(SlotKind::Book) => Ok(true),
        Some(SlotKind::Request) => Err(Problem::explained(Code::SlotUnavailable, "the venue decides on it by itself")),
        None => Err(Problem::explained(Code::SlotUnavailable, "the venue does not offer it")),
    }
}

/// Where the venue's clock cannot be known, the one that is ahead of all others: its slot begins before the true one.
async fn zone(ports: &BookingsPorts, venue: &VenueId) -> TimeZone {
    let read = ports.venues.venue(venue).await.ok().flatten();
    let named = read.and_then(|read| read.value.time_zone).and_then(|name| TimeZone::get(&name).ok());
    named.unwrap_or_else(|| Offset::from_hours(14).map_or(TimeZone::UTC, TimeZone::fixed))
}

fn starts_at(wanted: &Wanted, zone: &TimeZone) -> Timestamp {
    let local = wanted.date.to_datetime(wanted.time);
    zone.to_timestamp(local).unwrap_or(Timestamp::MIN)
}
