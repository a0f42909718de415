//! Construct paths and the logical ids made of them.

use sha2::{Digest, Sha256};
use std::fmt;

/// CloudFormation allows 255 characters; the rest is left for the hash.
const READABLE_LIMIT: usize = 240;
/// Eight hexadecimal digits tell four billion paths apart; a clash within one stack is reported by synthesis.
const HASH_DIGITS: usize = 8;

/// Where a construct stands in its stack, from the outside in: `Service/TaskRole`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConstructPath(Vec<String>);

impl ConstructPath {
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn child(&self, id: &str) -> Self {
        let mut components = self.0.clone();
        components.push(id.to_owned());
        Self(components)
    }

    /// The id that CloudFormation knows the construct by: the readable path, then a hash of the whole path.
    ///
    /// The hash covers the exact components, so `A-B` and `AB`, or `A/B` and `AB`, never share an id. `Resource` and
    /// `Default` are dropped from the readable part only, and a component that repeats its predecessor is written once.
    #[must_use]
    pub fn logical_id(&self) -> String {
        let mut readable = String::new();
        let mut previous = String::new();
        for component in &self.0 {
            let plain: String = component.chars().filter(char::is_ascii_alphanumeric).collect();
            if plain == "Resource" || plain == "Default" || plain == previous {
                continue;
            }
            readable.push_str(&plain);
            previous = plain;
        }
        readable.truncate(READABLE_LIMIT);
        readable + &self.hash()
    }

    fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for component in &self.0 {
            // The length keeps `["a/b"]` and `["a", "b"]` apart.
            hasher.update(component.len().to_be_bytes());
            hasher.update(component.as_bytes());
        }
        hasher.finalize().iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02X}")).collect()
    }
}

impl fmt::Display for ConstructPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("/"))
    }
}

impl From<&str> for ConstructPath {
    fn from(path: &str) -> Self {
        Self(path.split('/').filter(|component| !component.is_empty()).map(str::to_owned).collect())
    }
}
