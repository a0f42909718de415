//! Environment files for another account and domain.

use crate::line::Place;
use crate::log::Log;
use crate::mistake::Mistakes;
use crate::parse::parse_contents;
use crate::region::Region;
use crate::schema::{SCHEMA_FILE, schema};
use crate::siblings::Siblings;
use crate::tree::{Content, Node, plant};
use crate::value::{Account, Domain};

/// COMO's own files; what `como init` writes differs from them in the options only.
const PRODUCTION: &str = include_str!("../../../environments/prod.yaml");
const DEVELOPMENT: &str = include_str!("../../../environments/dev.yaml");
const LOCAL: &str = include_str!("../../../environments/local.yaml");
const RECOVERY: &str = include_str!("../../../environments/sydney.yaml");
/// The domain in COMO's own files.
const DOMAIN: &str = "como.example";

/// What differs from one owner to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitOptions {
    pub account: Account,
    pub domain: Domain,
    /// Where production runs; its first zones are used.
    pub region: Region,
    /// Where it recovers.
    pub recovery: Region,
    /// The third region, which decides which of the two may write.
    pub witness: Region,
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
    let texts = [
        ("prod", rewrite(PRODUCTION, options.region, options)),
        ("dev", rewrite(DEVELOPMENT, options.region, options)),
        ("sydney", rewrite(RECOVERY, options.recovery, options)),
        // Nothing in it is anybody's own.
        ("local", LOCAL.to_owned()),
    ];
    let siblings = texts.iter().fold(Siblings::default(), |all, (name, text)| all.with(*name, text));
    let mut files = Vec::new();
    for (name, text) in texts {
        let path = format!("{name}.yaml");
        parse_contents(&path, &text, &siblings)?;
        files.push(InitFile { path, text });
    }
    files.push(InitFile { path: SCHEMA_FILE.to_owned(), text: schema() });
    Ok(files)
}

/// Replaces values where they stand, so that everything around them stays.
fn rewrite(text: &str, region: Region, options: &InitOptions) -> String {
    let Some(root) = plant(text, &Log::default()) else { return text.to_owned() };
    let zones = root.entry(&["network", "zones"]).map(|entry| keys(&entry.value)).unwrap_or_default();
    let letters = region.zones().map(|zone| zone.letter().to_string());
    let mut changes: Vec<(Place, String)> = zones.into_iter().zip(letters).collect();
    let mut change = |path: &[&str], replacement: String| {
        changes.extend(root.entry(path).map(|entry| (entry.value.place.clone(), replacement)));
    };
    change(&["account"], format!("\"{}\"", options.account));
    change(&["region"], region.to_string());
    change(&["recovery", "region"], options.recovery.to_string());
    change(&["recovery", "witness"], options.witness.to_string());
    for path in [&["domain"] as &[&str], &["alerts", "email"], &["origins", "app"]] {
        let value = root.entry(path).map(|entry| entry.value.text().replace(DOMAIN, options.domain.as_str()));
        change(path, value.unwrap_or_default());
    }
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
