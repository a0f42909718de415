//! Curated experiences, as the ops managers keep them in Memberson.

use crate::identifier::{ExperienceId, VenueId};
use crate::money::{Money, Points};

/// One line of the curated list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperienceSummary {
    pub id: ExperienceId,
    pub title: String,
    pub summary: String,
    pub category: Option<String>,
    pub brand: Option<String>,
    pub price: Price,
    pub image_url: Option<String>,
}

/// Everything that Memberson says about one experience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experience {
    pub overview: ExperienceSummary,
    pub description: String,
    pub duration_minutes: Option<u32>,
    pub terms: Option<String>,
    /// Where it takes place; without it there is no availability to ask for.
    pub venue_id: Option<VenueId>,
}

/// What one ticket costs: either way of paying may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    pub points: Option<Points>,
    pub money: Option<Money>,
}
