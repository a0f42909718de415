//! The files and how they are served.

use como_contract::site;

/// A file of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// From the site's root, without a slash in front.
    pub name: &'static str,
    pub content_type: &'static str,
    pub cache_control: &'static str,
    pub content: &'static [u8],
}

/// Asked for anew every time, which costs a short answer where nothing has changed.
const FRESH: &str = "no-cache";
/// The name holds a version, so the content never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! file {
    ($name:expr, $path:literal, $content_type:expr, $cache_control:expr) => {
        File {
            name: $name,
            content_type: $content_type,
            cache_control: $cache_control,
            content: include_bytes!(concat!("../files/", $path)),
        }
    };
}

/// Every file that is the same in all environments, what others refer to first.
#[must_use]
pub const fn files() -> &'static [File] {
    const FILES: &[File] = &[
        file!("amplify-6.22.1.min.js", "amplify-6.22.1.min.js", SCRIPT, FOR_EVER),
        file!("amplify-6.22.1.LICENSES.txt", "amplify-6.22.1.LICENSES.txt", TEXT, FOR_EVER),
        file!("icon.svg", "icon.svg", PICTURE, FRESH),
        file!("site.css", "site.css", STYLE, FRESH),
        file!("settings.js", "settings.js", SCRIPT, FRESH),
        file!("session.js", "session.js", SCRIPT, FRESH),
        file!("api.js", "api.js", SCRIPT, FRESH),
        file!("sign-in.js", "sign-in.js", SCRIPT, FRESH),
        file!(site::NOT_FOUND_PAGE, "not-found.html", HTML, FRESH),
        file!(site::CARD_SUCCESS_PAGE, "card-success.html", HTML, FRESH),
        file!(site::CARD_CANCEL_PAGE, "card-cancel.html", HTML, FRESH),
        file!(site::SIGN_IN_PAGE, "sign-in.html", HTML, FRESH),
        file!(site::START_PAGE, "index.html", HTML, FRESH),
    ];
    FILES
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn text(file: &File) -> &str {
        std::str::from_utf8(file.content).unwrap_or_default()
    }

    fn pages() -> impl Iterator<Item = &'static File> {
        files().iter().filter(|file| file.content_type == HTML)
    }

    /// The values of an attribute, or what follows `from` in a script.
    fn quoted<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
        let quote = before.chars().last().unwrap_or_default();
        text.split(before).skip(1).filter_map(|rest| rest.split(quote).next()).collect()
    }

    #[test]
    fn every_file_of_the_folder_is_served_under_its_own_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/files");
        let entries = fs_err::read_dir(folder).unwrap_or_else(|error| panic!("{error}"));
        let there: BTreeSet<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        let served: BTreeSet<String> = files().iter().map(|file| file.name.to_owned()).collect();
        assert_eq!(served, there);
    }

    #[test]
    fn pages_and_scripts_load_nothing_that_is_not_here() {
        let known: BTreeSet<&str> = files().iter().map(|file| file.name).chain(["openapi.json"]).collect();
        for page in pages() {
            for link in quoted(text(page), "src=\"").into_iter().chain(quoted(text(page), "href=\"")) {
                let is_known = link.starts_with('#') || link.strip_prefix('/').is_some_and(|name| known.contains(name));
                assert!(is_known, "{} leads to {link}", page.name);
            }
        }
        let own = files().iter().filter(|file| file.content_type == SCRIPT && file.cache_control == FRESH);
        for script in own {
            for import in quoted(text(script), "from '") {
                assert!(import.strip_prefix('/').is_some_and(|name| known.contains(name)), "{import}");
            }
        }
    }

    #[test]
    fn a_strict_policy_lets_every_page_through() {
        for page in pages() {
            let text = text(page);
            assert!(
                text.contains(
                    "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self';"
                )
            );
            for forbidden in ["<script>", "<style", " style=", " onclick=", " onload=", "javascript:"] {
                assert!(!text.contains(forbidden), "{} has {forbidden}", page.name);
            }
            for expected in ["<html lang=\"en\">", "<title>", "name=\"viewport\"", "<main id=\"content\"", "<h1"] {
                assert!(text.contains(expected), "{} lacks {expected}", page.name);
            }
        }
        let own = files().iter().filter(|file| file.content_type == SCRIPT && file.cache_control == FRESH);
        for script in own {
            for forbidden in ["innerHTML", "eval(", "new Function", ".style.", "localStorage"] {
                assert!(!text(script).contains(forbidden), "{} uses {forbidden}", script.name);
            }
        }
    }

    /// The password goes to the API and nowhere else.
    #[test]
    fn signing_in_is_the_apis_business() {
        let sign_in = files().iter().find(|file| file.name == "sign-in.js").map(text).unwrap_or_default();
        assert!(sign_in.contains("/v1/accounts/login") && !sign_in.contains("amplify"));
        let entry = include_str!("../amplify/entry.js");
        assert!(!entry.contains("signIn") && entry.contains("cognitoUserPoolsTokenProvider"));
    }
}
