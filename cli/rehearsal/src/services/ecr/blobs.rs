//! Layers and manifests as files by digest, and uploads on their way to become one.

use fs_err as fs;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub(super) struct Blobs {
    done: PathBuf,
    uploads: PathBuf,
}

/// How an upload ended.
pub(super) enum Finished {
    Kept,
    /// The content has another digest than it was said to have; it is dropped.
    Differs,
}

impl Blobs {
    pub(super) fn new(dir: &Path) -> Self {
        Self { done: dir.join("blobs"), uploads: dir.join("uploads") }
    }

    pub(super) fn read(&self, digest: &str) -> std::io::Result<Vec<u8>> {
        fs::read(self.path(digest)?)
    }

    pub(super) fn size(&self, digest: &str) -> std::io::Result<u64> {
        Ok(fs::metadata(self.path(digest)?)?.len())
    }

    /// Replaces atomically, so that a killed supervisor never leaves half a blob under its digest.
    pub(super) fn write(&self, digest: &str, content: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.done)?;
        let path = self.path(digest)?;
        let draft = path.with_extension("draft");
        fs::write(&draft, content)?;
        fs::rename(draft, path)
    }

    pub(super) fn begin(&self) -> std::io::Result<String> {
        let id = uuid::Uuid::new_v4().to_string();
        fs::create_dir_all(&self.uploads)?;
        fs::File::create(self.upload(&id)?)?;
        Ok(id)
    }

    /// Bytes that have arrived.
    pub(super) fn arrived(&self, id: &str) -> std::io::Result<u64> {
        Ok(fs::metadata(self.upload(id)?)?.len())
    }

    /// The bytes that have arrived then.
    pub(super) fn append(&self, id: &str, content: &[u8]) -> std::io::Result<u64> {
        let mut file = fs::OpenOptions::new().append(true).open(self.upload(id)?)?;
        file.write_all(content)?;
        Ok(file.metadata()?.len())
    }

    pub(super) fn finish(&self, id: &str, digest: &str) -> std::io::Result<Finished> {
        let upload = self.upload(id)?;
        if digest_of(&fs::read(&upload)?) != digest {
            fs::remove_file(upload)?;
            return Ok(Finished::Differs);
        }
        fs::create_dir_all(&self.done)?;
        fs::rename(upload, self.path(digest)?)?;
        Ok(Finished::Kept)
    }

    pub(super) fn cancel(&self, id: &str) -> std::io::Result<()> {
        fs::remove_file(self.upload(id)?)
    }

    /// Digests come from outside and must not lead out of the folder.
    fn path(&self, digest: &str) -> std::io::Result<PathBuf> {
        let hex = digest.strip_prefix("sha256:").filter(|hex| hex.len() == 64);
        let hex = hex.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        hex.map(|hex| self.done.join(hex)).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    fn upload(&self, id: &str) -> std::io::Result<PathBuf> {
        let id = uuid::Uuid::parse_str(id).map_err(|_| std::io::Error::from(std::io::ErrorKind::NotFound))?;
        Ok(self.uploads.join(id.to_string()))
    }
}

pub(super) fn digest_of(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
