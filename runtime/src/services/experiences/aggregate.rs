//! One experience out of two partners, asked at the same time, each part known or marked as not known.

use std::time::Duration;

use como_domain::experience::Experience;
use como_domain::identifier::{ExperienceId, VenueId};
use como_domain::partner::{PartnerError, PartnerErrorKind};
use como_domain::section::{Section, UnavailableReason};
use como_domain::venue::{Availability, PartySize, Venue};
use jiff::civil::Date;
use tracing::warn;

use crate::report;
use crate::services::experiences::ExperiencesPorts;

/// A partner that hangs costs its own section, not the whole answer.
const SECTION_DEADLINE: Duration = Duration::from_secs(5);

pub(super) struct Question {
    pub(super) id: ExperienceId,
    pub(super) date: Option<Date>,
    pub(super) party_size: PartySize,
}

pub(super) struct Answer {
    pub(super) experience: Section<Experience>,
    pub(super) venue: Section<Venue>,
    pub(super) availability: Section<Availability>,
}

pub(super) enum NoAnswer {
    UnknownExperience,
    /// Why the experience itself is missing; its venue is missing too.
    NothingKnown(UnavailableReason),
}

pub(super) async fn aggregate(ports: &ExperiencesPorts, question: &Question) -> Result<Answer, NoAnswer> {
    let remembered = ports.links.get(&question.id);
    let (details, early) = tokio::join!(within_deadline(ports.catalogue.experience(&question.id)), async {
        match &remembered {
            Some(venue_id) => Some(at_venue(ports, venue_id, question).await),
            None => None,
        }
    });
    let details = match details {
        Ok(Some(details)) => details,
        Ok(None) => {
            ports.links.set(&question.id, None);
            return Err(NoAnswer::UnknownExperience);
        }
        Err(reason) => return without_details(reason, early),
    };
    let venue_id = details.value.venue_id.clone();
    ports.links.set(&question.id, venue_id.as_ref());
    let (venue, availability) = match (venue_id, early) {
        (None, _) => (unavailable(UnavailableReason::NotApplicable), unavailable(UnavailableReason::NotApplicable)),
        (Some(venue_id), Some(early)) if Some(&venue_id) == remembered.as_ref() => early,
        (Some(venue_id), _) => at_venue(ports, &venue_id, question).await,
    };
    Ok(Answer { experience: Section::Known(details), venue, availability })
}

type AtVenue = (Section<Venue>, Section<Availability>);

fn without_details(reason: UnavailableReason, early: Option<AtVenue>) -> Result<Answer, NoAnswer> {
    match early {
        Some((venue, availability)) if venue.is_known() || availability.is_known() => {
            Ok(Answer { experience: unavailable(reason), venue, availability })
        }
        Some(_) | None => Err(NoAnswer::NothingKnown(reason)),
    }
}

async fn at_venue(ports: &ExperiencesPorts, venue_id: &VenueId, question: &Question) -> AtVenue {
    let (venue, availability) = tokio::join!(
        within_deadline(ports.venues.venue(venue_id)),
        within_deadline(ports.venues.availability(venue_id, question.date, question.party_size)),
    );
    let venue = match venue {
        Ok(Some(read)) => Section::Known(read),
        Ok(None) => {
            warn!(venue.id = venue_id.as_str(), "SevenRooms does not list the venue {venue_id}");
            unavailable(UnavailableReason::PartnerAnswerUnexpected)
        }
        Err(reason) => unavailable(reason),
    };
    let availability = availability.map_or_else(unavailable, Section::Known);
    (venue, availability)
}

async fn within_deadline<T>(
    read: impl Future<Output = Result<T, PartnerError>> + Send,
) -> Result<T, UnavailableReason> {
    match tokio::time::timeout(SECTION_DEADLINE, read).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            report::partner_failure(&error);
            Err(error.kind.reason())
        }
        Err(_) => {
            warn!("gave up waiting for a section");
            Err(PartnerErrorKind::TimedOut.reason())
        }
    }
}

const fn unavailable<T>(reason: UnavailableReason) -> Section<T> {
    Section::Unavailable { reason }
}
