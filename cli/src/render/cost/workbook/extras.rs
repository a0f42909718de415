//! What was asked besides the month, a sheet each.

use crate::render::cost::difference::{REASONS, name, reasons};
use crate::render::cost::sections::step_title;
use crate::render::cost::workbook::pen::{Formats, Pen};
use como_cost::money::Usd;
use como_cost::report::Report;
use rust_xlsxwriter::{Workbook, XlsxError};

pub(super) fn write(workbook: &mut Workbook, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    if report.environments.iter().any(|environment| environment.difference.is_some()) {
        differences(workbook, report, formats)?;
    }
    if report.environments.iter().any(|environment| environment.bridge.is_some()) {
        bridges(workbook, report, formats)?;
    }
    if report.environments.iter().any(|environment| environment.bands.is_some()) {
        years(workbook, report, formats)?;
    }
    if report.environments.iter().any(|environment| environment.recovery.is_some()) {
        recovery(workbook, report, formats)?;
    }
    if report.environments.iter().any(|environment| environment.options.is_some()) {
        options(workbook, report, formats)?;
    }
    Ok(())
}

/// An amount, what is added to it, and the formula that sums them.
fn summed(pen: &mut Pen<'_>, from: Usd, parts: &[Usd], to: Usd, formats: &Formats) -> Result<(), XlsxError> {
    let row = pen.number();
    pen.amount(2, from, &formats.cents)?;
    for (column, part) in (3..).zip(parts) {
        pen.amount(column, *part, &formats.cents)?;
    }
    let column = 3 + u16::try_from(parts.len()).unwrap_or(u16::MAX);
    let last = if parts.len() == REASONS.len() { "H" } else { "G" };
    pen.formula(column, &format!("=SUM(C{row}:{last}{row})"), to.get(), &formats.bold_cents)?;
    pen.row += 1;
    Ok(())
}

fn differences(workbook: &mut Workbook, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    let against = report.against.clone().unwrap_or_default();
    let then = format!("in {against}");
    let head = [&["Environment", "Resource", then.as_str()][..], &REASONS, &["Now"]].concat();
    let mut pen = Pen::new(workbook.add_worksheet(), "Changes", &[16, 60, 12, 12, 12, 12, 12, 12, 12], formats, &head)?;
    for environment in &report.environments {
        for change in environment.difference.iter().flat_map(|difference| &difference.changes) {
            pen.text(0, &environment.name, &formats.plain)?;
            pen.text(1, &name(change), &formats.plain)?;
            summed(&mut pen, change.before, &reasons(change), change.after, formats)?;
        }
    }
    Ok(())
}

fn bridges(workbook: &mut Workbook, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    let head = ["Environment", "Line", "Then", "Price", "Quantity", "New", "Dropped", "Today"];
    let mut pen = Pen::new(workbook.add_worksheet(), "Bridge", &[16, 46, 12, 12, 12, 12, 12, 12], formats, &head)?;
    for environment in &report.environments {
        let Some(bridge) = &environment.bridge else { continue };
        let first = pen.number();
        for step in &bridge.steps {
            pen.text(0, &environment.name, &formats.plain)?;
            pen.text(1, &step_title(step), &formats.plain)?;
            summed(&mut pen, step.from, &[step.price, step.quantity, step.new, step.dropped], step.to, formats)?;
        }
        let last = pen.row;
        pen.text(0, &environment.name, &formats.bold)?;
        pen.text(1, "total", &formats.bold)?;
        let totals = [bridge.from, bridge.price, bridge.quantity, bridge.new, bridge.dropped, bridge.to];
        for ((column, letter), total) in (2..).zip(["C", "D", "E", "F", "G", "H"]).zip(totals) {
            pen.formula(column, &format!("=SUM({letter}{first}:{letter}{last})"), total.get(), &formats.bold_cents)?;
        }
        pen.row += 1;
    }
    Ok(())
}

fn years(workbook: &mut Workbook, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    let head = ["Environment", "Year", "Low", "Expected", "High"];
    let mut pen = Pen::new(workbook.add_worksheet(), "Years", &[16, 12, 14, 14, 14], formats, &head)?;
    for environment in &report.environments {
        let Some(bands) = &environment.bands else { continue };
        let first = pen.number();
        for band in bands {
            pen.text(0, &environment.name, &formats.plain)?;
            pen.figure(1, band.year.into(), &formats.plain)?;
            for (column, amount) in (2..).zip([band.low, band.expected, band.high]) {
                pen.amount(column, amount, &formats.cents)?;
            }
            pen.row += 1;
        }
        let last = pen.row;
        pen.text(0, &environment.name, &formats.bold)?;
        pen.text(1, "all", &formats.bold)?;
        let sum = |of: fn(&como_cost::years::YearBand) -> Usd| -> Usd { bands.iter().map(of).sum() };
        let totals = [sum(|band| band.low), sum(|band| band.expected), sum(|band| band.high)];
        for ((column, letter), total) in (2..).zip(["C", "D", "E"]).zip(totals) {
            pen.formula(column, &format!("=SUM({letter}{first}:{letter}{last})"), total.get(), &formats.bold_cents)?;
        }
        pen.row += 1;
    }
    Ok(())
}

fn recovery(workbook: &mut Workbook, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    let mut pen = Pen::new(
        workbook.add_worksheet(),
        "Recovery",
        &[16, 56, 14],
        formats,
        &["Environment", "State", "US dollars"],
    )?;
    for environment in &report.environments {
        let Some(recovery) = &environment.recovery else { continue };
        let mut states: Vec<(String, Usd)> = Vec::new();
        for posture in &recovery.postures {
            let chosen = if posture.is_chosen { ", as it is" } else { "" };
            states.push((format!("standing by, {}{chosen}: a month", posture.posture), posture.month));
        }
        states.push(("copies of data, keys and images: a month".to_owned(), recovery.copies));
        states.push(("probes: a month".to_owned(), recovery.probes));
        states.push((format!("a drill of {} h", recovery.drill.hours), recovery.drill.cost));
        states.push((format!("{} drills a year", recovery.drill.a_year), recovery.drill.year));
        let days = recovery.failed_over.iter();
        states.extend(days.map(|days| (format!("{} days in the other's place, on top", days.days), days.cost)));
        states.push(("going back".to_owned(), recovery.fail_back));
        for (words, amount) in states {
            pen.text(0, &environment.name, &formats.plain)?;
            pen.text(1, &words, &formats.plain)?;
            pen.amount(2, amount, &formats.cents)?;
            pen.row += 1;
        }
    }
    Ok(())
}

fn options(workbook: &mut Workbook, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    let head = ["Environment", "Choice", "Saves a month", "Gives up", "Assumptions"];
    let mut pen = Pen::new(workbook.add_worksheet(), "Options", &[16, 46, 14, 60, 60], formats, &head)?;
    for environment in &report.environments {
        for choice in environment.options.iter().flatten() {
            pen.text(0, &environment.name, &formats.plain)?;
            pen.text(1, choice.what, &formats.plain)?;
            pen.amount(2, choice.saves, &formats.cents)?;
            pen.text(3, choice.gives_up, &formats.plain)?;
            pen.text(4, &choice.assumptions.join("; "), &formats.plain)?;
            pen.row += 1;
        }
    }
    Ok(())
}
