//! Where a resource's amount comes from, link by link.

use crate::estimate::Estimate;
use crate::inventory::ResourceName;
use crate::money::plain;
use crate::pricing::{PricedBand, Resolved};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// Everything that is known of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub resource: ResourceName,
    /// Why it costs nothing by itself, or that it has no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub charges: Vec<ChargeExplained>,
    #[serde(serialize_with = "short")]
    pub exact: Decimal,
}

/// One charge: factors, quantity, price, amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChargeExplained {
    /// The printed line that it is part of.
    pub line: String,
    pub item: String,
    pub factors: Vec<Resolved>,
    #[serde(serialize_with = "short")]
    pub quantity: Decimal,
    pub unit: &'static str,
    /// Of what all resources use together.
    pub bands: Vec<PricedBand>,
    #[serde(serialize_with = "short")]
    pub exact: Decimal,
}

fn short<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&plain(*amount))
}

/// Of all resources with that logical id, or whose logical id begins so; all whose path has it when there is none.
#[must_use]
pub fn explain(estimate: &Estimate, wanted: &str) -> Vec<Explanation> {
    let all = all(estimate);
    let matching = |is: &dyn Fn(&str) -> bool| -> Vec<Explanation> {
        all.iter().filter(|explanation| is(&explanation.resource.id)).cloned().collect()
    };
    let wanted = wanted.rsplit('/').next().unwrap_or(wanted);
    let ways: [&dyn Fn(&str) -> bool; 3] =
        [&|id| id == wanted, &|id| id.starts_with(wanted), &|id| id.to_lowercase().contains(&wanted.to_lowercase())];
    ways.iter().map(|is| matching(is)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Of every resource, in the order of stacks and ids.
fn all(estimate: &Estimate) -> Vec<Explanation> {
    let mut found: Vec<Explanation> = Vec::new();
    let at = |found: &mut Vec<Explanation>, resource: &ResourceName| -> usize {
        let known = found.iter().position(|explanation| explanation.resource == *resource);
        known.unwrap_or_else(|| {
            let resource = resource.clone();
            found.push(Explanation { resource, why: None, charges: Vec::new(), exact: Decimal::ZERO });
            found.len() - 1
        })
    };
    for line in &estimate.lines {
        for part in &line.parts {
            for contribution in &part.contributions {
                let index = at(&mut found, &contribution.resource);
                let Some(explanation) = found.get_mut(index) else { continue };
                explanation.exact += contribution.exact;
                explanation.charges.push(ChargeExplained {
                    line: line.id.clone(),
                    item: part.priced.to_string(),
                    factors: contribution.factors.clone(),
                    quantity: contribution.quantity,
                    unit: part.unit,
                    bands: part.bands.clone(),
                    exact: contribution.exact,
                });
            }
        }
    }
    let silent = estimate.free.iter().map(|explained| (&explained.resource, format!("free: {}", explained.why)));
    let elsewhere = estimate.billed_elsewhere.iter();
    let elsewhere = elsewhere.map(|explained| (&explained.resource, format!("billed {}", explained.why)));
    let outside = estimate.not_in_the_proposal.iter();
    let outside = outside.map(|explained| (&explained.resource, format!("not in the proposal: {}", explained.why)));
    let unpriced = estimate.unpriced.iter();
    let unpriced = unpriced.map(|unpriced| (&unpriced.resource, format!("UNPRICED: {}", unpriced.problem)));
    for (resource, why) in silent.chain(elsewhere).chain(outside).chain(unpriced) {
        let index = at(&mut found, resource);
        if let Some(explanation) = found.get_mut(index) {
            explanation.why = Some(why);
        }
    }
    found.sort_by(|left, right| left.resource.cmp(&right.resource));
    found
}
