//! Bodies in AWS's own chunks, and the checksums that come with them.

use super::failure::Failure;
use super::request::S3Request;
use crate::services::sqs::md5_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Headers and trailers with checksums, by name.
pub(super) type Checksums = BTreeMap<String, String>;

/// The object's bytes, and the checksums that the client gave, checked where they can be.
pub(super) fn content(request: &S3Request) -> Result<(Bytes, Checksums), Failure> {
    let mut checksums: Checksums = request
        .headers_with_prefix("x-amz-checksum-")
        .filter(|(name, _)| {
            !matches!(name.as_str(), "x-amz-checksum-algorithm" | "x-amz-checksum-mode" | "x-amz-checksum-type")
        })
        .collect();
    let is_chunked = request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    let body = if is_chunked { unchunk(&request.body, &mut checksums)? } else { request.body.clone() };
    if request.header("content-md5").is_some_and(|given| given != STANDARD.encode(md5_bytes(&body))) {
        return Err(Failure::new(400, "BadDigest", "The Content-MD5 you specified did not match what we received."));
    }
    check(&body, &checksums)?;
    Ok((body, checksums))
}

/// CRC-32 as in zip and Ethernet.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let mask = 0_u32.wrapping_sub(crc & 1);
            crc = (crc >> 1) ^ (0xEDB8_8320 & mask);
        }
    }
    !crc
}

fn check(body: &[u8], checksums: &Checksums) -> Result<(), Failure> {
    for (name, given) in checksums {
        let expected = match name.as_str() {
            "x-amz-checksum-crc32" => STANDARD.encode(crc32(body).to_be_bytes()),
            "x-amz-checksum-sha256" => STANDARD.encode(Sha256::digest(body)),
            // Kept as given.
            _ => continue,
        };
        if *given != expected {
            let algorithm = name.trim_start_matches("x-amz-checksum-").to_uppercase();
            let message = format!("The {algorithm} you specified did not match the calculated checksum.");
            return Err(Failure::new(400, "BadDigest", message));
        }
    }
    Ok(())
}

/// `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailers>`; the S3 developer guide, "Signature calculations …
/// transferring payload in multiple chunks".
fn unchunk(body: &[u8], checksums: &mut Checksums) -> Result<Bytes, Failure> {
    let incomplete = || Failure::new(400, "IncompleteBody", "The request body terminated unexpectedly");
    let mut content = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or_else(incomplete)?;
        let (line, after) = rest.split_at(end);
        rest = after.get(2..).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16);
        let size = size.map_err(|_| incomplete())?;
        if size == 0 {
            break;
        }
        content.extend(rest.get(..size).ok_or_else(incomplete)?);
        rest = rest.get(size..).and_then(|rest| rest.strip_prefix(b"\r\n")).ok_or_else(incomplete)?;
    }
    for line in String::from_utf8_lossy(rest).lines() {
        if let Some((name, value)) = line.split_once(':')
            && name.starts_with("x-amz-checksum-")
        {
            checksums.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    Ok(content.into())
}

#[cfg(test)]
mod tests {
    use super::{crc32, unchunk};

    #[test]
    fn chunks_are_joined_and_trailers_kept() {
        let body = b"3;chunk-signature=0\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:hYfyBQ==\r\n\r\n";
        let mut checksums = super::Checksums::new();
        assert_eq!(unchunk(body, &mut checksums).unwrap().as_ref(), b"abcde");
        assert_eq!(checksums["x-amz-checksum-crc32"], "hYfyBQ==");
        assert!(unchunk(b"5\r\nabc", &mut checksums).is_err());
        // The check value of the algorithm's catalogue.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
