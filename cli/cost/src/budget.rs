//! What may be spent, against what will be.

use crate::estimate::Estimate;
use crate::money::Usd;
use como_config::Environment;
use rust_decimal::Decimal;
use serde::Serialize;

/// A month's estimate against the budget that the environment's own template makes too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetUse {
    pub budget: Usd,
    pub left: Usd,
    /// In whole per cent, rounded half to even.
    pub percent: String,
    pub is_over: bool,
}

/// A stand-in has none: its costs belong to whom it stands in for.
#[must_use]
pub fn budget(environment: &Environment, estimate: &Estimate) -> Option<BudgetUse> {
    if environment.standby().is_some() {
        return None;
    }
    let dollars = Decimal::from(environment.alerts().monthly_budget().get());
    let budget = Usd::rounded(dollars);
    let percent = (estimate.total.get() * Decimal::ONE_HUNDRED / dollars).round_dp(0);
    Some(BudgetUse {
        budget,
        left: budget - estimate.total,
        percent: percent.to_string(),
        is_over: budget < estimate.total,
    })
}
