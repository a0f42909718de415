//! `If-Match` and its kin.

use super::failure::Failure;
use super::request::S3Request;
use super::shelf::Version;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Whether a write may go ahead over what is there now.
pub(super) fn check_write(request: &S3Request, current: Option<&Version>) -> Result<(), Failure> {
    if let Some(wanted) = request.header("if-none-match") {
        if wanted.trim() != "*" {
            return Err(Failure::not_offered("If-None-Match with anything but * on a write"));
        }
        if current.is_some() {
            return Err(Failure::precondition());
        }
    }
    if let Some(wanted) = request.header("if-match") {
        let current = current.ok_or_else(Failure::no_key)?;
        if !matches(wanted, current) {
            return Err(Failure::precondition());
        }
    }
    Ok(())
}

/// Whether a read answers with the object.
pub(super) fn check_read(request: &S3Request, version: &Version) -> Result<(), Failure> {
    let since =
        |name: &str| request.header(name).and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
    // HTTP's dates have no fractions.
    let modified = Timestamp::from_second(version.modified.as_second()).unwrap_or(version.modified);
    match request.header("if-match") {
        Some(wanted) if !matches(wanted, version) => return Err(Failure::precondition()),
        None if since("if-unmodified-since").is_some_and(|date| date < modified) => return Err(Failure::precondition()),
        _ => {}
    }
    let unchanged = match request.header("if-none-match") {
        Some(known) => matches(known, version),
        None => since("if-modified-since").is_some_and(|date| modified <= date),
    };
    if unchanged {
        let etag = format!("\"{}\"", version.etag);
        return Err(Failure::new(304, "NotModified", "Not Modified").with("etag", etag));
    }
    Ok(())
}

fn matches(header: &str, version: &Version) -> bool {
    header.split(',').map(|etag| etag.trim().trim_matches('"')).any(|etag| etag == "*" || etag == version.etag)
}
