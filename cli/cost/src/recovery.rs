//! What it costs to be able to recover, to practise it, to do it, and to go back.

use crate::book::PriceBook;
use crate::charge::{HOURS, days_of_a_month};
use crate::estimate::{Estimate, Missing, estimate};
use crate::figures::Figures;
use crate::item::{Item, Priced, Service};
use crate::money::{Usd, plain};
use crate::pricing::{Contribution, Origin};
use crate::problem::Unpriceable;
use crate::survey::Subject;
use como_config::{Posture, Scenario, UsageKey};
use como_core::assembly::Assembly;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A stand-in with its templates in each posture, and what it stands in for.
#[derive(Debug, Clone, Copy)]
pub struct StandIn<'a> {
    /// One of [`Posture::ALL`] each, in that order.
    pub postures: [Subject<'a>; 3],
    pub primary: Subject<'a>,
    pub posture: Posture,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Standing cost a month, by posture.
    pub postures: Vec<PostureCost>,
    /// What the primary pays in the other regions so that there is something to recover: copies, votes, keys.
    pub copies: Usd,
    pub drill: Drill,
    pub failed_over: Vec<FailedOver>,
    pub fail_back: Usd,
    /// What probes of the stand-in cost; they must not cost more than what they probe.
    pub probes: Usd,
    pub probes_are_dearer_than_the_stand_in: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostureCost {
    pub posture: &'static str,
    pub month: Usd,
    pub is_chosen: bool,
}

/// Everything up, with nobody but those who practise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drill {
    pub hours: String,
    pub cost: Usd,
    pub a_year: String,
    pub year: Usd,
}

/// On top of the standing cost, and of what the first region goes on costing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedOver {
    pub days: u32,
    pub cost: Usd,
}

const DAYS: [u32; 3] = [1, 7, 30];
const HOURS_OF_A_DAY: Decimal = Decimal::from_parts(24, 0, 0, false, 0);

/// # Errors
/// Everything that has no price.
pub fn recovery(
    stand_in: &StandIn<'_>,
    scenario: Scenario,
    book: &PriceBook,
    missing: Missing,
) -> Result<Recovery, Unpriceable> {
    let own = |subject: &Subject<'_>| -> Result<Estimate, Unpriceable> {
        estimate(subject, &Figures::new(subject.file, subject.environment.usage(), scenario), book, missing)
    };
    let [cold, pilot_light, warm] = &stand_in.postures;
    let standing = [own(cold)?, own(pilot_light)?, own(warm)?];
    let [if_cold, if_pilot_light, if_warm] = &standing;
    let chosen = match stand_in.posture {
        Posture::Cold => if_cold,
        Posture::PilotLight => if_pilot_light,
        Posture::Warm => if_warm,
    };
    let assembly = with_tasks_of(warm.assembly, stand_in.primary.assembly);
    let serving = Subject { assembly: &assembly, ..*warm };
    let practised = own(&serving)?;
    let primary_figures = Figures::new(stand_in.primary.file, stand_in.primary.environment.usage(), scenario);
    let used = estimate(&serving, &primary_figures, book, missing)?;
    let figures = Figures::new(warm.file, warm.environment.usage(), scenario);
    let amount = |key| figures.amount(key).unwrap_or_default();
    let hours = amount(UsageKey::DrillHours);
    let drill = Usd::rounded(for_hours(&practised, hours) - for_hours(chosen, hours));
    let drills = amount(UsageKey::DrillsPerYear);
    let failed_over = |days: u32| {
        let hours = Decimal::from(days) * HOURS_OF_A_DAY;
        let back = primary_figures.amount(UsageKey::ReplicatedGb).unwrap_or_default() * Decimal::from(days)
            / days_of_a_month();
        let copied = back * transfer(stand_in, book).unwrap_or_default();
        FailedOver { days, cost: Usd::rounded(for_hours(&used, hours) - for_hours(chosen, hours) + copied) }
    };
    let returned = amount(UsageKey::FailBackGb) * transfer(stand_in, book).unwrap_or_default();
    // Both regions serve for as long as a drill takes, until the traffic is back.
    let overlap = for_hours(&used, hours) - for_hours(chosen, hours);
    let primary = estimate(&stand_in.primary, &primary_figures, book, missing)?;
    let probes = Usd::rounded(probes(chosen));
    Ok(Recovery {
        postures: Posture::ALL
            .iter()
            .zip(&standing)
            .map(|(posture, estimate)| PostureCost {
                posture: posture.as_str(),
                month: estimate.total,
                is_chosen: *posture == stand_in.posture,
            })
            .collect(),
        copies: copies(&primary),
        drill: Drill {
            hours: plain(hours).to_string(),
            cost: drill,
            a_year: plain(drills).to_string(),
            year: Usd::rounded(drill.get() * drills),
        },
        failed_over: DAYS.map(failed_over).to_vec(),
        fail_back: Usd::rounded(returned + overlap),
        probes_are_dearer_than_the_stand_in: chosen.total - probes < probes,
        probes,
    })
}

/// What leaves the second region for the first.
fn transfer(stand_in: &StandIn<'_>, book: &PriceBook) -> Option<Decimal> {
    let [from, ..] = &stand_in.postures;
    let to = stand_in.primary.environment.region().as_str().to_owned();
    let region = from.environment.region().as_str().to_owned();
    let priced = Priced { item: Item::RegionOut, variant: Some(to), region };
    book.rows(&priced)?.first().map(|row| row.price)
}

/// Of a month's amount. Machines are paid by begun hours, tasks by the second.
fn for_hours(estimate: &Estimate, hours: Decimal) -> Decimal {
    let mut sum = Decimal::ZERO;
    for line in &estimate.lines {
        for contribution in line.parts.iter().flat_map(|part| &part.contributions) {
            let begun = line.service != Service::Fargate && is_hourly(contribution);
            sum += contribution.exact * if begun { hours.ceil() } else { hours } / HOURS;
        }
    }
    sum
}

fn is_hourly(contribution: &Contribution) -> bool {
    let is_month = |from: &Origin| matches!(from, Origin::Convention { .. });
    contribution.factors.iter().any(|factor| is_month(&factor.from) && factor.amount == HOURS)
}

/// A stand-in that serves has as many tasks as the primary; a warm one starts with one each.
fn with_tasks_of(assembly: &Assembly, primary: &Assembly) -> Assembly {
    let is_service = |kind: &str| kind == "AWS::ECS::Service";
    let mut wanted: BTreeMap<String, Json> = BTreeMap::new();
    for resource in primary.stacks.iter().flat_map(|stack| stack.template.resources.values()) {
        let name = resource.properties.get("ServiceName").and_then(Json::as_str);
        if let (true, Some(name), Some(count)) =
            (is_service(&resource.resource_type), name, resource.properties.get("DesiredCount"))
        {
            wanted.insert(name.to_owned(), count.clone());
        }
    }
    let mut assembly = assembly.clone();
    for resource in assembly.stacks.iter_mut().flat_map(|stack| stack.template.resources.values_mut()) {
        if !is_service(&resource.resource_type) {
            continue;
        }
        let name = resource.properties.get("ServiceName").and_then(Json::as_str).unwrap_or_default();
        if let Some(count) = wanted.get(name).cloned()
            && let Some(properties) = resource.properties.as_object_mut()
        {
            properties.insert("DesiredCount".to_owned(), count);
        }
    }
    assembly
}

/// Everything of the primary's that is neither in its own region nor for the whole world.
fn copies(primary: &Estimate) -> Usd {
    let edge = ["us-east-1", crate::item::GLOBAL];
    let far = |region: &str| region != primary.region && !edge.contains(&region) && !region.starts_with("edge-");
    primary.lines.iter().filter(|line| far(&line.region)).map(|line| line.amount).sum()
}

fn probes(estimate: &Estimate) -> Decimal {
    estimate.parts().filter(|part| part.priced.item == Item::CanaryRun).map(|part| part.exact).sum()
}
