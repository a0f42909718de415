//! What could be had for less, and what would be given up for it.

use crate::book::PriceBook;
use crate::charge::Charge;
use crate::estimate::{Estimate, Missing, estimate_of};
use crate::figures::Figures;
use crate::inventory::ResourceName;
use crate::item::{Item, Priced, Service};
use crate::money::Usd;
use crate::problem::Unpriceable;
use crate::survey::{Everything, Subject, Survey, survey};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeSet;
use std::rc::Rc;

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub id: &'static str,
    pub what: &'static str,
    /// A month; less than nothing where it costs more.
    pub saves: Usd,
    pub gives_up: &'static str,
    /// Prices that no source gives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
}

type Charges = Vec<(Rc<ResourceName>, Charge)>;

/// A choice that changes what is charged.
struct Change {
    id: &'static str,
    what: &'static str,
    gives_up: &'static str,
    change: fn(Charges) -> Charges,
}

const CHANGES: [Change; 7] = [
    Change {
        id: "arm",
        what: "tasks on ARM64",
        gives_up: "an image for x86-64: it has to be built for ARM64, and tried",
        change: |charges| exchanged(charges, &[(Item::Vcpu, Item::ArmVcpu), (Item::TaskGb, Item::ArmTaskGb)]),
    },
    Change {
        id: "spot",
        what: "tasks on Fargate Spot",
        gives_up: "tasks that stay: AWS takes them back two minutes after it has said so, several at once",
        change: |charges| exchanged(charges, &[(Item::Vcpu, Item::SpotVcpu), (Item::TaskGb, Item::SpotTaskGb)]),
    },
    Change {
        id: "one-nat-gateway",
        what: "one NAT gateway",
        gives_up: "partner calls when the zone of that gateway is lost, and traffic between zones is paid",
        change: one_nat_gateway,
    },
    Change {
        id: "no-interface-endpoints",
        what: "no interface endpoints: their traffic takes the NAT gateways",
        gives_up: "traffic to AWS that stays in the VPC, which the proposal asks for",
        change: without_endpoints,
    },
    Change {
        id: "http-api",
        what: "an HTTP API instead of a REST API",
        gives_up: "the firewall in front of the API, and the checks of requests before they reach a service",
        change: |charges| exchanged(charges, &[(Item::RestRequest, Item::HttpRequest)]),
    },
    Change {
        id: "no-container-insights",
        what: "no Container Insights",
        gives_up: "metrics of single tasks and containers; those of services stay",
        change: |charges| without(charges, |charge| charge.priced.item == Item::ContainerMetric),
    },
    Change {
        id: "no-dax",
        what: "no DynamoDB Accelerator",
        gives_up: "reads in microseconds; the services' own caches serve",
        change: |charges| without(charges, |charge| charge.priced.item == Item::DaxNode),
    },
];

/// Commitments for computing, by the variant of their price.
const COMMITMENTS: [(&str, &str, &str); 4] = [
    ("1y-no-upfront", "Compute Savings Plan, one year, nothing upfront", "a year of paying for it, used or not"),
    ("1y-all-upfront", "Compute Savings Plan, one year, all upfront", "a year's money, paid today"),
    (
        "3y-no-upfront",
        "Compute Savings Plan, three years, nothing upfront",
        "three years of paying for it, used or not",
    ),
    ("3y-all-upfront", "Compute Savings Plan, three years, all upfront", "three years' money, paid today"),
];

/// Those that change anything, the largest saving first. A choice whose price the book lacks is left out.
///
/// # Errors
/// Everything that has no price today.
pub fn choices(
    subject: &Subject<'_>,
    figures: &Figures<'_>,
    book: &PriceBook,
    missing: Missing,
) -> Result<Vec<Choice>, Unpriceable> {
    let survey = survey(subject, &Everything);
    let today = estimate_of(survey.clone(), subject, figures, book, missing)?;
    let mut choices: Vec<Choice> = Vec::new();
    for Change { id, what, gives_up, change } in CHANGES {
        let charges = change(survey.charges.clone());
        if charges == survey.charges {
            continue;
        }
        let Ok(changed) = estimate_of(Survey { charges, ..survey.clone() }, subject, figures, book, missing) else {
            continue;
        };
        let assumptions = assumptions(&changed, &today);
        choices.push(Choice { id, what, saves: today.total - changed.total, gives_up, assumptions });
    }
    choices.extend(COMMITMENTS.iter().filter_map(|commitment| self::commitment(commitment, &today, book)));
    choices.sort_by_key(|choice| std::cmp::Reverse(choice.saves));
    Ok(choices)
}

fn commitment(
    (variant, what, gives_up): &(&'static str, &'static str, &'static str),
    today: &Estimate,
    book: &PriceBook,
) -> Option<Choice> {
    let mut saves = Usd::rounded(Decimal::ZERO);
    let mut assumptions = Vec::new();
    for line in today.lines.iter().filter(|line| line.service == Service::Fargate) {
        let variant = Some((*variant).to_owned());
        let row = book.rows(&Priced { item: Item::SavingsPlan, variant, region: line.region.clone() })?.first()?;
        saves = saves + (line.amount - Usd::rounded(line.exact * row.price));
        assumptions.push(row.source.clone());
    }
    (!saves.is_zero()).then_some(Choice { id: variant, what, saves, gives_up, assumptions })
}

/// Of prices that only the changed estimate uses.
fn assumptions(changed: &Estimate, today: &Estimate) -> Vec<String> {
    let used = |estimate: &Estimate| -> BTreeSet<String> {
        let bands = estimate.parts().flat_map(|part| &part.bands);
        bands.map(|band| band.row.source.clone()).filter(|source| source.starts_with("assumption: ")).collect()
    };
    used(changed).difference(&used(today)).cloned().collect()
}

fn exchanged(mut charges: Charges, items: &[(Item, Item)]) -> Charges {
    for (_, charge) in &mut charges {
        if let Some((_, other)) = items.iter().find(|(item, _)| *item == charge.priced.item) {
            charge.priced.item = *other;
        }
    }
    charges
}

fn without(mut charges: Charges, is_gone: impl Fn(&Charge) -> bool) -> Charges {
    charges.retain(|(_, charge)| !is_gone(charge));
    charges
}

/// The first gateway of each region stays, with all the traffic.
fn one_nat_gateway(charges: Charges) -> Charges {
    let mut seen = BTreeSet::new();
    let hourly = |item| matches!(item, Item::NatHour | Item::AddressInUse);
    let stays = |charge: &Charge, seen: &mut BTreeSet<(Item, String)>| {
        !hourly(charge.priced.item) || seen.insert((charge.priced.item, charge.priced.region.clone()))
    };
    charges.into_iter().filter(|(_, charge)| stays(charge, &mut seen)).collect()
}

fn without_endpoints(charges: Charges) -> Charges {
    exchanged(without(charges, |charge| charge.priced.item == Item::EndpointHour), &[(Item::EndpointGb, Item::NatGb)])
}
