//! Records for the services that prove by them that somebody owns a name.

use super::records::{apply, identity};
use super::state::{Route53, whole};
use super::xml::many;
use crate::services::wire::ServiceError;
use serde_json::json;

impl Route53 {
    /// Whether a public zone here is responsible for a name.
    pub(crate) fn holds(&self, name: &str) -> bool {
        let name = whole(name);
        self.store.read(|state| {
            let mut zones = state.zones.values().filter(|zone| !zone.is_private);
            zones.any(|zone| name == zone.name || name.ends_with(&format!(".{}", zone.name)))
        })
    }

    /// Whether a record of a public zone has this value.
    pub(crate) fn has_value(&self, name: &str, kind: &str, value: &str) -> bool {
        let (name, value) = (whole(name), whole(value));
        self.store.read(|state| {
            let public = state.zones.values().filter(|zone| !zone.is_private);
            public.flat_map(|zone| &zone.records).map(|record| &record.set).any(|set| {
                let (own, own_kind, _) = identity(set);
                let mut values = many(&set["ResourceRecords"]["ResourceRecord"]).into_iter();
                let says = |text: &str| whole(text) == value;
                own == name && own_kind == kind && values.any(|one| one["Value"].as_str().is_some_and(says))
            })
        })
    }

    /// Makes a record with one value, or replaces it.
    pub(crate) fn put_value(&self, zone: &str, name: &str, kind: &str, value: &str) -> Result<(), ServiceError> {
        let records = json!({ "ResourceRecord": [{ "Value": value }] });
        let set = json!({ "Name": name, "Type": kind, "TTL": 300, "ResourceRecords": records });
        self.store.change(|state| {
            let missing = || ServiceError::new("NoSuchHostedZone", format!("No hosted zone found with ID: {zone}"));
            let zone = state.zones.get_mut(zone.trim_start_matches("/hostedzone/")).ok_or_else(missing)?;
            apply(zone, "UPSERT", &set, None)
        })
    }
}
