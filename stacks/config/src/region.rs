//! AWS regions and their zones.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::refusal::{Refusal, quote};
use crate::value::Written;

/// The regions of the commercial partition, with the letters of their zones. An account may see fewer zones than a
/// region has; CloudFormation then says so.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>
const REGIONS: [(&str, &str); 34] = [
    ("af-south-1", "abc"),
    ("ap-east-1", "abc"),
    ("ap-east-2", "abc"),
    ("ap-northeast-1", "acd"),
    ("ap-northeast-2", "abcd"),
    ("ap-northeast-3", "abc"),
    ("ap-south-1", "abc"),
    ("ap-south-2", "abc"),
    ("ap-southeast-1", "abc"),
    ("ap-southeast-2", "abc"),
    ("ap-southeast-3", "abc"),
    ("ap-southeast-4", "abc"),
    ("ap-southeast-5", "abc"),
    ("ap-southeast-6", "abc"),
    ("ap-southeast-7", "abc"),
    ("ca-central-1", "abd"),
    ("ca-west-1", "abc"),
    ("eu-central-1", "abc"),
    ("eu-central-2", "abc"),
    ("eu-north-1", "abc"),
    ("eu-south-1", "abc"),
    ("eu-south-2", "abc"),
    ("eu-west-1", "abc"),
    ("eu-west-2", "abc"),
    ("eu-west-3", "abc"),
    ("il-central-1", "abc"),
    ("me-central-1", "abc"),
    ("me-south-1", "abc"),
    ("mx-central-1", "abc"),
    ("sa-east-1", "abc"),
    ("us-east-1", "abcdef"),
    ("us-east-2", "abc"),
    ("us-west-1", "abc"),
    ("us-west-2", "abcd"),
];

/// An AWS region, such as `ap-southeast-1`, Singapore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    name: &'static str,
    letters: &'static str,
}

/// An availability zone of a region, such as `ap-southeast-1a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone {
    region: Region,
    letter: ZoneLetter,
}

/// What tells the zones of one region apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneLetter(char);

impl Region {
    /// Where AWS keeps what serves all regions: CloudFront's certificates and firewalls, Route 53's logs.
    pub const GLOBAL: Self = Self { name: "us-east-1", letters: "abcdef" };

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// In the order of the alphabet.
    pub fn zones(self) -> impl Iterator<Item = Zone> {
        self.letters.chars().map(move |letter| Zone { region: self, letter: ZoneLetter(letter) })
    }

    /// The zone of that letter, if the region has it.
    ///
    /// # Errors
    /// Names the letters that the region has.
    pub fn zone(self, letter: ZoneLetter) -> Result<Zone, Refusal> {
        let found = self.zones().find(|zone| zone.letter == letter);
        let refusal = || Refusal::new(format!("{} has no zone {}", self.name, quote(&letter.to_string())));
        found.ok_or_else(|| refusal().accepting(self.letters.chars().map(String::from)))
    }
}

impl Zone {
    /// As AWS writes it: `ap-southeast-1a`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}{}", self.region.name, self.letter)
    }

    #[must_use]
    pub const fn region(self) -> Region {
        self.region
    }

    #[must_use]
    pub const fn letter(self) -> ZoneLetter {
        self.letter
    }
}

impl ZoneLetter {
    #[must_use]
    pub const fn as_char(self) -> char {
        self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.region, self.letter)
    }
}

impl fmt::Display for ZoneLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<&str> for Region {
    type Error = Refusal;

    fn try_from(text: &str) -> Result<Self, Refusal> {
        let found = REGIONS.into_iter().find(|(name, _)| *name == text);
        let names = REGIONS.into_iter().map(|(name, _)| name);
        match found {
            Some((name, letters)) => Ok(Self { name, letters }),
            None => Err(Refusal::not_one_of(text, "an AWS region that como knows", names)),
        }
    }
}

impl TryFrom<String> for Region {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::try_from(text.as_str())
    }
}

impl std::str::FromStr for Region {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::try_from(text)
    }
}

impl TryFrom<String> for ZoneLetter {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let mut characters = text.chars();
        if let (Some(letter @ 'a'..='f'), None) = (characters.next(), characters.next()) {
            return Ok(Self(letter));
        }
        let refusal =
            Refusal::new(format!("{} is not the letter of a zone", quote(&text))).accepting(["a letter from a to f"]);
        let last = text.chars().last().filter(|last| 1 < text.len() && matches!(last, 'a'..='f'));
        Err(match last {
            Some(last) => refusal.hint(format!("write `{last}`; the region is named once, in `region`")),
            None => refusal,
        })
    }
}

impl Written for Region {
    type Form = String;
}

impl Written for ZoneLetter {
    type Form = String;
}

impl JsonSchema for Region {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Region".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = REGIONS.iter().map(|(name, _)| *name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

impl JsonSchema for ZoneLetter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ZoneLetter".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-f]$" })
    }
}
