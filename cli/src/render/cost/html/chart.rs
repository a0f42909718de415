//! The four charts; each says in words what its bars show.

use crate::render::cost::html::svg::{Drawing, escaped};
use crate::render::cost::sections::{signed, step_title};
use como_cost::bridge::{Bridge, Step};
use como_cost::item::Service;
use como_cost::money::Usd;
use como_cost::recovery::Recovery;
use como_cost::report::EnvironmentReport;
use como_cost::years::YearBand;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Services with bars of their own; the others share one.
const SERVICES: usize = 10;
/// Steps of a bridge with bars of their own.
const STEPS: usize = 12;
/// Colours that there are for environments.
const COLOURS: usize = 4;

/// Each service's amount in each environment, the dearest first.
pub(super) fn services(environments: &[EnvironmentReport]) -> String {
    let mut sums: BTreeMap<Service, Vec<Usd>> = BTreeMap::new();
    for (column, environment) in environments.iter().enumerate() {
        for line in &environment.estimate.lines {
            let amounts = sums.entry(line.service).or_insert_with(|| vec![Usd::ZERO; environments.len()]);
            if let Some(amount) = amounts.get_mut(column) {
                *amount = *amount + line.amount;
            }
        }
    }
    let mut rows: Vec<(&str, Vec<Usd>)> =
        sums.into_iter().map(|(service, amounts)| (service.title(), amounts)).collect();
    rows.sort_by_key(|(_, amounts)| std::cmp::Reverse(amounts.iter().copied().max()));
    if SERVICES + 1 < rows.len() {
        let others = rows.split_off(SERVICES);
        let sum = |column: usize| others.iter().filter_map(|(_, amounts)| amounts.get(column)).copied().sum();
        rows.push(("everything else", (0..environments.len()).map(sum).collect()));
    }
    let largest = rows.iter().flat_map(|(_, amounts)| amounts).copied().max().unwrap_or_default();
    let mut drawing = Drawing::new("Services by environment, US dollars a month", largest.get());
    for (title, amounts) in rows {
        drawing.label(title);
        for (column, amount) in amounts.iter().enumerate().filter(|(_, amount)| !amount.is_zero()) {
            drawing.bar(&colour(column), (Decimal::ZERO, amount.get()), &amount.to_string());
        }
        drawing.space();
    }
    let names = environments.iter().enumerate().map(|(column, environment)| {
        let (colour, name) = (colour(column), escaped(&environment.name));
        format!("<span><i class=\"{colour}\"></i>{name} {}</span>", environment.estimate.total)
    });
    format!("<p class=\"key\">{}</p>\n{}", names.collect::<Vec<_>>().join(" "), drawing.finish())
}

fn colour(column: usize) -> String {
    format!("c{}", column % COLOURS)
}

/// From the proposal's total to today's, the largest steps by themselves.
pub(super) fn bridge(bridge: &Bridge) -> String {
    let change = |step: &Step| step.to - step.from;
    let mut steps: Vec<(String, Usd)> = bridge
        .steps
        .iter()
        .filter(|step| !change(step).is_zero())
        .map(|step| (step_title(step), change(step)))
        .collect();
    steps.sort_by_key(|(_, change)| std::cmp::Reverse(change.get().abs()));
    if STEPS + 1 < steps.len() {
        let rest: Usd = steps.split_off(STEPS).iter().map(|(_, change)| *change).sum();
        if !rest.is_zero() {
            steps.push(("the smaller steps together".to_owned(), rest));
        }
    }
    let mut level = bridge.from;
    let levels = steps.iter().map(|(_, change)| {
        level = level + *change;
        level
    });
    let largest = levels.max().unwrap_or_default().max(bridge.from).max(bridge.to);
    let mut drawing = Drawing::new("From the proposal to today, US dollars a month", largest.get());
    let whole = |drawing: &mut Drawing, words: &str, total: Usd| {
        drawing.label(words);
        drawing.bar("whole", (Decimal::ZERO, total.get()), &total.to_string());
        drawing.space();
    };
    whole(&mut drawing, "the proposal of 2021", bridge.from);
    let mut level = bridge.from;
    for (title, change) in steps {
        let next = level + change;
        let class = if change.get().is_sign_negative() { "less" } else { "more" };
        drawing.label(&title);
        drawing.bar(class, (level.get(), next.get()), &signed(change));
        level = next;
    }
    drawing.space();
    whole(&mut drawing, "today", bridge.to);
    drawing.finish()
}

/// What a year costs, from the low figures of usage to the high ones.
pub(super) fn years(bands: &[YearBand]) -> String {
    let largest = bands.iter().map(|band| band.high.max(band.expected)).max().unwrap_or_default();
    let mut drawing = Drawing::new("The years from now on, US dollars a year", largest.get());
    for band in bands {
        let YearBand { year, low, expected, high } = band;
        drawing.label(&format!("year {year}: {low} to {high}, {expected} expected"));
        drawing.bar("band", (low.get(), high.get()), "");
        drawing.mark(expected.get());
        drawing.space();
    }
    drawing.finish()
}

/// What it costs to stand by, to practise, to serve and to go back.
pub(super) fn recovery(recovery: &Recovery) -> String {
    let mut states: Vec<(String, Usd, &str)> = Vec::new();
    for posture in &recovery.postures {
        let (chosen, class) = if posture.is_chosen { (", as it is", "c0") } else { ("", "c3") };
        states.push((format!("standing by, {}{chosen}: a month", posture.posture), posture.month, class));
    }
    states.push(("copies of data, keys and images: a month".to_owned(), recovery.copies, "c1"));
    let drill = &recovery.drill;
    states.push((format!("a drill of {} h", drill.hours), drill.cost, "c2"));
    for days in &recovery.failed_over {
        let words = if days.days == 1 { "1 day".to_owned() } else { format!("{} days", days.days) };
        states.push((format!("{words} in the other’s place, on top"), days.cost, "more"));
    }
    states.push(("going back".to_owned(), recovery.fail_back, "c2"));
    let largest = states.iter().map(|(_, amount, _)| *amount).max().unwrap_or_default();
    let mut drawing = Drawing::new("States of recovery, US dollars", largest.get());
    for (words, amount, class) in states {
        drawing.label(&words);
        drawing.bar(class, (Decimal::ZERO, amount.get().max(Decimal::ZERO)), &amount.to_string());
    }
    drawing.finish()
}
