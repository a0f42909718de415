//! What one booking, one member, a thousand requests cost; and which part of the whole goes on when nobody comes.

use crate::charge::days_of_a_month;
use crate::estimate::Estimate;
use crate::figures::Figures;
use crate::money::{Usd, plain};
use crate::pricing::Contribution;
use como_config::{Driver, UsageKey};
use rust_decimal::Decimal;
use serde::Serialize;

/// A month's cost by what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Units {
    /// What does not depend on how much is used.
    pub fixed: Usd,
    pub variable: Usd,
    pub costs: Vec<UnitCost>,
}

/// The month's cost divided by one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitCost {
    /// For example `booking`.
    pub of: &'static str,
    /// How many there are in a month.
    pub number: String,
    /// Of everything, to a hundredth of a cent.
    pub whole: String,
    /// Of what depends on use: what one more would cost at most.
    pub variable: String,
}

/// Unit costs are far below a cent at times.
const DECIMALS: u32 = 4;

/// Whether the contribution grows with something.
pub(crate) fn is_variable(contribution: &Contribution) -> bool {
    contribution.figures().any(|figure| figure.key.driver() != Driver::Fixed)
}

#[must_use]
pub fn units(estimate: &Estimate, figures: &Figures<'_>) -> Units {
    let contributions = estimate.parts().flat_map(|part| &part.contributions);
    let varying: Decimal = contributions.filter(|part| is_variable(part)).map(|contribution| contribution.exact).sum();
    let variable = Usd::rounded(varying);
    let requests = figures
        .amount(UsageKey::ApiRequests)
        .or_else(|| figures.amount(UsageKey::ApiRequestsPerDay).map(|a_day| a_day * days_of_a_month()));
    let counted = [
        ("booking", figures.amount(UsageKey::Bookings)),
        ("thousand requests", requests.map(|requests| requests / Decimal::ONE_THOUSAND)),
        ("member", figures.amount(UsageKey::Members)),
    ];
    let costs = counted.into_iter().filter_map(|(of, number)| {
        let number = number.filter(|number| !number.is_zero())?;
        let each = |amount: Decimal| plain((amount / number).round_dp(DECIMALS)).to_string();
        let (whole, variable) = (each(estimate.total.get()), each(varying));
        Some(UnitCost { of, number: plain(number.round_dp(2)).to_string(), whole, variable })
    });
    Units { fixed: estimate.total - variable, variable, costs: costs.collect() }
}
