//! The texts of an environment, each a type that only holds what is sound.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::local::LOCAL;
use crate::proposal::PROPOSAL;
use crate::refusal::{Refusal, quote};

/// A value that is written in the file in a simpler form: text, or a number.
pub(crate) trait Written: TryFrom<Self::Form, Error = Refusal> {
    type Form: serde::de::DeserializeOwned;
}

/// A text with its check and the JSON Schema that says the same to editors.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $check:path, $($schema:tt)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::refusal::Refusal;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                $check(&text)?;
                Ok(Self(text))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::refusal::Refusal;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::try_from(text.to_owned())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::refusal::Refusal;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::value::Written for $name {
            type Form = String;
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)+)
            }
        }
    };
}
pub(crate) use text_value;

text_value!(
    /// The name in `como deploy NAME`, in the file's name, and in every stack's name.
    EnvironmentName,
    check_name,
    { "type": "string", "pattern": "^[a-z][a-z0-9]{0,11}$" }
);

text_value!(
    /// An AWS account's number.
    Account,
    check_account,
    { "type": "string", "pattern": "^[0-9]{12}$" }
);

text_value!(
    /// A domain whose hosted zone this environment owns.
    Domain,
    check_domain,
    { "type": "string", "maxLength": Domain::LONGEST, "pattern": "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$" }
);

text_value!(
    /// The digest of the middleware's image; digests do not move, tags do.
    ImageDigest,
    check_digest,
    { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" }
);

text_value!(
    /// SevenRooms' id of the group that COMO's venues belong to.
    VenueGroup,
    check_venue_group,
    { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,128}$" }
);

text_value!(
    /// The key of a tag.
    TagKey,
    check_tag_key,
    { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9_.:/=+@ -]+$", "not": { "pattern": "^([aA][wW][sS]|como):" } }
);

text_value!(
    /// The value of a tag.
    TagValue,
    check_tag_value,
    { "type": "string", "maxLength": 256, "pattern": "^[A-Za-z0-9_.:/=+@ -]*$" }
);

impl Domain {
    /// DNS allows 253; what is left is for names such as `api.` and for certificates' validation records.
    const LONGEST: usize = 180;
}

/// What the environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Members use it: stateful resources are kept, and commands that change it ask first.
    Production,
    /// Developers use it.
    Development,
    /// Takes production's place when its region is down; as well kept as production.
    Recovery,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Production, Self::Development, Self::Recovery];
    /// Those of environments that serve for themselves.
    const OWN: [Self; 2] = [Self::Production, Self::Development];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
            Self::Recovery => "recovery",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Kind {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| Refusal::not_one_of(&text, "a kind of environment", Self::ALL))
    }
}

impl Written for Kind {
    type Form = String;
}

impl JsonSchema for Kind {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::OWN.map(Self::as_str) })
    }
}

/// In files of the other shapes: one word, and no other.
macro_rules! one_word {
    ($name:ident, $word:expr) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) struct $name;

        impl TryFrom<String> for $name {
            type Error = Refusal;

            fn try_from(text: String) -> Result<Self, Refusal> {
                let refusal = || Refusal::not_one_of(&text, "the kind of such a file", [$word]);
                (text == $word).then_some(Self).ok_or_else(refusal)
            }
        }

        impl Written for $name {
            type Form = String;
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "const": $word })
            }
        }
    };
}
one_word!(RecoveryKind, Kind::Recovery.as_str());
one_word!(ProposalKind, PROPOSAL);
one_word!(LocalKind, LOCAL);

fn check_name(text: &str) -> Result<(), Refusal> {
    let sound = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
        && text.len() <= 12;
    let refusal = || Refusal::new(format!("{} cannot be an environment's name", quote(text)));
    // A target group's name may have 32 characters; `como-`, `-` and the longest service's name take 17.
    sound.then_some(()).ok_or_else(|| refusal().accepting(["1 to 12 lower-case letters and digits, a letter first"]))
}

fn check_account(text: &str) -> Result<(), Refusal> {
    let sound = text.len() == 12 && text.chars().all(|character| character.is_ascii_digit());
    let refusal = || Refusal::new(format!("{} is not an AWS account's number", quote(text))).accepting(["12 digits"]);
    sound.then_some(()).ok_or_else(|| {
        refusal().hint("`aws sts get-caller-identity --query Account` shows the account of your credentials")
    })
}

fn check_domain(text: &str) -> Result<(), Refusal> {
    let refusal = Refusal::new(format!("{} is not a domain name", quote(text)));
    let refusal = refusal.accepting(["lower-case labels of letters, digits and hyphens, such as `club.example.com`"]);
    let last = text.rsplit('.').next().unwrap_or_default();
    let letter_first = last.starts_with(|first: char| first.is_ascii_lowercase()) && 2 <= last.len();
    let sound = text.contains('.') && text.split('.').all(is_label) && letter_first && text.len() <= Domain::LONGEST;
    if sound {
        return Ok(());
    }
    let lower = text.trim_end_matches('.').to_lowercase();
    let lower = lower.strip_prefix("https://").unwrap_or(&lower).trim_end_matches('/');
    let near = lower != text && lower.contains('.') && lower.split('.').all(is_label);
    Err(if near { refusal.hint(format!("write {}", quote(lower))) } else { refusal })
}

/// One part of a host name.
pub(crate) fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn check_digest(text: &str) -> Result<(), Refusal> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    let sound = hex.len() == 64 && hex.chars().all(|character| matches!(character, '0'..='9' | 'a'..='f'));
    let refusal = || Refusal::new(format!("{} is not an image's digest", quote(text)));
    sound.then_some(()).ok_or_else(|| refusal().accepting(["`sha256:` and 64 hexadecimal digits in lower case"]))
}

fn check_venue_group(text: &str) -> Result<(), Refusal> {
    let known = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    let sound = (1..=128).contains(&text.len()) && text.chars().all(known);
    let refusal = || Refusal::new(format!("{} is not a venue group's id", quote(text)));
    sound.then_some(()).ok_or_else(|| refusal().accepting(["1 to 128 letters, digits, hyphens and underscores"]))
}

/// What every AWS service takes in a tag; some take more.
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
fn is_tag_text(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | ':' | '/' | '=' | '+' | '@' | ' ' | '-')
    })
}

fn check_tag_key(text: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(format!("{} cannot be a tag's key", quote(text)));
    let prefix = text.split_once(':').map(|(prefix, _)| prefix).unwrap_or_default();
    if prefix.eq_ignore_ascii_case("aws") || prefix == "como" {
        return Err(refusal().hint("keys that begin with `aws:` belong to AWS, and those with `como:` to como"));
    }
    let sound = (1..=128).contains(&text.len()) && is_tag_text(text);
    sound.then_some(()).ok_or_else(|| refusal().accepting(["1 to 128 letters, digits, spaces and `_.:/=+-@`"]))
}

fn check_tag_value(text: &str) -> Result<(), Refusal> {
    let sound = text.len() <= 256 && is_tag_text(text);
    let refusal = || Refusal::new(format!("{} cannot be a tag's value", quote(text)));
    sound.then_some(()).ok_or_else(|| refusal().accepting(["up to 256 letters, digits, spaces and `_.:/=+-@`"]))
}
