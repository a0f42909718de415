//! A price book as its file has it: a row a line, in the order of items and regions.

use crate::book::row::{PriceBook, Row};
use crate::item::Priced;
use serde_json::{Map, Value, json};

/// What [`super::parse`] reads again.
#[must_use]
pub fn write(book: &PriceBook) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let rows = book.iter().flat_map(|(priced, rows)| rows.iter().map(move |row| self::row(priced, row)));
    let rows: Vec<String> = rows.map(|row| format!("    {row}")).collect();
    format!(
        "{{\n  \"schema\": 1,\n  \"name\": {},\n  \"date\": {},\n  \"currency\": \"USD\",\n  \"about\": {},\n  \"rows\": [\n{}\n  ]\n}}\n",
        quoted(book.name()),
        quoted(&book.date().to_string()),
        quoted(book.about()),
        rows.join(",\n")
    )
}

/// Numbers are texts, as in every book.
fn row(priced: &Priced, row: &Row) -> String {
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), json!(value));
        }
    };
    put("item", Some(priced.item.id().to_owned()));
    put("variant", priced.variant.clone());
    put("region", Some(priced.region.clone()));
    put("offer", Some(row.offer.clone()));
    put("usage_type", Some(row.usage_type.clone()));
    put("rate_code", row.rate_code.clone());
    put("begin", Some(row.begin.normalize().to_string()));
    put("end", row.end.map(|end| end.normalize().to_string()));
    put("unit", Some(row.unit.clone()));
    put("price", Some(row.price.normalize().to_string()));
    put("date", row.date.map(|date| date.to_string()));
    put("source", Some(row.source.clone()));
    put("confidence", Some(row.confidence.to_string()));
    put("free_tier", row.free_tier.clone());
    let members: Vec<String> =
        object.iter().map(|(key, value)| format!("{}: {value}", Value::from(key.as_str()))).collect();
    format!("{{{}}}", members.join(", "))
}
