//! A page of a distribution that a browser on this machine has loaded. Here it comes from a loopback address, on AWS from a name,
//! and the API with its services knows the name only: so the name is what they are told, and the address what the browser
//! hears.

use http::{HeaderMap, HeaderValue, header};

/// Where a page comes from, as the browser knows it and as it would on AWS.
pub(super) struct Page {
    here: HeaderValue,
    there: HeaderValue,
}

impl Page {
    /// Puts the name in place of the address. `name_at` knows the name of what answers on a loopback port.
    pub(super) fn introduce(headers: &mut HeaderMap, name_at: impl Fn(u16) -> Option<String>) -> Option<Self> {
        let here = headers.get(header::ORIGIN)?.clone();
        let address = here.to_str().ok()?.strip_prefix("http://")?;
        let port = address.strip_prefix("127.0.0.1:").or_else(|| address.strip_prefix("localhost:"))?.parse().ok()?;
        let there = HeaderValue::try_from(format!("https://{}", name_at(port)?)).ok()?;
        headers.insert(header::ORIGIN, there.clone());
        Some(Self { here, there })
    }

    /// Turns a permission for the name into one for the address.
    pub(super) fn answer(&self, headers: &mut HeaderMap) {
        if headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN) == Some(&self.there) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.here.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Page;
    use http::{HeaderMap, HeaderValue, header};

    /// What the API is told, and what the browser hears when the API allows the site.
    fn check(origin: &'static str, told: &str, heard: &str) {
        let mut asked = HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
        let page = Page::introduce(&mut asked, |port| (port == 8180).then(|| "como.example".to_owned()));
        assert_eq!(asked[header::ORIGIN], told, "{origin}");
        let allowed = HeaderValue::from_static("https://como.example");
        let mut answered = HeaderMap::from_iter([(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed)]);
        if let Some(page) = page {
            page.answer(&mut answered);
        }
        assert_eq!(answered[header::ACCESS_CONTROL_ALLOW_ORIGIN], heard, "{origin}");
    }

    #[test]
    fn a_page_of_the_site_is_known_by_its_name_and_nothing_else_is() {
        check("http://127.0.0.1:8180", "https://como.example", "http://127.0.0.1:8180");
        check("http://localhost:8180", "https://como.example", "http://localhost:8180");
        for other in ["http://127.0.0.1:5173", "https://127.0.0.1:8180", "https://app.como.example", "null"] {
            check(other, other, "https://como.example");
        }
    }
}
