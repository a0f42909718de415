//! Reads one document key by key and collects all mistakes, each with its key and the accepted form.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingMistake {
    pub key: String,
    pub accepted: String,
}

impl fmt::Display for SettingMistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` must be {}", self.key, self.accepted)
    }
}

/// Values are not repeated: somebody may have put a secret into the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the document `{document}` has mistakes: {}", list(mistakes))]
pub struct SettingsError {
    pub document: &'static str,
    pub mistakes: Vec<SettingMistake>,
}

fn list(mistakes: &[SettingMistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(crate) struct DocumentReader {
    document: &'static str,
    values: Map<String, Value>,
    mistakes: Vec<SettingMistake>,
}

impl DocumentReader {
    pub(crate) fn new(document: &'static str, text: &str) -> Result<Self, SettingsError> {
        match serde_json::from_str(text) {
            Ok(Value::Object(values)) => Ok(Self { document, values, mistakes: Vec::new() }),
            Ok(_) | Err(_) => {
                let mistake = SettingMistake { key: "(document)".to_owned(), accepted: "a JSON object".to_owned() };
                Err(SettingsError { document, mistakes: vec![mistake] })
            }
        }
    }

    /// Text that `is_valid` accepts. A required key without value is a mistake; the empty text then stands in for it until
    /// [`DocumentReader::finish`] refuses the whole document.
    pub(crate) fn text(
        &mut self,
        key: &str,
        default: Option<&str>,
        accepted: &str,
        is_valid: impl Fn(&str) -> bool,
    ) -> String {
        match (self.values.shift_remove(key), default) {
            (Some(Value::String(text)), _) if is_valid(&text) => return text,
            (None, Some(default)) => return default.to_owned(),
            _ => self.mistake(key, accepted),
        }
        String::new()
    }

    /// A path that starts with `/` and names each placeholder.
    pub(crate) fn path(&mut self, key: &str, default: &str, placeholders: &[&str]) -> String {
        let accepted = match placeholders {
            [] => "a path that starts with `/`".to_owned(),
            names => format!("a path that starts with `/` and contains {}", names.join(", ")),
        };
        self.text(key, Some(default), &accepted, |path| {
            path.starts_with('/') && !path.contains("..") && placeholders.iter().all(|name| path.contains(name))
        })
    }

    /// A path as above, or `null` for a call that the partner does not offer.
    pub(crate) fn optional_path(&mut self, key: &str, default: Option<&str>, placeholders: &[&str]) -> Option<String> {
        match (self.values.get(key), default) {
            (Some(Value::Null), _) => {
                self.values.shift_remove(key);
                None
            }
            (None, None) => None,
            (None, Some(default)) => Some(default.to_owned()),
            (Some(_), _) => Some(self.path(key, "", placeholders)),
        }
    }

    pub(crate) fn optional_text(
        &mut self,
        key: &str,
        accepted: &str,
        is_valid: impl Fn(&str) -> bool,
    ) -> Option<String> {
        self.values.contains_key(key).then(|| self.text(key, None, accepted, is_valid))
    }

    /// The base address, without a slash at its end.
    pub(crate) fn base_url(&mut self, key: &str) -> String {
        self.base_url_or(key, None)
    }

    pub(crate) fn base_url_or(&mut self, key: &str, default: Option<&str>) -> String {
        let accepted = "an address such as https://partner.example.com (http only on the loopback interface)";
        let url = self.text(key, default, accepted, is_base_url);
        url.trim_end_matches('/').to_owned()
    }

    pub(crate) fn integer(&mut self, key: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        match self.values.shift_remove(key) {
            None => default,
            Some(value) => match value.as_u64().filter(|number| range.contains(number)) {
                Some(number) => number,
                None => {
                    self.mistake(key, &format!("a whole number from {} to {}", range.start(), range.end()));
                    default
                }
            },
        }
    }

    pub(crate) fn milliseconds(&mut self, key: &str, default: u64, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.integer(key, default, range))
    }

    pub(crate) fn seconds(&mut self, key: &str, default: u64, range: RangeInclusive<u64>) -> Duration {
        Duration::from_secs(self.integer(key, default, range))
    }

    /// Refuses keys that nobody asked for: most are slips of the pen, and a default would hide them.
    pub(crate) fn finish<T>(mut self, settings: T) -> Result<T, SettingsError> {
        let unknown: Vec<String> = self.values.keys().cloned().collect();
        for key in unknown {
            self.mistake(&key, "left out: there is no such setting");
        }
        match self.mistakes.is_empty() {
            true => Ok(settings),
            false => Err(SettingsError { document: self.document, mistakes: self.mistakes }),
        }
    }

    fn mistake(&mut self, key: &str, accepted: &str) {
        self.mistakes.push(SettingMistake { key: key.to_owned(), accepted: accepted.to_owned() });
    }
}

/// Credentials must not cross a network in the clear.
fn is_base_url(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    url.has_host() && is_bare && (url.scheme() == "https" || url.scheme() == "http" && is_loopback)
}
