//! Shapes that several answers share.

use como_domain::money::{Money, Points};
use como_domain::section::Section;
use serde::Serialize;
use utoipa::ToSchema;

/// A part of an aggregated answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schema(as = Section)]
pub(crate) enum SectionView<T> {
    /// Read from its owner at `read_at`; a cached value keeps the time of the original read.
    Known {
        #[schema(format = DateTime)]
        read_at: String,
        value: T,
    },
    /// Not read. Nothing may be concluded from it, least of all zero.
    Unavailable {
        /// `partner_unreachable`, `partner_timed_out`, `partner_overloaded`, `partner_failed`, `partner_paused`,
        /// `partner_answer_unexpected`, `partner_not_configured`, `depends_on_unavailable` or `not_applicable`.
        #[schema(example = "partner_timed_out")]
        reason: &'static str,
    },
}

impl<T> SectionView<T> {
    pub(crate) fn of<V>(section: Section<V>, view: impl FnOnce(V) -> T) -> Self {
        match section {
            Section::Known(read) => Self::Known { read_at: read.read_at.to_string(), value: view(read.value) },
            Section::Unavailable { reason } => Self::Unavailable { reason: reason.code() },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyView {
    /// In the currency's smallest unit: 28800 is SGD 288.00.
    #[schema(example = 28800)]
    minor: i64,
    /// ISO 4217.
    #[schema(example = "SGD")]
    currency: &'static str,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { minor: money.minor(), currency: money.currency().code() }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PointsBalance)]
pub(crate) struct PointsBalanceView {
    /// Whole points; Memberson may keep a fraction, which is not shown.
    #[schema(example = 12500)]
    balance: i64,
}

impl From<Points> for PointsBalanceView {
    fn from(points: Points) -> Self {
        Self { balance: points.whole() }
    }
}
