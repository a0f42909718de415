//! The prices of lists into a book, one product for each price.

use crate::book::{AsOf, Confidence, PriceBook, Row, decimal};
use crate::item::Priced;
use crate::refresh::listing::{ListFile, Listing, Product, ProductBand};
use crate::refresh::selector::{Origin, Selector, origin};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// What became of a book.
#[derive(Debug, Clone)]
pub struct Refreshed {
    pub book: PriceBook,
    pub changes: Vec<PriceChange>,
    /// How many prices come from the lists now.
    pub read: usize,
    pub kept: Vec<Kept>,
    /// What the lists do not settle. Such a price stays as it was, and whoever calls decides whether that will do.
    pub refused: Vec<Refusal>,
}

/// One price that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceChange {
    #[serde(flatten)]
    pub priced: Priced,
    /// Where its band begins.
    pub begin: Decimal,
    /// None for a band that was not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Decimal>,
    /// None for a band that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Decimal>,
}

/// A price that no list has, which stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    #[serde(flatten)]
    pub priced: Priced,
    pub why: &'static str,
}

/// A price that the lists leave open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NoList {
        priced: Priced,
        file: ListFile,
    },
    NoProduct {
        priced: Priced,
        file: ListFile,
        wanted: String,
    },
    Ambiguous {
        priced: Priced,
        file: ListFile,
        wanted: String,
        skus: Vec<String>,
    },
    /// Its bands do not follow each other from 0, or a number is none.
    Uneven {
        priced: Priced,
        sku: String,
    },
    /// More than ten times as much or as little: rather another unit than another price.
    Implausible {
        priced: Priced,
        sku: String,
        before: Decimal,
        after: Decimal,
        unit: String,
    },
}

const TEN: Decimal = Decimal::from_parts(10, 0, 0, false, 0);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoList { priced, file } => write!(f, "{priced}: the list {file} was not read"),
            Self::NoProduct { priced, file, wanted } => write!(f, "{priced}: no product of {file} has {wanted}"),
            Self::Ambiguous { priced, file, wanted, skus } => {
                let count = skus.len();
                write!(f, "{priced}: {count} products of {file} have {wanted}: {}", skus.join(", "))
            }
            Self::Uneven { priced, sku } => write!(f, "{priced}: the bands of {sku} do not follow each other from 0"),
            Self::Implausible { priced, sku, before, after, unit } => {
                write!(f, "{priced}: {sku} says {after} by {unit:?}, and the book {before}; is that another unit?")
            }
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A book of the day with the prices of the lists.
#[must_use]
pub fn refresh(book: &PriceBook, listings: &[Listing], today: Date) -> Refreshed {
    let listings: BTreeMap<&ListFile, &Listing> = listings.iter().map(|listing| (&listing.file, listing)).collect();
    let mut refreshed =
        Refreshed { book: book.clone(), changes: Vec::new(), read: 0, kept: Vec::new(), refused: Vec::new() };
    for (priced, rows) in book.iter() {
        let Some(last) = rows.last() else { continue };
        let (file, selector) = match origin(priced, last) {
            Origin::List(file, selector) => (file, selector),
            Origin::Elsewhere(why) => {
                refreshed.kept.push(Kept { priced: priced.clone(), why });
                continue;
            }
        };
        match listings.get(&file) {
            None => refreshed.refused.push(Refusal::NoList { priced: priced.clone(), file }),
            Some(listing) => match listed(priced, rows, &selector, listing) {
                Err(refusal) => refreshed.refused.push(*refusal),
                Ok(new) => {
                    refreshed.read += 1;
                    refreshed.changes.extend(changes(priced, rows, &new));
                    refreshed.book.rows.insert(priced.clone(), new);
                }
            },
        }
    }
    let (read, all) = (refreshed.read, refreshed.book.rows.len());
    let book = &mut refreshed.book;
    book.about = format!(
        "{read} of {all} prices are AWS's, by its price lists as they were on {today}; the others are those of {}.",
        book.name
    );
    book.name = today.to_string();
    book.date = today;
    refreshed
}

/// The rows that one product of the list makes.
fn listed(priced: &Priced, rows: &[Row], selector: &Selector, listing: &Listing) -> Result<Vec<Row>, Box<Refusal>> {
    let product = only(priced, rows, selector, listing)?;
    let sku = || product.sku.clone();
    let uneven = || Box::new(Refusal::Uneven { priced: priced.clone(), sku: sku() });
    let mut bands: Vec<(Decimal, Option<Decimal>, Decimal, &ProductBand)> = Vec::new();
    for band in &product.bands {
        let end = if band.end == "Inf" { None } else { Some(decimal(&band.end).ok_or_else(uneven)?) };
        let (begin, price) = (decimal(&band.begin).ok_or_else(uneven)?, decimal(&band.price).ok_or_else(uneven)?);
        bands.push((begin, end, price, band));
    }
    bands.sort_by_key(|(begin, ..)| *begin);
    let begins = bands.iter().map(|(begin, ..)| Some(*begin));
    let ends = std::iter::once(Some(Decimal::ZERO)).chain(bands.iter().map(|(_, end, ..)| *end));
    if bands.is_empty() || !begins.zip(ends).all(|(begin, end)| begin == end) {
        return Err(uneven());
    }
    let free = free_band(rows, bands.first().map(|(_, _, price, _)| *price));
    let from = free.and_then(|row| row.end).unwrap_or_default();
    let mut new: Vec<Row> = free.cloned().into_iter().collect();
    for (begin, end, price, band) in bands.into_iter().filter(|(_, end, ..)| end.is_none_or(|end| from < end)) {
        let begin = begin.max(from);
        let known = rows.iter().find(|row| row.begin == begin);
        if let Some(before) = known.map(|row| row.price).filter(|before| is_implausible(*before, price)) {
            let unit = band.unit.clone();
            let priced = priced.clone();
            return Err(Box::new(Refusal::Implausible { priced, sku: sku(), before, after: price, unit }));
        }
        new.push(row(rows, listing, product, band, (begin, end, price)));
    }
    Ok(new)
}

/// A free tier that the book has and AWS keeps in a product of its own, which holds for an account and no region.
fn free_band(rows: &[Row], listed: Option<Decimal>) -> Option<&Row> {
    let first = rows.first().filter(|row| row.price.is_zero() && row.rate_code.is_none() && row.end.is_some());
    first.filter(|_| listed.is_some_and(|price| !price.is_zero()))
}

fn is_implausible(before: Decimal, after: Decimal) -> bool {
    !before.is_zero() && (before * TEN < after || after * TEN < before)
}

/// Exactly one, by what it says; among several the one whose number the book has.
fn only<'l>(
    priced: &Priced,
    rows: &[Row],
    selector: &Selector,
    listing: &'l Listing,
) -> Result<&'l Product, Box<Refusal>> {
    let matching: Vec<&Product> =
        listing.products.iter().filter(|product| selector.matches(&product.attributes)).collect();
    let (file, wanted) = (listing.file.clone(), selector.told());
    match matching.as_slice() {
        [] => Err(Box::new(Refusal::NoProduct { priced: priced.clone(), file, wanted })),
        [product] => Ok(product),
        several => {
            let known: Vec<&str> = rows.iter().filter_map(sku_of).collect();
            let by_number: Vec<&&Product> =
                several.iter().filter(|product| known.contains(&product.sku.as_str())).collect();
            match by_number.as_slice() {
                [product] => Ok(product),
                _ => {
                    let skus = several.iter().map(|product| product.sku.clone()).collect();
                    Err(Box::new(Refusal::Ambiguous { priced: priced.clone(), file, wanted, skus }))
                }
            }
        }
    }
}

/// A rate code is the product's number, the term's and the dimension's.
fn sku_of(row: &Row) -> Option<&str> {
    row.rate_code.as_deref()?.split('.').next()
}

fn row(
    rows: &[Row],
    listing: &Listing,
    product: &Product,
    band: &ProductBand,
    (begin, end, price): (Decimal, Option<Decimal>, Decimal),
) -> Row {
    let known = rows.iter().find(|row| row.begin == begin).or(rows.last());
    let same = known.is_some_and(|row| row.price == price && row.confidence != Confidence::Assumption);
    let place = listing.file.region.as_deref().unwrap_or("index");
    Row {
        offer: listing.file.offer.clone(),
        usage_type: known.map(|row| row.usage_type.clone()).unwrap_or_default(),
        rate_code: Some(band.rate_code.clone()),
        begin,
        end,
        unit: known.map(|row| row.unit.clone()).unwrap_or_default(),
        price,
        date: listing.published.get(..10).and_then(AsOf::parse),
        source: format!(
            "AWS price list {} {}/{place}, SKU {}, unit {}",
            listing.file.offer, listing.version, product.sku, band.unit
        ),
        // What the book had before is another source.
        confidence: if same { Confidence::Confirmed } else { Confidence::OneSource },
        free_tier: known.and_then(|row| row.free_tier.clone()),
    }
}

fn changes(priced: &Priced, before: &[Row], after: &[Row]) -> Vec<PriceChange> {
    let by_begin =
        |rows: &[Row]| -> BTreeMap<Decimal, Decimal> { rows.iter().map(|row| (row.begin, row.price)).collect() };
    let (old, new) = (by_begin(before), by_begin(after));
    let mut begins: Vec<Decimal> = old.keys().chain(new.keys()).copied().collect();
    begins.sort_unstable();
    begins.dedup();
    let change = |begin: Decimal| {
        let (before, after) = (old.get(&begin).copied(), new.get(&begin).copied());
        (before != after).then(|| PriceChange { priced: priced.clone(), begin, before, after })
    };
    begins.into_iter().filter_map(change).collect()
}
