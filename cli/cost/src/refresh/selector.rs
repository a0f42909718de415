//! Which product of which list a price of the book is.

use crate::book::{PriceBook, Row};
use crate::item::{GLOBAL, Item, Priced};
use crate::refresh::listing::ListFile;
use std::collections::BTreeMap;

/// What a product must say to be the one; its usage type is matched whole.
///
/// `NatGateway-Hours` is also the end of `RegionalNatGateway-Hours`, and `LoadBalancerUsage` has cousins on Outposts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    attributes: Vec<(&'static str, String)>,
}

impl Selector {
    #[must_use]
    pub fn matches(&self, attributes: &BTreeMap<String, String>) -> bool {
        self.attributes.iter().all(|(name, value)| attributes.get(*name) == Some(value))
    }

    pub(crate) fn told(&self) -> String {
        let told: Vec<String> = self.attributes.iter().map(|(name, value)| format!("{name} {value}")).collect();
        told.join(", ")
    }
}

/// Where the prices of AWS's own lists end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    List(ListFile, Selector),
    /// In none of them, and why.
    Elsewhere(&'static str),
}

const USAGE_TYPE: &str = "usagetype";
const OPERATION: &str = "operation";

/// Two products have the same usage type; the operation tells them apart.
fn operation(item: Item) -> Option<&'static str> {
    match item {
        Item::LoadBalancerHour | Item::LoadBalancerLcu => Some("LoadBalancing:Application"),
        Item::LogGb => Some("PutLogEvents"),
        _ => None,
    }
}

/// Queues are told apart by their kind; their usage types differ between regions and years.
fn queue_type(item: Item) -> Option<&'static str> {
    match item {
        Item::FifoRequest => Some("FIFO (first-in, first-out)"),
        Item::StandardRequest => Some("Standard"),
        _ => None,
    }
}

/// What CloudFront puts in front of its usage types.
fn edge(region: &str) -> Option<&'static str> {
    match region {
        "edge-asia" => Some("AP-"),
        "edge-australia" => Some("AU-"),
        _ => None,
    }
}

pub(crate) fn origin(priced: &Priced, row: &Row) -> Origin {
    match row.offer.as_str() {
        "AWSComputeSavingsPlan" => return Origin::Elsewhere("Savings Plans have lists of their own"),
        offer if !(offer.starts_with("AWS") || offer.starts_with("Amazon") || offer.starts_with("aws")) => {
            return Origin::Elsewhere("it is not AWS's");
        }
        _ => {}
    }
    if matches!(priced.item, Item::SpotVcpu | Item::SpotTaskGb) {
        return Origin::Elsewhere("Spot prices are in a feed of their own");
    }
    let edge = edge(&priced.region);
    let everywhere = priced.region == GLOBAL || edge.is_some();
    let file = ListFile { offer: row.offer.clone(), region: (!everywhere).then(|| priced.region.clone()) };
    let mut attributes = Vec::new();
    match queue_type(priced.item) {
        Some(kind) => attributes.extend([("productFamily", "API Request".to_owned()), ("queueType", kind.to_owned())]),
        None => attributes.push((USAGE_TYPE, format!("{}{}", edge.unwrap_or_default(), row.usage_type))),
    }
    attributes.extend(operation(priced.item).map(|operation| (OPERATION, operation.to_owned())));
    Origin::List(file, Selector { attributes })
}

/// The lists that a book needs, and what of each.
#[must_use]
pub fn wanted(book: &PriceBook) -> BTreeMap<ListFile, Vec<Selector>> {
    let mut files: BTreeMap<ListFile, Vec<Selector>> = BTreeMap::new();
    for (priced, rows) in book.iter() {
        let Some(row) = rows.last() else { continue };
        if let Origin::List(file, selector) = origin(priced, row) {
            let selectors = files.entry(file).or_default();
            if !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
    }
    files
}
