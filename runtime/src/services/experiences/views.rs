//! What the experiences' answers look like.

use como_domain::experience::{Experience, ExperienceSummary, Price};
use como_domain::money::Points;
use como_domain::venue::{Availability, Slot, SlotKind, Venue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::MoneyView;

#[derive(Serialize, ToSchema)]
#[schema(as = ExperienceSummary)]
pub(super) struct SummaryView {
    #[schema(example = "EXP-1001")]
    id: String,
    title: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    price: PriceView,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
}

/// Of one ticket; a way of paying that is left out is not offered.
#[derive(Serialize, ToSchema)]
#[schema(as = Price)]
struct PriceView {
    /// Whole points.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    money: Option<MoneyView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Experience)]
pub(super) struct ExperienceView {
    title: String,
    summary: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    price: PriceView,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Venue)]
pub(super) struct VenueView {
    #[schema(example = "venue-candlenut")]
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Asia/Singapore")]
    time_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
}

/// The free slots of one day; an empty list means that the venue was asked and has none.
#[derive(Serialize, ToSchema)]
#[schema(as = Availability)]
pub(super) struct AvailabilityView {
    #[schema(format = Date)]
    date: String,
    party_size: u8,
    slots: Vec<SlotView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Slot)]
struct SlotView {
    /// Local time of the venue.
    #[schema(example = "18:30")]
    time: String,
    /// `book` is confirmed at once, `request` is decided by the venue.
    #[schema(example = "book")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Dinner")]
    shift: Option<String>,
}

impl From<ExperienceSummary> for SummaryView {
    fn from(experience: ExperienceSummary) -> Self {
        Self {
            id: experience.id.to_string(),
            title: experience.title,
            summary: experience.summary,
            category: experience.category,
            brand: experience.brand,
            price: experience.price.into(),
            image_url: experience.image_url,
        }
    }
}

impl From<Price> for PriceView {
    fn from(price: Price) -> Self {
        Self { points: price.points.map(Points::whole), money: price.money.map(MoneyView::from) }
    }
}

impl From<Experience> for ExperienceView {
    fn from(experience: Experience) -> Self {
        let overview = experience.overview;
        Self {
            title: overview.title,
            summary: overview.summary,
            description: experience.description,
            category: overview.category,
            brand: overview.brand,
            price: overview.price.into(),
            duration_minutes: experience.duration_minutes,
            terms: experience.terms,
            image_url: overview.image_url,
        }
    }
}

impl From<Venue> for VenueView {
    fn from(venue: Venue) -> Self {
        Self {
            id: venue.id.to_string(),
            name: venue.name,
            time_zone: venue.time_zone,
            address: venue.address,
            phone_number: venue.phone_number,
        }
    }
}

impl From<Availability> for AvailabilityView {
    fn from(availability: Availability) -> Self {
        Self {
            date: availability.date.to_string(),
            party_size: availability.party_size.get(),
            slots: availability.slots.into_iter().map(SlotView::from).collect(),
        }
    }
}

impl From<Slot> for SlotView {
    fn from(slot: Slot) -> Self {
        let kind = match slot.kind {
            SlotKind::Book => "book",
            SlotKind::Request => "request",
        };
        Self { time: slot.time.strftime("%H:%M").to_string(), kind, shift: slot.shift }
    }
}
