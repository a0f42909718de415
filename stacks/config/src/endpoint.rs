//! The base address of a partner's API.

use crate::refusal::{Refusal, quote};
use crate::value::{is_label, text_value};

text_value!(
    /// An `https` address without a trailing slash, such as `https://api.sevenrooms.com/2_4`.
    Endpoint,
    check,
    {
        "type": "string",
        "format": "uri",
        "maxLength": LONGEST,
        "pattern": "^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](:[1-9][0-9]{0,4})?(/[A-Za-z0-9._~-]+)*$"
    }
);

const LONGEST: usize = 500;

impl Endpoint {
    /// The host's name, for egress rules and allow-lists.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.as_str().trim_start_matches("https://");
        rest.split(['/', ':']).next().unwrap_or_default()
    }
}

fn check(text: &str) -> Result<(), Refusal> {
    // Credentials in an address would end up in templates and logs, so the value is not repeated when it may hold some.
    if text.contains('@') {
        let refusal = Refusal::new("an endpoint holds no user name or password");
        return Err(refusal.hint("credentials live in Secrets Manager; write the address without them"));
    }
    let refusal = Refusal::new(format!("{} is not a partner's address", quote(text)))
        .accepting(["`https://`, a host's name, and optionally a port and a path without a trailing slash"]);
    let Some(rest) = text.strip_prefix("https://") else {
        return Err(match text.strip_prefix("http://") {
            Some(rest) => {
                refusal.hint(format!("partners are called over TLS; write {}", quote(&format!("https://{rest}"))))
            }
            None => refusal,
        });
    };
    if text.ends_with('/') {
        return Err(refusal.hint(format!("write {}", quote(text.trim_end_matches('/')))));
    }
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let sound = text.len() <= LONGEST && is_host(host) && port.is_none_or(is_port) && path.is_none_or(is_path);
    if sound { Ok(()) } else { Err(refusal) }
}

/// A name, not an address: what a partner's certificate can be checked against.
fn is_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && host.split('.').all(is_label)
        && 2 <= last.len()
        && last.starts_with(|first: char| first.is_ascii_lowercase())
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && port.chars().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

fn is_path(path: &str) -> bool {
    let known = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '~' | '-');
    path.split('/').all(|segment| !segment.is_empty() && segment.chars().all(known))
}
