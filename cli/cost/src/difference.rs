//! What a change costs, by resource: added, resized, used more, priced otherwise.

use crate::estimate::Estimate;
use crate::inventory::ResourceName;
use crate::money::Usd;
use crate::month::{ChargeMonth, Charged, Month};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// From one estimate to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub before: Usd,
    pub after: Usd,
    /// On one of the two sides something has no price.
    pub at_least: bool,
    /// The changes, added up by reason.
    pub added: Usd,
    pub removed: Usd,
    pub resized: Usd,
    pub usage: Usd,
    pub price: Usd,
    /// Those whose amount changes, the largest first.
    pub changes: Vec<ResourceChange>,
    /// What the cents of lines and of resources leave between them.
    pub rounding: Usd,
}

/// One resource whose amount changes; the parts sum to `after - before`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceChange {
    pub resource: ResourceName,
    pub before: Usd,
    pub after: Usd,
    /// Resources and charges that were not there.
    pub added: Usd,
    /// Those that are gone.
    pub removed: Usd,
    /// Another size or number in the template.
    pub resized: Usd,
    /// Other figures of usage.
    pub usage: Usd,
    pub price: Usd,
}

type Charges<'m> = BTreeMap<&'m Charged, &'m ChargeMonth>;

/// For the plan of a change: from what is up to what would be.
#[must_use]
pub fn difference(before: &Estimate, after: &Estimate) -> Difference {
    between(&Month::of(before), &Month::of(after))
}

/// As [`difference`], where one of the two was kept in a file.
#[must_use]
pub fn between(before: &Month, after: &Month) -> Difference {
    let (old, new) = (by_resource(before), by_resource(after));
    let mut names: Vec<&ResourceName> = old.keys().chain(new.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let none = Charges::new();
    let changes =
        names.into_iter().map(|name| change(name, old.get(name).unwrap_or(&none), new.get(name).unwrap_or(&none)));
    let mut changes: Vec<ResourceChange> = changes.filter(|change| !is_silent(change)).collect();
    changes.sort_by_key(|change| std::cmp::Reverse((change.after - change.before).get().abs()));
    let moved: Usd = changes.iter().map(|change| change.after - change.before).sum();
    let sum = |part: fn(&ResourceChange) -> Usd| changes.iter().map(part).sum();
    Difference {
        before: before.total,
        after: after.total,
        at_least: before.at_least || after.at_least,
        added: sum(|change| change.added),
        removed: sum(|change| change.removed),
        resized: sum(|change| change.resized),
        usage: sum(|change| change.usage),
        price: sum(|change| change.price),
        rounding: after.total - before.total - moved,
        changes,
    }
}

fn is_silent(change: &ResourceChange) -> bool {
    let parts = [change.added, change.removed, change.resized, change.usage, change.price];
    change.before == change.after && parts.iter().all(|part| part.is_zero())
}

fn by_resource(month: &Month) -> BTreeMap<&ResourceName, Charges<'_>> {
    month.resources.iter().map(|resource| (&resource.name, charges(&resource.charges))).collect()
}

fn charges(charges: &[ChargeMonth]) -> Charges<'_> {
    charges.iter().map(|charge| (&charge.charged, charge)).collect()
}

fn change(name: &ResourceName, old: &Charges<'_>, new: &Charges<'_>) -> ResourceChange {
    let mut exact = [Decimal::ZERO; 5];
    let [added, removed, resized, usage, price] = &mut exact;
    for (charge, sum) in new {
        match old.get(charge) {
            None => *added += sum.exact,
            Some(before) => {
                let (of_size, of_usage, of_price) = split(before, sum);
                *resized += of_size;
                *usage += of_usage;
                *price += of_price;
            }
        }
    }
    *removed -= old.iter().filter(|(charge, _)| !new.contains_key(*charge)).map(|(_, sum)| sum.exact).sum::<Decimal>();
    let total = |charges: &Charges<'_>| Usd::rounded(charges.values().map(|sum| sum.exact).sum());
    let (before, after) = (total(old), total(new));
    let [added, removed, resized, usage, price] = exact.map(Usd::rounded);
    let mut change = ResourceChange { resource: name.clone(), before, after, added, removed, resized, usage, price };
    settle(&mut change);
    change
}

/// Parts are rounded apart from their sum; the largest takes the cent that is left.
fn settle(change: &mut ResourceChange) {
    let left =
        (change.after - change.before) - (change.added + change.removed + change.resized + change.usage + change.price);
    let mut parts = [&mut change.added, &mut change.removed, &mut change.resized, &mut change.usage, &mut change.price];
    if let Some(largest) = parts.iter_mut().max_by_key(|part| part.get().abs()) {
        **largest = **largest + left;
    }
}

/// Price at the old quantity, then use in the old size, then size.
fn split(before: &ChargeMonth, after: &ChargeMonth) -> (Decimal, Decimal, Decimal) {
    let each = |sum: &ChargeMonth| if sum.quantity.is_zero() { None } else { Some(sum.exact / sum.quantity) };
    let (Some(old_price), Some(new_price)) = (each(before), each(after)) else {
        return (Decimal::ZERO, after.exact - before.exact, Decimal::ZERO);
    };
    let of_price = (new_price - old_price) * before.quantity;
    let of_usage = new_price * before.template * (after.used - before.used);
    (after.exact - before.exact - of_price - of_usage, of_usage, of_price)
}
