//! A zip archive with one executable file, as Lambda wants it.
//!
//! The same content always gives the same bytes: the archive's name is its hash, and a name that changes by itself would be
//! a change to deploy.

use miniz_oxide::deflate::compress_to_vec;

/// 1980-01-01, the first day that the format knows.
const DATE: u16 = 0x21;
const DEFLATED: u16 = 8;
/// Good enough for a program that is packed once for each deployment.
const LEVEL: u8 = 6;
/// Written on Unix, so that the permissions below count.
const MADE_BY: u16 = 0x0314;
const NEEDS: u16 = 20;
/// A regular file that everybody may read and run.
const MODE: u32 = 0o100_755;

/// Nothing where the content is too large for the format without its extension, 4 GB.
pub(crate) fn with_executable(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let packed = compress_to_vec(content, LEVEL);
    let (size, packed_size) = (u32::try_from(content.len()).ok()?, u32::try_from(packed.len()).ok()?);
    let name_length = u16::try_from(name.len()).ok()?;
    // What the local header and the directory's entry say alike.
    let mut common = Vec::new();
    for half in [NEEDS, 0, DEFLATED, 0, DATE] {
        common.extend(half.to_le_bytes());
    }
    for word in [crc32(content), packed_size, size] {
        common.extend(word.to_le_bytes());
    }
    common.extend(name_length.to_le_bytes());
    common.extend(0_u16.to_le_bytes());

    let mut archive = b"PK\x03\x04".to_vec();
    archive.extend(&common);
    archive.extend(name.as_bytes());
    archive.extend(&packed);
    let directory = u32::try_from(archive.len()).ok()?;
    archive.extend(b"PK\x01\x02");
    archive.extend(MADE_BY.to_le_bytes());
    archive.extend(&common);
    // Comment, disk, internal attributes: none, the first, none.
    archive.extend([0; 6]);
    archive.extend((MODE << 16).to_le_bytes());
    archive.extend(0_u32.to_le_bytes());
    archive.extend(name.as_bytes());
    let directory_size = u32::try_from(archive.len()).ok()? - directory;
    archive.extend(b"PK\x05\x06");
    for half in [0_u16, 0, 1, 1] {
        archive.extend(half.to_le_bytes());
    }
    archive.extend(directory_size.to_le_bytes());
    archive.extend(directory.to_le_bytes());
    archive.extend(0_u16.to_le_bytes());
    Some(archive)
}

/// CRC-32 as zip has it (reflected polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    let table: Vec<u32> = (0..256_u32).map(|byte| (0..8).fold(byte, step)).collect();
    let of = |index: u32| usize::try_from(index).ok().and_then(|index| table.get(index)).copied().unwrap_or_default();
    !bytes.iter().fold(u32::MAX, |crc, byte| (crc >> 8) ^ of((crc ^ u32::from(*byte)) & 0xFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_zips() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    /// Python's zipfile reads it, where there is a Python; the rehearsal reads every archive that it is given.
    #[test]
    fn others_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        let content = "#!/bin/sh\necho hello\n".repeat(50);
        fs_err::write(&path, with_executable("bootstrap", content.as_bytes()).unwrap()).unwrap();
        let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
                      i, = z.infolist()\nprint(i.filename, oct(i.external_attr >> 16), i.file_size)";
        let Ok(output) = std::process::Command::new("python3").args(["-c", script]).arg(&path).output() else { return };
        let expected = format!("bootstrap 0o100755 {}\n", content.len());
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
    }
}
