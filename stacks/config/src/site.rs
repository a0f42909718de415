//! The pages that may call the API from a browser.

use std::collections::BTreeMap;

use crate::refusal::{Refusal, quote};
use crate::value::{is_label, text_value};

text_value!(
    /// Where a page comes from, as a browser says it: `https://app.como.example`, or `http://localhost:5173`.
    /// <https://developer.mozilla.org/en-US/docs/Glossary/Origin>
    Origin,
    check_origin,
    { "type": "string", "maxLength": 260, "pattern": "^(https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])|http://(localhost|127\\.0\\.0\\.1))(:[1-9][0-9]{0,4})?$" }
);

text_value!(
    /// What an origin is called in the file, such as `app`.
    OriginName,
    check_name,
    { "type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$" }
);

/// The origins besides the environment's own site, by name.
pub type Origins = BTreeMap<OriginName, Origin>;

fn check_origin(text: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(format!("{} is not the origin of a page", quote(text)));
    let (host, local) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => ("", false),
    };
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let is_port = |port: &str| !port.starts_with('0') && !port.starts_with('+') && port.parse::<u16>().is_ok();
    let last = host.rsplit('.').next().unwrap_or_default();
    let named = host.contains('.')
        && host.split('.').all(is_label)
        && 2 <= last.len()
        && last.starts_with(|first: char| first.is_ascii_lowercase());
    let sound = if local { matches!(host, "localhost" | "127.0.0.1") } else { named };
    if sound && port.is_none_or(is_port) && text.len() <= 260 {
        return Ok(());
    }
    let refusal = refusal().accepting(["`https://` and a host's name, or `http://localhost` with a port"]);
    Err(if text.ends_with('/') { refusal.hint("an origin has no path and no slash at its end") } else { refusal })
}

fn check_name(text: &str) -> Result<(), Refusal> {
    let sound = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 32
        && text
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-');
    let refusal = || Refusal::new(format!("{} cannot be an origin's name", quote(text)));
    sound
        .then_some(())
        .ok_or_else(|| refusal().accepting(["1 to 32 lower-case letters, digits and hyphens, a letter first"]))
}
