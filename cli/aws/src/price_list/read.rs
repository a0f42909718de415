//! One price list out of a stream of JSON.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};

/// What AWS tells products apart by: `usagetype`, `operation`, … and `productFamily`.
pub type Attributes = BTreeMap<String, String>;

/// What is wanted of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceList {
    pub offer: String,
    pub version: String,
    pub published: String,
    pub products: Vec<ListedProduct>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedProduct {
    pub sku: String,
    pub attributes: Attributes,
    /// On demand, in US dollars; in the order of the file.
    pub bands: Vec<ListedBand>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBand {
    pub rate_code: String,
    pub unit: String,
    pub begin: String,
    /// `Inf` for one that goes on.
    pub end: String,
    pub price: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductWire {
    product_family: Option<String>,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TermWire {
    #[serde(default)]
    price_dimensions: BTreeMap<String, DimensionWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DimensionWire {
    rate_code: String,
    unit: String,
    begin_range: Option<String>,
    end_range: Option<String>,
    price_per_unit: BTreeMap<String, String>,
}

/// Which products are kept.
type Wanted<'w> = &'w dyn Fn(&Attributes) -> bool;

/// # Errors
/// When the source ends early or is no price list.
pub fn read(source: impl Read, wanted: Wanted<'_>) -> Result<PriceList, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::new(source));
    let list = File { wanted }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(list)
}

struct File<'w> {
    wanted: Wanted<'w>,
}

impl<'de> DeserializeSeed<'de> for File<'_> {
    type Value = PriceList;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PriceList, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for File<'_> {
    type Value = PriceList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a price list of AWS")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PriceList, A::Error> {
        let mut list = PriceList::default();
        let mut products: Option<BTreeMap<String, Attributes>> = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "offerCode" => list.offer = map.next_value()?,
                "version" => list.version = map.next_value()?,
                "publicationDate" => list.published = map.next_value()?,
                "products" => products = Some(map.next_value_seed(Products { wanted: self.wanted })?),
                "terms" => {
                    let Some(wanted) = products.take() else {
                        return Err(A::Error::custom(
                            "its terms come before its products, and AWS writes products first",
                        ));
                    };
                    list.products = map.next_value_seed(Terms { wanted })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if list.version.is_empty() || products.is_some() {
            return Err(A::Error::custom("it has no `version` or no `terms`"));
        }
        Ok(list)
    }
}

struct Products<'w> {
    wanted: Wanted<'w>,
}

impl<'de> DeserializeSeed<'de> for Products<'_> {
    type Value = BTreeMap<String, Attributes>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Products<'_> {
    type Value = BTreeMap<String, Attributes>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("products by SKU")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut products = BTreeMap::new();
        while let Some((sku, product)) = map.next_entry::<String, ProductWire>()? {
            let mut attributes = product.attributes;
            attributes.extend(product.product_family.map(|family| ("productFamily".to_owned(), family)));
            if (self.wanted)(&attributes) {
                products.insert(sku, attributes);
            }
        }
        Ok(products)
    }
}

struct Terms {
    wanted: BTreeMap<String, Attributes>,
}

impl<'de> DeserializeSeed<'de> for Terms {
    type Value = Vec<ListedProduct>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Terms {
    type Value = Vec<ListedProduct>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("terms by kind")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut bands = BTreeMap::new();
        while let Some(kind) = map.next_key::<String>()? {
            if kind == "OnDemand" {
                bands = map.next_value_seed(OnDemand { wanted: &self.wanted })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        let product = |(sku, attributes): (String, Attributes)| {
            let bands = bands.remove(&sku).unwrap_or_default();
            ListedProduct { sku, attributes, bands }
        };
        Ok(self.wanted.into_iter().map(product).collect())
    }
}

struct OnDemand<'w> {
    wanted: &'w BTreeMap<String, Attributes>,
}

impl<'de> DeserializeSeed<'de> for OnDemand<'_> {
    type Value = BTreeMap<String, Vec<ListedBand>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OnDemand<'_> {
    type Value = BTreeMap<String, Vec<ListedBand>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("terms by SKU")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut all = BTreeMap::new();
        while let Some(sku) = map.next_key::<String>()? {
            if !self.wanted.contains_key(&sku) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let terms: BTreeMap<String, TermWire> = map.next_value()?;
            // A current list has one term for a product; were there two, their bands would not follow each other, which is
            // found out where they are used.
            let dimensions = terms.into_values().flat_map(|term| term.price_dimensions.into_values());
            all.insert(sku, dimensions.filter_map(band).collect());
        }
        Ok(all)
    }
}

/// Lists of China have yuan alone.
fn band(dimension: DimensionWire) -> Option<ListedBand> {
    let price = dimension.price_per_unit.get("USD")?.clone();
    Some(ListedBand {
        rate_code: dimension.rate_code,
        unit: dimension.unit,
        begin: dimension.begin_range.unwrap_or_else(|| "0".to_owned()),
        end: dimension.end_range.unwrap_or_else(|| "Inf".to_owned()),
        price,
    })
}
