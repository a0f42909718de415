//! The chain behind an amount: resource, factors, price, bands.

use como_cost::explain::{ChargeExplained, Explanation};
use como_cost::pricing::{Origin, PricedBand, Resolved};

/// Decimals on the screen; the JSON has them all.
const SHOWN: u32 = 6;

pub(crate) fn explanations(all: &[(&str, Vec<Explanation>)]) -> String {
    let mut text = String::new();
    for (name, explanations) in all {
        for explanation in explanations {
            let resource = &explanation.resource;
            text.push_str(&format!("{name}: {resource}, {}\n", resource.region));
            if let Some(why) = &explanation.why {
                text.push_str(&format!("  {why}\n"));
            }
            explanation.charges.iter().for_each(|charge| self::charge(&mut text, charge));
            if !explanation.charges.is_empty() {
                text.push_str(&format!(
                    "  together {} before the rounding of its lines\n",
                    explanation.exact.normalize()
                ));
            }
            text.push('\n');
        }
    }
    text
}

fn charge(text: &mut String, charge: &ChargeExplained) {
    text.push_str(&format!("  {} (line {})\n", charge.item, charge.line));
    let factors: Vec<String> =
        charge.factors.iter().enumerate().map(|(index, factor)| product(index, factor)).collect();
    let quantity = charge.quantity.round_dp(SHOWN).normalize();
    text.push_str(&format!("    {} = {quantity} {}\n", factors.join(""), charge.unit));
    for factor in &charge.factors {
        if let Some(origin) = origin(factor) {
            text.push_str(&format!("      {origin}\n"));
        }
    }
    for band in &charge.bands {
        text.push_str(&format!("    {}\n", self::band(band)));
    }
    text.push_str(&format!("    = {}\n", charge.exact.normalize()));
}

/// `2 zones × 730 h`, `10 GB ÷ 2 gateways`.
fn product(index: usize, factor: &Resolved) -> String {
    let sign = match (index, &factor.from) {
        (0, Origin::Share) => "1 ÷ ",
        (0, _) => "",
        (_, Origin::Share) => " ÷ ",
        (_, _) => " × ",
    };
    format!("{sign}{} {}", factor.amount.round_dp(SHOWN).normalize(), factor.what)
}

fn origin(factor: &Resolved) -> Option<String> {
    let amount = factor.amount.round_dp(SHOWN).normalize();
    match &factor.from {
        Origin::Template { property } if property.is_empty() => None,
        Origin::Template { property } => Some(format!("{amount} {}: the template's {property}", factor.what)),
        Origin::Usage(figure) => Some(format!(
            "{amount} {}: {} of {}, {}, {}: {}",
            factor.what, figure.key, figure.file, figure.owner, figure.date, figure.source
        )),
        Origin::Convention { why } => Some(format!("{amount} {}: {why}", factor.what)),
        Origin::Share => Some(format!("{amount} {} use it together, each as much", factor.what)),
    }
}

fn band(band: &PricedBand) -> String {
    let row = &band.row;
    let range = match (row.begin.is_zero(), row.end) {
        (true, None) => String::new(),
        (_, Some(end)) => format!(", band {} to {end}", row.begin),
        (false, None) => format!(", band from {}", row.begin),
    };
    let rate = row.rate_code.as_ref().map(|code| format!(", rate code {code}")).unwrap_or_default();
    let date = row.date.map_or_else(|| "undated".to_owned(), |date| date.to_string());
    format!(
        "{} a {}: {} {}{rate}{range}, {date}, {}: {}",
        row.price, row.unit, row.offer, row.usage_type, row.confidence, row.source
    )
}
