//! The whole report as rows of one form, for programs and spreadsheets.

use como_cost::bridge::Step;
use como_cost::money::Usd;
use como_cost::pricing::Part;
use como_cost::report::{EnvironmentReport, Report};

const HEAD: [&str; 13] = [
    "environment",
    "section",
    "line",
    "region",
    "item",
    "resource",
    "quantity",
    "unit",
    "price",
    "amount",
    "currency",
    "date",
    "source",
];

/// One row; what a section does not have stays empty.
#[derive(Default)]
struct Record<'r> {
    section: &'r str,
    line: String,
    region: &'r str,
    item: String,
    resource: String,
    quantity: String,
    unit: &'r str,
    price: String,
    amount: String,
    currency: &'r str,
    date: String,
    source: String,
}

/// `price` rows have exact amounts; those of `line`, `total` and what follows are in whole cents.
pub(crate) fn csv(report: &Report) -> String {
    let mut text = line(HEAD.map(str::to_owned));
    for environment in &report.environments {
        for record in records(environment, report) {
            let Record {
                section,
                line: title,
                region,
                item,
                resource,
                quantity,
                unit,
                price,
                amount,
                currency,
                date,
                source,
            } = record;
            let currency = if currency.is_empty() { report.currency } else { currency };
            let cells = [
                environment.name.as_str(),
                section,
                &title,
                region,
                &item,
                &resource,
                &quantity,
                unit,
                &price,
                &amount,
                currency,
                &date,
                &source,
            ];
            text.push_str(&line(cells.map(str::to_owned)));
        }
    }
    text
}

fn records<'r>(environment: &'r EnvironmentReport, report: &'r Report) -> Vec<Record<'r>> {
    let estimate = &environment.estimate;
    let mut records = Vec::new();
    for line in &estimate.lines {
        for part in &line.parts {
            records.extend(prices(&line.id, part));
        }
        let amount = line.amount.to_string();
        records.push(Record {
            section: "line",
            line: line.id.clone(),
            region: &line.region,
            item: line.title.to_owned(),
            amount,
            ..Record::default()
        });
    }
    for unpriced in &estimate.unpriced {
        let (resource, source) = (unpriced.resource.to_string(), unpriced.problem.to_string());
        records.push(Record {
            section: "unpriced",
            resource,
            amount: "UNPRICED".to_owned(),
            source,
            ..Record::default()
        });
    }
    let of = |section, item: &str, amount: Usd| Record {
        section,
        item: item.to_owned(),
        amount: amount.to_string(),
        ..Record::default()
    };
    let at_least = if estimate.at_least { "at least" } else { "" };
    records.push(of("total", at_least, estimate.total));
    if let (Some(conversion), Some(amount)) = (&report.conversion, &environment.converted_total) {
        let (amount, price) = (amount.clone(), conversion.rate().to_string());
        let (currency, source) = (conversion.currency(), conversion.to_string());
        records.push(Record {
            section: "total",
            item: at_least.to_owned(),
            price,
            amount,
            currency,
            source,
            ..Record::default()
        });
    }
    records.extend(environment.budget.iter().map(|budget| of("budget", "a month", budget.budget)));
    for cost in environment.units.iter().flat_map(|units| &units.costs) {
        let (quantity, amount) = (cost.number.clone(), cost.whole.clone());
        records.push(Record {
            section: "unit",
            item: format!("each {}", cost.of),
            quantity,
            amount,
            ..Record::default()
        });
    }
    records.extend(environment.bridge.iter().flat_map(|bridge| &bridge.steps).flat_map(steps));
    for band in environment.bands.iter().flatten() {
        let amounts = [("low", band.low), ("expected", band.expected), ("high", band.high)];
        let year = |(item, amount): (&str, Usd)| Record { line: band.year.to_string(), ..of("year", item, amount) };
        records.extend(amounts.map(year));
    }
    for choice in environment.options.iter().flatten() {
        let source = format!("gives up {}", choice.gives_up);
        records.push(Record { line: choice.id.to_owned(), source, ..of("option", choice.what, choice.saves) });
    }
    if let Some(recovery) = &environment.recovery {
        records.extend(recovery.postures.iter().map(|posture| of("recovery", posture.posture, posture.month)));
        records.push(of("recovery", "copies", recovery.copies));
        records.push(of("recovery", "probes", recovery.probes));
        records.push(of("recovery", &format!("drill of {} h", recovery.drill.hours), recovery.drill.cost));
        let days = recovery.failed_over.iter();
        records.extend(days.map(|days| of("recovery", &format!("{} days failed over", days.days), days.cost)));
        records.push(of("recovery", "going back", recovery.fail_back));
    }
    for change in environment.difference.iter().flat_map(|difference| &difference.changes) {
        let reasons = super::difference::REASONS.into_iter().zip(super::difference::reasons(change));
        let resource = super::difference::name(change);
        let row = |(item, amount): (&str, Usd)| Record { resource: resource.clone(), ..of("difference", item, amount) };
        records.extend(reasons.filter(|(_, amount)| !amount.is_zero()).map(row));
    }
    records
}

/// The bands of one price.
fn prices<'r>(line: &str, part: &'r Part) -> impl Iterator<Item = Record<'r>> {
    let resources: Vec<&str> =
        part.contributions.iter().map(|contribution| contribution.resource.id.as_str()).collect();
    let (line, resource) = (line.to_owned(), resources.join(" "));
    let item = match &part.priced.variant {
        Some(variant) => format!("{} ({variant})", part.priced.item),
        None => part.priced.item.to_string(),
    };
    part.bands.iter().map(move |band| Record {
        section: "price",
        line: line.clone(),
        region: &part.priced.region,
        item: item.clone(),
        resource: resource.clone(),
        quantity: band.quantity.to_string(),
        unit: part.unit,
        price: band.row.price.to_string(),
        amount: band.amount.normalize().to_string(),
        date: band.row.date.map(|date| date.to_string()).unwrap_or_default(),
        source: band.row.source.clone(),
        currency: "",
    })
}

fn steps(step: &Step) -> impl Iterator<Item = Record<'_>> {
    let reasons = [("price", step.price), ("quantity", step.quantity), ("new", step.new), ("dropped", step.dropped)];
    let line = step.number.clone().unwrap_or_else(|| step.service.id().to_owned());
    reasons.into_iter().filter(|(_, amount)| !amount.is_zero()).map(move |(item, amount)| Record {
        section: "bridge",
        line: line.clone(),
        region: &step.region,
        item: item.to_owned(),
        amount: amount.to_string(),
        ..Record::default()
    })
}

fn line<const N: usize>(cells: [String; N]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

/// As RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe; figures may be negative.
fn quoted(cell: &str) -> String {
    let is_figure = cell.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit());
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t']) && !is_figure;
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_none_is_a_formula() {
        let check = |cell, expected| assert_eq!(quoted(cell), expected);
        check("plain", "plain");
        check("a, b", "\"a, b\"");
        check("say \"a\"", "\"say \"\"a\"\"\"");
        check("-1.50", "-1.50");
        check("=1+1", "'=1+1");
        check("-cmd", "'-cmd");
        check("@SUM(A1)", "'@SUM(A1)");
    }
}
