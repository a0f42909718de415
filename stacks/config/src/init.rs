//! Environment files for another account and domain.

use crate::line::Place;
use crate::log::Log;
use crate::mistake::Mistakes;
use crate::parse::parse;
use crate::region::Region;
use crate::schema::{SCHEMA_FILE, schema};
use crate::tree::{Content, Node, plant};
use crate::value::{Account, Domain};

/// COMO's own production file; what `como init` writes differs from it in the options only.
const PRODUCTION: &str = include_str!("../../../environments/prod.yaml");

/// What differs from one owner to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitOptions {
    pub account: Account,
    pub domain: Domain,
    /// Where production runs; its first zones are used.
    pub region: Region,
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitFile {
    /// Relative to the folder `environments`.
    pub path: String,
    pub text: String,
}

/// The environment files and their schema, with COMO's comments kept.
///
/// # Errors
/// The result is read once more before it is handed out; mistakes in it would be a bug in como.
pub fn init_files(options: &InitOptions) -> Result<Vec<InitFile>, Mistakes> {
    let path = "prod.yaml".to_owned();
    let text = rewrite(PRODUCTION, options);
    parse(&path, &text)?;
    Ok(vec![InitFile { path, text }, InitFile { path: SCHEMA_FILE.to_owned(), text: schema() }])
}

/// Replaces values where they stand, so that everything around them stays.
fn rewrite(text: &str, options: &InitOptions) -> String {
    let Some(root) = plant(text, &Log::default()) else { return text.to_owned() };
    let value = |key: &str| root.entry(&[key]).map(|entry| entry.value.place.clone());
    let zones = root.entry(&["network", "zones"]).map(|entry| keys(&entry.value)).unwrap_or_default();
    let letters = options.region.zones().map(|zone| zone.letter().to_string());
    let mut changes: Vec<(Place, String)> = zones.into_iter().zip(letters).collect();
    changes.extend(value("account").map(|place| (place, format!("\"{}\"", options.account))));
    changes.extend(value("domain").map(|place| (place, options.domain.to_string())));
    changes.extend(value("region").map(|place| (place, options.region.to_string())));
    // From the end, so that the places before a change stay true.
    changes.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut text = text.to_owned();
    for (place, replacement) in changes {
        text.replace_range(place, &replacement);
    }
    text
}

fn keys(node: &Node) -> Vec<Place> {
    match &node.content {
        Content::Mapping(entries) => entries.iter().map(|entry| entry.key.place.clone()).collect(),
        _ => Vec::new(),
    }
}
