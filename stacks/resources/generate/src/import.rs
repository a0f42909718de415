//! Schemas of cfn-lint's wheel → facts.

use crate::model::TypeFacts;
use crate::normalise::normalise;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The region whose schemas are recorded; others are noted where they differ.
const HOME: &str = "ap-southeast-1";
/// cfn-lint's name for the types of the Serverless transform, which is no region.
const NOT_A_REGION: &str = "sam";

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("reading a schema")]
    Read(#[from] std::io::Error),
    #[error("parsing {path}")]
    Parse { path: PathBuf, source: serde_json::Error },
    #[error("{0} has no schema in {HOME}")]
    UnknownType(String),
    #[error("{resource_type}: {at}: {problem}")]
    Unsupported { resource_type: String, at: String, problem: String },
}

/// What an import yields.
#[derive(Debug)]
pub struct Imported {
    /// All regions that the schemas speak of.
    pub regions: Vec<String>,
    pub types: Vec<TypeFacts>,
}

/// Reads the schemas of `types` below `schemas`, the folder `cfnlint/data/schemas` of the unpacked wheel.
pub fn import(schemas: &Path, types: &[String]) -> Result<Imported, ImportError> {
    let providers = providers(&schemas.join("providers"))?;
    let types = types
        .iter()
        .map(|name| {
            let hash_in = |region: &str| providers.get(region).and_then(|types| types.get(name));
            let hash = hash_in(HOME).ok_or_else(|| ImportError::UnknownType(name.clone()))?;
            let schema: Json = read(&schemas.join("resources").join(format!("{hash}.json")))?;
            let mut facts = normalise(name, &schema)?;
            for region in providers.keys() {
                match hash_in(region) {
                    None => facts.absent_in.push(region.clone()),
                    Some(other) if other != hash => facts.differs_in.push(region.clone()),
                    Some(_) => {}
                }
            }
            Ok(facts)
        })
        .collect::<Result<_, ImportError>>()?;
    Ok(Imported { regions: providers.into_keys().collect(), types })
}

/// Per region, each type's schema hash.
fn providers(folder: &Path) -> Result<BTreeMap<String, BTreeMap<String, String>>, ImportError> {
    let mut providers = BTreeMap::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let Some(region) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if path.extension().is_some_and(|extension| extension == "json") && region != NOT_A_REGION {
            providers.insert(region.to_owned(), read(&path)?);
        }
    }
    Ok(providers)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ImportError> {
    let text = fs_err::read_to_string(path)?;
    serde_json::from_str(&text).map_err(|source| ImportError::Parse { path: path.to_owned(), source })
}
