//! The archive of the functions' program: on AWS the program that was built with this one, in a rehearsal this one itself.

use crate::archive;
use crate::exit::{Exit, Failure};
use anyhow::{Context, anyhow};
use como_contract::function::{ENTRY, archive_key};
use como_engine::step::Object;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The functions' program beside this one's file; `cargo build --release --package como-lambdas` makes it.
const PROGRAM: &str = ENTRY;
/// Lambda takes no more, unpacked.
const LARGEST: usize = 250 * 1024 * 1024;

/// The archive for AWS, of the program at `path` or beside this program.
pub(crate) fn for_aws(path: Option<&Path>) -> Result<Object, Failure> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => beside_this_program()?,
    };
    if !path.is_file() {
        let error = anyhow!("the functions' program is not there: {} is not a file", path.display());
        return Err(Failure::new(Exit::Refused, error).hint(
            "build it with `cargo build --release --package como-lambdas`, or name it with `--functions <FILE>`; \
             nothing was changed",
        ));
    }
    pack(&fs_err::read(&path).context("cannot read the functions' program")?)
}

/// The archive for a rehearsal: a script that starts this program by its hidden subcommand, as tasks are started.
pub(crate) fn for_rehearsal() -> Result<Object, Failure> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let quoted = program.to_string_lossy().replace('\'', "'\\''");
    pack(format!("#!/bin/sh\nexec '{quoted}' task function\n").as_bytes())
}

fn beside_this_program() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    Ok(program.with_file_name(PROGRAM))
}

fn pack(program: &[u8]) -> Result<Object, Failure> {
    let archive = archive::with_executable(ENTRY, program).filter(|_| program.len() <= LARGEST);
    let archive = archive.ok_or_else(|| {
        Failure::new(Exit::Refused, anyhow!("the functions' program is larger than Lambda takes, {LARGEST} bytes"))
    })?;
    let hash: String = Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Object::new(&archive_key(&hash), "application/zip", "no-store", archive))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// Whatever the folder, the name, the day and the permissions: the archive's name is its content's hash.
    #[test]
    fn the_same_program_is_packed_into_the_same_bytes_wherever_it_lies() {
        let program = b"\x7fELF and so on".repeat(5_000);
        let packed = |folder: &str, name: &str, seconds: u64, mode: u32| {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(folder).join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(&path, &program).unwrap();
            let then = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            fs_err::File::open(&path).unwrap().set_modified(then).unwrap();
            fs_err::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            for_aws(Some(&path)).unwrap()
        };
        let (one, other) = (packed("a/b", ENTRY, 1_000_000_000, 0o755), packed("c", "program", 1_700_000_000, 0o700));
        assert_eq!((&one.key, &one.content), (&other.key, &other.content));
        assert!(one.key.starts_with("functions/") && one.key.ends_with(".zip"), "{}", one.key);
    }
}
