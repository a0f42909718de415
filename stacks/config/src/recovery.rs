//! The second region: where an environment recovers, and what stands there while it does not have to.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::environment::Environment;
use crate::refusal::Refusal;
use crate::region::Region;
use crate::value::Written;

/// Where an environment's data is copied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    region: Region,
    witness: Region,
}

/// What makes an environment the stand-in of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standby {
    of: Box<Environment>,
    posture: Posture,
}

/// How much of a stand-in is up while it is not needed; the base part always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Posture {
    /// The base part only.
    Cold,
    /// Everything that costs nothing by the hour.
    PilotLight,
    /// Everything, with one task a service.
    Warm,
}

impl Recovery {
    pub(crate) const fn new(region: Region, witness: Region) -> Self {
        Self { region, witness }
    }

    /// Where the environment recovers.
    #[must_use]
    pub const fn region(self) -> Region {
        self.region
    }

    /// The third region, which only says which of the two others may write.
    #[must_use]
    pub const fn witness(self) -> Region {
        self.witness
    }
}

impl Standby {
    pub(crate) fn new(of: Environment, posture: Posture) -> Self {
        Self { of: Box::new(of), posture }
    }

    /// The environment that this one replaces when it must.
    #[must_use]
    pub fn of(&self) -> &Environment {
        &self.of
    }

    #[must_use]
    pub const fn posture(&self) -> Posture {
        self.posture
    }
}

impl Posture {
    pub const ALL: [Self; 3] = [Self::Cold, Self::PilotLight, Self::Warm];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::PilotLight => "pilot-light",
            Self::Warm => "warm",
        }
    }
}

impl fmt::Display for Posture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Posture {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let found = Self::ALL.into_iter().find(|posture| posture.as_str() == text);
        found.ok_or_else(|| Refusal::not_one_of(&text, "a posture", Self::ALL))
    }
}

impl Written for Posture {
    type Form = String;
}

impl JsonSchema for Posture {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Posture".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::as_str) })
    }
}
