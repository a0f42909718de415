//! What a browser on this machine has to be told differently: whom a page may ask, and where that is.
//!
//! On AWS a page asks `https://api.…`. Here no resolver knows the name and nothing speaks TLS. So where a document of data or a
//! page's policy names what leads to a door of this cloud, the door's address stands instead.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

const SCHEME: &str = "https://";

/// `port_of` knows the loopback port to which a name leads.
pub(super) fn translate(response: &mut Response<Bytes>, port_of: impl Fn(&str) -> Option<u16>) {
    let policy = response.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
    if let Some(Ok(policy)) = policy.map(|policy| HeaderValue::try_from(with_doors(policy, &port_of))) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/json"))
        && let Ok(text) = str::from_utf8(response.body())
    {
        let text = with_doors(text, &port_of);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Bytes::from(text);
    }
}

fn with_doors(text: &str, port_of: impl Fn(&str) -> Option<u16>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(SCHEME) {
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
        let end = after.find(|letter| !is_of_name(letter)).unwrap_or(after.len());
        let (name, further) = after.split_at(end);
        out.push_str(before);
        match port_of(name) {
            Some(port) => out.extend(["http://127.0.0.1:", &port.to_string()]),
            None => out.extend([SCHEME, name]),
        }
        rest = further;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::with_doors;

    #[test]
    fn names_that_lead_to_a_door_become_its_address() {
        let check = |text: &str, expected: &str| {
            assert_eq!(with_doors(text, |name| (name == "api.como.example").then_some(8080)), expected);
        };
        check(r#"{"api_url":"https://api.como.example"}"#, r#"{"api_url":"http://127.0.0.1:8080"}"#);
        check(
            "connect-src 'self' https://api.como.example https://cognito-idp.ap-southeast-1.amazonaws.com; x",
            "connect-src 'self' http://127.0.0.1:8080 https://cognito-idp.ap-southeast-1.amazonaws.com; x",
        );
        check("https://api.como.example.org, https://", "https://api.como.example.org, https://");
        check("no name", "no name");
    }
}
