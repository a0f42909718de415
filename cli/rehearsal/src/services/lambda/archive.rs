//! A function's zip archive.

use crate::services::s3::crc32;
use crate::services::wire::ServiceError;
use fs_err as fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path};

/// Of all files together, unpacked; Lambda's limit is 250 MB.
const LARGEST: usize = 250 * 1024 * 1024;
const END: &[u8; 4] = b"PK\x05\x06";
const ENTRY: &[u8; 4] = b"PK\x01\x02";

/// Unpacks an archive into a folder; what is executable by its name is made so.
pub(super) fn unpack(archive: &[u8], dir: &Path) -> Result<(), ServiceError> {
    let broken = || invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
    let end = archive.windows(4).rposition(|window| window == END).ok_or_else(broken)?;
    let (count, mut at) = (half(archive, end + 10).ok_or_else(broken)?, word(archive, end + 16).ok_or_else(broken)?);
    let mut total = 0;
    for _ in 0..count {
        if archive.get(at..at + 4) != Some(ENTRY.as_slice()) {
            return Err(broken());
        }
        let field = |offset: usize| half(archive, at + offset).ok_or_else(broken);
        let (method, name, extra, comment) = (field(10)?, field(28)?, field(30)?, field(32)?);
        let packed = word(archive, at + 20).ok_or_else(broken)?;
        let size = word(archive, at + 24).ok_or_else(broken)?;
        let checksum = word(archive, at + 16).ok_or_else(broken)?;
        let local = word(archive, at + 42).ok_or_else(broken)?;
        let path = archive.get(at + 46..at + 46 + name).ok_or_else(broken)?;
        let path = std::str::from_utf8(path).map_err(|_| broken())?;
        at += 46 + name + extra + comment;
        total += size;
        if LARGEST < total {
            return Err(invalid("Unzipped size must be smaller than 262144000 bytes"));
        }
        if path.ends_with('/') {
            continue;
        }
        let start = local
            + 30
            + half(archive, local + 26).ok_or_else(broken)?
            + half(archive, local + 28).ok_or_else(broken)?;
        let data = archive.get(start..start + packed).ok_or_else(broken)?;
        let content = match method {
            0 => data.to_vec(),
            8 => miniz_oxide::inflate::decompress_to_vec_with_limit(data, size).map_err(|_| broken())?,
            _ => return Err(broken()),
        };
        if usize::try_from(crc32(&content)) != Ok(checksum) {
            return Err(broken());
        }
        // Nothing leaves the folder.
        if Path::new(path).components().any(|part| !matches!(part, Component::Normal(_))) {
            return Err(broken());
        }
        write(&dir.join(path), &content).map_err(|error| ServiceError::internal(&error))?;
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, content)?;
    if path.file_name().is_some_and(|name| name == "bootstrap") {
        fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn half(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes).map(usize::from)
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterValueException", message)
}
