//! What an AWS price list says, as far as it is wanted; amounts are still the texts that AWS writes.

use std::collections::BTreeMap;
use std::fmt;

/// One file of the bulk price list: an offer in a region, or everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListFile {
    /// AWS's offer code, for example `AmazonEC2`.
    pub offer: String,
    /// None for what has one price for the world or is priced by parts of it.
    pub region: Option<String>,
}

impl fmt::Display for ListFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.offer, self.region.as_deref().unwrap_or("all regions"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub file: ListFile,
    /// AWS's version of the offer, such as `20261128003312`.
    pub version: String,
    /// When AWS published it, such as `2026-11-28T00:33:12Z`.
    pub published: String,
    pub products: Vec<Product>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub sku: String,
    /// `usagetype`, `operation` and what else AWS tells products apart by.
    pub attributes: BTreeMap<String, String>,
    pub bands: Vec<ProductBand>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductBand {
    pub rate_code: String,
    pub unit: String,
    pub begin: String,
    /// `Inf` for one that goes on.
    pub end: String,
    /// US dollars a unit.
    pub price: String,
}
