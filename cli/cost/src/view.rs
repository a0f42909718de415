//! An estimate's amounts by stack or by resource.
//!
//! Lines are rounded by service, so the cents of other groupings need not add up to the same total. What is missing is said.

use crate::estimate::Estimate;
use crate::money::Usd;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// What amounts are added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Service,
    Stack,
    Resource,
}

/// One row of a grouping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    pub name: String,
    pub amount: Usd,
}

/// Rows and what rounding leaves between them and the total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    pub groups: Vec<Group>,
    pub rounding: Usd,
}

#[must_use]
pub fn view(estimate: &Estimate, by: By) -> View {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    if by == By::Service {
        let lines = estimate.lines.iter().map(|line| Group { name: line.id.clone(), amount: line.amount });
        return View { groups: lines.collect(), rounding: Usd::rounded(Decimal::ZERO) };
    }
    for contribution in estimate.parts().flat_map(|part| &part.contributions) {
        let resource = &contribution.resource;
        let name = match by {
            By::Resource => format!("{}/{}", resource.stack, resource.id),
            By::Service | By::Stack => resource.stack.clone(),
        };
        *sums.entry(name).or_default() += contribution.exact;
    }
    let groups: Vec<Group> =
        sums.into_iter().map(|(name, exact)| Group { name, amount: Usd::rounded(exact) }).collect();
    let shown: Usd = groups.iter().map(|group| group.amount).sum();
    View { rounding: estimate.total - shown, groups }
}
