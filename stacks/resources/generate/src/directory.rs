//! Folders of generated files: what they hold, and how they are brought up to date.

use crate::import::Imported;
use crate::model::TypeFacts;
use crate::names::snake;
use crate::text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of the facts file that lists all regions.
pub const REGIONS: &str = "regions.json";

/// File names and contents.
pub type Files = BTreeMap<String, String>;

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("reading or writing generated files")]
    Files(#[from] std::io::Error),
    #[error("parsing {path}")]
    Parse { path: PathBuf, source: serde_json::Error },
}

/// `AWS::EC2::VPC` → `ec2_vpc.json`.
#[must_use]
pub fn facts_file(resource_type: &str) -> String {
    let mut parts = resource_type.split("::").skip(1);
    let service = parts.next().unwrap_or_default().to_ascii_lowercase();
    format!("{service}_{}.json", snake(parts.next().unwrap_or_default()))
}

/// The files of `facts/`.
pub fn facts_files(imported: &Imported) -> Result<Files, serde_json::Error> {
    let mut files = Files::from([(REGIONS.to_owned(), text::regions(&imported.regions)?)]);
    for facts in &imported.types {
        files.insert(facts_file(&facts.name), text::facts(facts)?);
    }
    Ok(files)
}

/// Parses all types of `facts/`, ordered by file name.
pub fn parse_facts(folder: &Path) -> Result<Vec<TypeFacts>, DirectoryError> {
    let files = read(folder)?.into_iter().filter(|(name, _)| name != REGIONS);
    files
        .map(|(name, text)| {
            serde_json::from_str(&text).map_err(|source| DirectoryError::Parse { path: folder.join(name), source })
        })
        .collect()
}

/// All files that lie in `folder` itself.
pub fn read(folder: &Path) -> Result<Files, DirectoryError> {
    let mut files = Files::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) {
            files.insert(name.to_owned(), fs_err::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// Makes `folder` hold exactly `files`; untouched files keep their time, so that nothing is compiled in vain.
pub fn write(folder: &Path, files: &Files) -> Result<(), DirectoryError> {
    fs_err::create_dir_all(folder)?;
    let present = read(folder)?;
    for name in present.keys().filter(|name| !files.contains_key(*name)) {
        fs_err::remove_file(folder.join(name))?;
    }
    for (name, content) in files.iter().filter(|(name, content)| present.get(*name) != Some(content)) {
        fs_err::write(folder.join(name), content)?;
    }
    Ok(())
}
