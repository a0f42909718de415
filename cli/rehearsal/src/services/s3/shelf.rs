//! Objects on disk.
//!
//! Content is written before the record that names it, and removed after; a supervisor that is killed in between leaves
//! a file that nobody names, and no record without its content.

use super::failure::Failure;
use crate::services::store::{self, StoreError};
use bytes::Bytes;
use fs_err as fs;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Version {
    /// `null` for one that was written without versioning.
    pub(super) id: String,
    /// Without quotes; empty for a delete marker.
    pub(super) etag: String,
    pub(super) size: usize,
    pub(super) modified: Timestamp,
    /// As they come back: `content-type`, `x-amz-meta-…`, `x-amz-checksum-…`.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    /// The name of the file with the content; none for a delete marker.
    pub(super) file: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) key: String,
    /// The newest is the last.
    pub(super) versions: Vec<Version>,
}

impl Object {
    /// What a read without a version sees.
    pub(super) fn current(&self) -> Option<&Version> {
        self.versions.last().filter(|version| version.file.is_some())
    }
}

pub(super) struct Shelf {
    dir: PathBuf,
    /// By bucket and key.
    objects: BTreeMap<String, BTreeMap<String, Object>>,
}

impl Shelf {
    pub(super) fn open(dir: PathBuf) -> Result<Self, StoreError> {
        fs::create_dir_all(&dir).map_err(StoreError::Write)?;
        let mut objects: BTreeMap<String, BTreeMap<String, Object>> = BTreeMap::new();
        for bucket in entries(&dir)? {
            let known = objects.entry(name(&bucket)).or_default();
            for file in entries(&bucket)?.into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "json"))
            {
                if let Some(object) = store::read::<Object>(&file)? {
                    known.insert(object.key.clone(), object);
                }
            }
        }
        Ok(Self { dir, objects })
    }

    pub(super) fn objects(&self, bucket: &str) -> impl Iterator<Item = &Object> {
        self.objects.get(bucket).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> Option<&Object> {
        self.objects.get(bucket)?.get(key)
    }

    pub(super) fn current(&self, bucket: &str, key: &str) -> Option<&Version> {
        self.object(bucket, key)?.current()
    }

    pub(super) fn is_empty(&self, bucket: &str) -> bool {
        self.objects(bucket).next().is_none()
    }

    pub(super) fn read(&self, bucket: &str, version: &Version) -> Result<Bytes, Failure> {
        let Some(file) = &version.file else { return Err(Failure::no_key()) };
        Ok(fs::read(self.dir.join(bucket).join(file))?.into())
    }

    /// Adds a version, in the place of one with the same id. Without content it is a delete marker.
    pub(super) fn put(
        &mut self,
        bucket: &str,
        key: &str,
        mut version: Version,
        content: Option<&[u8]>,
    ) -> Result<(), Failure> {
        if let Some(content) = content {
            let file = format!("{}.{}", hashed(key), uuid::Uuid::new_v4().simple());
            fs::create_dir_all(self.dir.join(bucket))?;
            fs::write(self.dir.join(bucket).join(&file), content)?;
            version.file = Some(file);
        }
        let mut versions = self.object(bucket, key).map(|object| object.versions.clone()).unwrap_or_default();
        versions.retain(|known| known.id != version.id);
        versions.push(version);
        self.save(bucket, key, versions)
    }

    /// Changes what is known of a version, not its content.
    pub(super) fn amend(&mut self, bucket: &str, key: &str, version: Version) -> Result<(), Failure> {
        let mut versions = self.object(bucket, key).map(|object| object.versions.clone()).unwrap_or_default();
        if let Some(known) = versions.iter_mut().find(|known| known.id == version.id) {
            *known = version;
        }
        self.save(bucket, key, versions)
    }

    /// Removes one version for good.
    pub(super) fn remove(&mut self, bucket: &str, key: &str, id: &str) -> Result<(), Failure> {
        let mut versions = self.object(bucket, key).map(|object| object.versions.clone()).unwrap_or_default();
        versions.retain(|known| known.id != id);
        self.save(bucket, key, versions)
    }

    pub(super) fn remove_bucket(&mut self, bucket: &str) -> Result<(), Failure> {
        self.objects.remove(bucket);
        match fs::remove_dir_all(self.dir.join(bucket)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn save(&mut self, bucket: &str, key: &str, versions: Vec<Version>) -> Result<(), Failure> {
        let record = self.dir.join(bucket).join(format!("{}.json", hashed(key)));
        let before = self.object(bucket, key).map(|object| object.versions.clone()).unwrap_or_default();
        let object = Object { key: key.to_owned(), versions };
        if object.versions.is_empty() {
            match fs::remove_file(&record) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
            if let Some(objects) = self.objects.get_mut(bucket) {
                objects.remove(key);
            }
        } else {
            store::write(&record, &object)?;
        }
        let is_kept = |file: &Option<String>| object.versions.iter().any(|version| version.file == *file);
        for file in before.iter().filter(|version| !is_kept(&version.file)).filter_map(|version| version.file.as_ref())
        {
            // Nobody names it any more, so it does no harm if it stays.
            let _ = fs::remove_file(self.dir.join(bucket).join(file));
        }
        if !object.versions.is_empty() {
            self.objects.entry(bucket.to_owned()).or_default().insert(key.to_owned(), object);
        }
        Ok(())
    }
}

/// A file name for a key of any length and letters.
fn hashed(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(dir).map_err(StoreError::Read)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(StoreError::Read)).collect()
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
