//! AWS's bulk price lists: public files, one for each offer and region, the largest of several hundred megabytes.
//!
//! They are read as they arrive, and only the products that are wanted stay in memory. Their form is that of the AWS Billing
//! and Cost Management user guide, "Reading the service price list files".

mod fetch;
mod read;

pub use fetch::{PriceListError, PriceLists, path};
pub use read::{Attributes, ListedBand, ListedProduct, PriceList, read};
