//! Environments beside each other, by reference to their own sheets.

use crate::render::cost::table::{by_line, notes};
use crate::render::cost::workbook::lines::Sheets;
use crate::render::cost::workbook::pen::{Formats, Pen, half_to_even, quoted};
use como_cost::report::{EnvironmentReport, Report};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Worksheet, XlsxError};

const COLUMNS: [&str; 12] = ["B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M"];

pub(super) fn write(
    sheet: &mut Worksheet,
    report: &Report,
    sheets: &[Sheets],
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut head = vec!["US dollars a month"];
    head.extend(report.environments.iter().map(|environment| environment.name.as_str()));
    let mut pen = Pen::new(sheet, "Summary", &[46, 14, 14, 14, 14], formats, &head)?;
    let rows = by_line(&report.environments);
    for (title, amounts) in &rows {
        pen.text(0, title, &formats.plain)?;
        for (column, amount) in (1..).zip(amounts) {
            let index = usize::from(column) - 1;
            let (Some(environment), Some(own), Some(amount)) =
                (report.environments.get(index), sheets.get(index), amount)
            else {
                continue;
            };
            let Some(row) = row_of(environment, own, title) else { continue };
            let formula = format!("={}!H{row}", quoted(&own.lines));
            pen.formula(column, &formula, amount.get(), &formats.cents)?;
        }
        pen.row += 1;
    }
    let last = pen.row;
    pen.text(0, "total", &formats.bold)?;
    for (column, environment) in (1..).zip(&report.environments) {
        let Some(letter) = COLUMNS.get(usize::from(column) - 1) else { continue };
        let formula = format!("=SUM({letter}2:{letter}{last})");
        pen.formula(column, &formula, environment.estimate.total.get(), &formats.bold_cents)?;
    }
    let total = pen.number();
    if let Some(conversion) = &report.conversion {
        pen.row += 1;
        pen.text(0, &format!("{conversion}"), &formats.plain)?;
        pen.figure(1, conversion.rate(), &formats.plain)?;
        let rate = pen.number();
        pen.row += 1;
        pen.text(0, &format!("total in {}", conversion.currency()), &formats.bold)?;
        for (column, environment) in (1..).zip(&report.environments) {
            let (Some(letter), Some(converted)) = (COLUMNS.get(usize::from(column) - 1), &environment.converted_total)
            else {
                continue;
            };
            let formula = half_to_even(&format!("({letter}{total}*$B${rate})"));
            let value = Decimal::from_str_exact(converted).unwrap_or_default();
            pen.formula(column, &formula, value, &formats.bold_cents)?;
        }
    }
    pen.row += 1;
    pen.text(0, "budget", &formats.plain)?;
    for (column, environment) in (1..).zip(&report.environments) {
        if let Some(budget) = &environment.budget {
            pen.amount(column, budget.budget, &formats.cents)?;
        }
    }
    pen.row += 2;
    for note in notes(report).lines() {
        pen.text(0, note.trim(), &formats.plain)?;
        pen.row += 1;
    }
    Ok(())
}

/// The row of the line that stands under a title.
fn row_of(environment: &EnvironmentReport, own: &Sheets, title: &str) -> Option<u32> {
    let of = |line: &como_cost::estimate::Line| crate::render::cost::table::titled(line) == title;
    let index = environment.estimate.lines.iter().position(of)?;
    own.rows.get(index).copied()
}
