//! Reading a price book: JSON in, sound rows or every mistake out.

use crate::book::mistake::{BookMistake, BookMistakes};
use crate::book::row::{AsOf, Confidence, PriceBook, Row};
use crate::item::{Item, Priced};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The form of the file; another one is another number.
const SCHEMA: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BookFile<'t> {
    schema: u32,
    name: String,
    date: String,
    currency: String,
    about: String,
    #[serde(borrow)]
    rows: Vec<&'t RawValue>,
}

/// Numbers are texts, since a JSON number is a float to most who write one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    item: String,
    variant: Option<String>,
    region: String,
    offer: String,
    usage_type: String,
    rate_code: Option<String>,
    begin: String,
    end: Option<String>,
    unit: String,
    price: String,
    date: Option<String>,
    source: String,
    confidence: String,
    free_tier: Option<String>,
}

/// # Errors
/// Every mistake of the text at once; only what is no JSON at all ends the reading.
pub fn parse(file: &str, text: &str) -> Result<PriceBook, BookMistakes> {
    let refused = |mistakes| BookMistakes { file: file.to_owned(), mistakes };
    let book: BookFile<'_> = serde_json::from_str(text).map_err(|error| {
        refused(vec![BookMistake { line: error.line(), column: error.column().max(1), message: reason(&error) }])
    })?;
    let mut mistakes = Vec::new();
    let head = |message: String| BookMistake::at(text, 0, message);
    if book.schema != SCHEMA {
        mistakes.push(head(format!("`schema` is {}, and this como reads {SCHEMA}", book.schema)));
    }
    if book.currency != "USD" {
        mistakes.push(head(format!("`currency` is {}, and prices are in USD", book.currency)));
    }
    let date = book.date.parse::<Date>();
    if date.is_err() {
        mistakes.push(head(format!("`date` is {:?}, which is no date", book.date)));
    }
    let mut rows: BTreeMap<Priced, Vec<(usize, Row)>> = BTreeMap::new();
    for raw in book.rows {
        let offset = offset_in(text, raw.get());
        match row(text, offset, raw.get()) {
            Ok((priced, row)) => rows.entry(priced).or_default().push((offset, row)),
            Err(mut found) => mistakes.append(&mut found),
        }
    }
    for (priced, bands) in &mut rows {
        bands.sort_by_key(|(_, row)| row.begin);
        mistakes.extend(gap(text, priced, bands));
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    match date {
        Ok(date) if mistakes.is_empty() => {
            let rows =
                rows.into_iter().map(|(priced, bands)| (priced, bands.into_iter().map(|(_, row)| row).collect()));
            Ok(PriceBook { name: book.name, date, about: book.about, rows: rows.collect() })
        }
        _ => Err(refused(mistakes)),
    }
}

/// Two prices of one thing are as bad as none: bands follow each other from 0 on.
fn gap(text: &str, priced: &Priced, bands: &[(usize, Row)]) -> Option<BookMistake> {
    let mut expected = Some(Decimal::ZERO);
    for (offset, row) in bands {
        let message = match expected {
            Some(expected) if row.begin == expected => None,
            Some(expected) if expected < row.begin => {
                Some(format!("{priced} has no price from {expected} to {}", row.begin))
            }
            Some(_) | None => Some(format!("{priced} has two prices from {}", row.begin)),
        };
        if let Some(message) = message {
            return Some(BookMistake::at(text, *offset, message));
        }
        expected = row.end;
    }
    None
}

fn row(text: &str, offset: usize, raw: &str) -> Result<(Priced, Row), Vec<BookMistake>> {
    let file: RowFile = serde_json::from_str(raw).map_err(|error| {
        // The row's own lines are counted from where it begins.
        let lines_before: usize = raw.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
        vec![BookMistake::at(text, offset + lines_before + error.column().saturating_sub(1), reason(&error))]
    })?;
    let mut mistakes = Vec::new();
    let mut wrong = |key: &str, message: String| {
        let within = raw.find(&format!("\"{key}\"")).unwrap_or_default();
        mistakes.push(BookMistake::at(text, offset + within, message));
    };
    let item = Item::by_id(&file.item);
    if item.is_none() {
        wrong("item", format!("`item` is {:?}, which nothing is priced by", file.item));
    }
    let mut number = |key: &str, written: &str| {
        let read = decimal(written);
        if read.is_none() {
            wrong(key, format!("`{key}` is {written:?}, which is no number of 0 or more"));
        }
        read
    };
    let price = number("price", &file.price);
    let begin = number("begin", &file.begin);
    let end = file.end.as_deref().map(|written| number("end", written));
    if price.is_some_and(|price| Decimal::from(DEAREST) < price) {
        wrong("price", format!("`price` is {}, and nothing costs more than {DEAREST} dollars a unit", file.price));
    }
    let confidence = Confidence::ALL.into_iter().find(|known| known.as_str() == file.confidence);
    if confidence.is_none() {
        wrong(
            "confidence",
            format!("`confidence` is {:?}; confirmed, one-source, inferred and assumption are known", file.confidence),
        );
    }
    let date = file.date.as_deref().map(AsOf::parse);
    if date == Some(None) {
        wrong("date", "`date` is no day and no month, such as 2026-08-31 or 2026-08".to_owned());
    }
    if confidence == Some(Confidence::Assumption) && file.date.is_none() {
        wrong("confidence", "an assumption says when it was made: `date` is missing".to_owned());
    }
    if let (Some(begin), Some(Some(end))) = (begin, end)
        && end <= begin
    {
        wrong("end", format!("the band ends at {end}, not above {begin}, where it begins"));
    }
    for (key, value) in
        [("region", &file.region), ("offer", &file.offer), ("usage_type", &file.usage_type), ("source", &file.source)]
    {
        if value.trim().is_empty() {
            wrong(key, format!("`{key}` says nothing"));
        }
    }
    match (item, price, begin, confidence) {
        (Some(item), Some(price), Some(begin), Some(confidence)) if mistakes.is_empty() => Ok((
            Priced { item, variant: file.variant, region: file.region },
            Row {
                offer: file.offer,
                usage_type: file.usage_type,
                rate_code: file.rate_code,
                begin,
                end: end.flatten(),
                unit: file.unit,
                price,
                date: date.flatten(),
                source: file.source,
                confidence,
                free_tier: file.free_tier,
            },
        )),
        _ => Err(mistakes),
    }
}

/// No band is beyond this and no price above that; with the amounts that usage allows, products stay far within what a decimal
/// holds.
const MOST: i64 = 1_000_000_000_000;
const DEAREST: i64 = 1_000_000;

/// AWS writes `0.0590000000` and `4E-7`.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let number = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
    (!number.is_sign_negative() && number <= Decimal::from(MOST)).then(|| number.normalize())
}

fn offset_in(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Without the place, which is said in front of it.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message.get(..end).unwrap_or(&message).to_owned(),
        None => message,
    }
}
