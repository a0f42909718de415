//! One environment: its lines with their prices, and the quantities that follow from resources and usage.

use crate::render::cost::workbook::pen::{Formats, Pen, half_to_even, quoted};
use como_cost::estimate::Line;
use como_cost::pricing::{Contribution, Origin, Part, PricedBand};
use como_cost::report::{EnvironmentReport, Report};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Worksheet, XlsxError};

/// Where an environment's rows are; formulas of other sheets refer to them.
pub(super) struct Sheets {
    pub(super) lines: String,
    quantities: String,
    /// Of each line, as formulas name it.
    pub(super) rows: Vec<u32>,
}

/// A sheet's name has 31 letters at most.
const NAME: usize = 16;

pub(super) fn placed(report: &Report) -> Vec<Sheets> {
    let of = |(index, environment): (usize, &EnvironmentReport)| {
        let name = match environment.name.chars().count() {
            0..=NAME => environment.name.clone(),
            _ => format!("{}~{index}", environment.name.chars().take(NAME).collect::<String>()),
        };
        let mut row = 2;
        let mut rows = Vec::new();
        for line in &environment.estimate.lines {
            rows.push(row);
            row += 1 + line.parts.iter().map(|part| u32::try_from(part.bands.len()).unwrap_or(u32::MAX)).sum::<u32>();
        }
        Sheets { quantities: format!("{name} quantities"), lines: name, rows }
    };
    report.environments.iter().enumerate().map(of).collect()
}

const HEAD: [&str; 11] = [
    "Line",
    "Price",
    "Region",
    "Quantity",
    "Unit",
    "US dollars a unit",
    "Exact",
    "Rounded",
    "Source",
    "Date",
    "Confidence",
];

pub(super) fn write(
    sheet: &mut Worksheet,
    environment: &EnvironmentReport,
    sheets: &Sheets,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut pen = Pen::new(sheet, &sheets.lines, &[26, 34, 16, 14, 16, 16, 16, 12, 60, 12, 12], formats, &HEAD)?;
    // The first quantity of the part that is written, as formulas name its row.
    let mut quantity = 2;
    for line in &environment.estimate.lines {
        self::line(&mut pen, line, formats)?;
        for part in &line.parts {
            let count = u32::try_from(part.contributions.len()).unwrap_or(u32::MAX);
            let sum = format!("SUM({}!H{quantity}:H{})", quoted(&sheets.quantities), quantity + count - 1);
            quantity += count;
            for band in &part.bands {
                self::band(&mut pen, part, band, &sum, formats)?;
            }
        }
    }
    let last = pen.row;
    pen.text(0, "total", &formats.bold)?;
    pen.formula(7, &format!("=SUM(H2:H{last})"), environment.estimate.total.get(), &formats.bold_cents)?;
    if environment.estimate.at_least {
        pen.text(8, "at least: something has no price", &formats.bold)?;
    }
    for unpriced in &environment.estimate.unpriced {
        pen.row += 1;
        pen.text(0, "UNPRICED", &formats.bold)?;
        pen.text(1, &unpriced.to_string(), &formats.plain)?;
    }
    Ok(())
}

fn line(pen: &mut Pen<'_>, line: &Line, formats: &Formats) -> Result<(), XlsxError> {
    let bands: usize = line.parts.iter().map(|part| part.bands.len()).sum();
    let (row, last) = (pen.number(), pen.number() + u32::try_from(bands).unwrap_or(u32::MAX));
    let number = if line.id.starts_with(line.service.id()) { String::new() } else { format!("{}  ", line.id) };
    pen.text(0, &format!("{number}{}", line.title), &formats.bold)?;
    pen.text(2, &line.region, &formats.bold)?;
    pen.formula(6, &format!("=SUM(G{}:G{last})", row + 1), line.exact, &formats.bold)?;
    pen.formula(7, &half_to_even(&format!("G{row}")), line.amount.get(), &formats.bold_cents)?;
    pen.row += 1;
    Ok(())
}

fn band(pen: &mut Pen<'_>, part: &Part, band: &PricedBand, sum: &str, formats: &Formats) -> Result<(), XlsxError> {
    let row = pen.number();
    let variant = part.priced.variant.as_ref().map(|variant| format!(" ({variant})")).unwrap_or_default();
    pen.text(1, &format!("{}{variant}", part.priced.item), &formats.plain)?;
    pen.text(2, &part.priced.region, &formats.plain)?;
    let within = match (band.row.begin.is_zero(), band.row.end) {
        (true, None) => format!("={sum}"),
        (_, Some(end)) => format!("=MAX(0,MIN({sum},{end})-{})", band.row.begin),
        (false, None) => format!("=MAX(0,{sum}-{})", band.row.begin),
    };
    pen.formula(3, &within, band.quantity, &formats.plain)?;
    pen.text(4, part.unit, &formats.plain)?;
    pen.figure(5, band.row.price, &formats.plain)?;
    pen.formula(6, &format!("=D{row}*F{row}"), band.amount, &formats.plain)?;
    let rate = band.row.rate_code.as_ref().map(|code| format!("; rate code {code}")).unwrap_or_default();
    pen.text(8, &format!("{} {}{rate}: {}", band.row.offer, band.row.usage_type, band.row.source), &formats.plain)?;
    pen.text(9, &band.row.date.map(|date| date.to_string()).unwrap_or_default(), &formats.plain)?;
    pen.text(10, band.row.confidence.as_str(), &formats.plain)?;
    pen.row += 1;
    Ok(())
}

const QUANTITIES: [&str; 9] =
    ["Line", "Price", "Region", "Resource", "Type", "Stack", "Made of", "Quantity", "Figures of usage"];

pub(super) fn quantities(
    sheet: &mut Worksheet,
    environment: &EnvironmentReport,
    sheets: &Sheets,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut pen = Pen::new(sheet, &sheets.quantities, &[18, 34, 16, 36, 34, 26, 44, 14, 60], formats, &QUANTITIES)?;
    for line in &environment.estimate.lines {
        for part in &line.parts {
            for contribution in &part.contributions {
                let resource = &contribution.resource;
                pen.text(0, &line.id, &formats.plain)?;
                pen.text(1, part.priced.item.id(), &formats.plain)?;
                pen.text(2, &part.priced.region, &formats.plain)?;
                pen.text(3, &resource.id, &formats.plain)?;
                pen.text(4, &resource.kind, &formats.plain)?;
                pen.text(5, &resource.stack, &formats.plain)?;
                pen.text(6, &words(contribution), &formats.plain)?;
                pen.formula(7, &product(contribution), contribution.quantity, &formats.plain)?;
                pen.text(8, &usage(contribution), &formats.plain)?;
                pen.row += 1;
            }
        }
    }
    Ok(())
}

/// Factors as formulas have them: 15 digits are kept.
fn plain(amount: Decimal) -> Decimal {
    amount.round_dp(15).normalize()
}

fn product(contribution: &Contribution) -> String {
    let mut formula = "=1".to_owned();
    for factor in &contribution.factors {
        let sign = if factor.from == Origin::Share { '/' } else { '*' };
        formula.push_str(&format!("{sign}{}", plain(factor.amount)));
    }
    formula
}

/// `2 zones × 730 h`.
fn words(contribution: &Contribution) -> String {
    let mut words = String::new();
    for factor in &contribution.factors {
        let sign = match (words.is_empty(), factor.from == Origin::Share) {
            (true, true) => "1 ÷ ",
            (true, false) => "",
            (false, true) => " ÷ ",
            (false, false) => " × ",
        };
        words.push_str(&format!("{sign}{} {}", factor.amount.round_dp(6).normalize(), factor.what));
    }
    words
}

fn usage(contribution: &Contribution) -> String {
    let figures = contribution.factors.iter().filter_map(|factor| match &factor.from {
        Origin::Usage(figure) => {
            Some(format!("{} of {}, {}, {}: {}", figure.key, figure.file, figure.owner, figure.date, figure.source))
        }
        Origin::Template { .. } | Origin::Convention { .. } | Origin::Share => None,
    });
    figures.collect::<Vec<_>>().join("; ")
}
