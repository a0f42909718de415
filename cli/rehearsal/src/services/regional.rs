//! State that each region keeps for itself.

use super::store::{Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One [`Store`] for each region, `<dir>/<region>.json`; a new region begins with the default.
pub(crate) struct Regional<T> {
    dir: PathBuf,
    stores: Mutex<BTreeMap<String, Arc<Store<T>>>>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Regional<T> {
    pub(crate) fn open(dir: PathBuf) -> Result<Self, StoreError> {
        let known = regions(&dir).map_err(StoreError::Read)?;
        let regional = Self { dir, stores: Mutex::default() };
        for region in known {
            regional.of(&region)?;
        }
        Ok(regional)
    }

    pub(crate) fn of(&self, region: &str) -> Result<Arc<Store<T>>, StoreError> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores.get(region) {
            return Ok(Arc::clone(store));
        }
        // Whoever signs a request chooses its region, so the name is made harmless.
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        let file: String = region.chars().map(plain).collect();
        let store = Arc::new(Store::open(self.dir.join(format!("{file}.json")))?);
        stores.insert(region.to_owned(), Arc::clone(&store));
        Ok(store)
    }

    pub(crate) fn regions(&self) -> Vec<String> {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

/// The regions that have a file.
fn regions(dir: &Path) -> std::io::Result<Vec<String>> {
    let entries = match fs_err::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names: std::io::Result<Vec<String>> = names.collect();
    Ok(names?.iter().filter_map(|name| name.strip_suffix(".json")).map(str::to_owned).collect())
}
