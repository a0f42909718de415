//! Numbers with a fraction, read digit by digit: none of them ever is a float.

use std::fmt;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::refusal::{Refusal, quote};
use crate::value::Written;

/// A number as the file writes it.
#[derive(Debug)]
pub(crate) struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Digits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Digits, E> {
                Ok(Digits(text.to_owned()))
            }
        }

        // What the tree hands out for a float are its digits.
        deserializer.deserialize_f64(Text)
    }
}

/// How much of something is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

impl Amount {
    /// More than any account uses of anything, and few enough digits for exact products with prices.
    const MOST: i64 = 1_000_000_000_000;
    const DECIMALS: u32 = 6;

    #[must_use]
    pub const fn get(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<Digits> for Amount {
    type Error = Refusal;

    fn try_from(Digits(text): Digits) -> Result<Self, Refusal> {
        let most = Decimal::from(Self::MOST);
        let number = Decimal::from_str_exact(text.trim_start_matches('+')).ok().map(|number| number.normalize());
        let sound = number.filter(|number| number.scale() <= Self::DECIMALS && number.abs() <= most);
        let refusal = || Refusal::new(format!("{} cannot be an amount", quote(&text)));
        let accepted = format!("a number of up to {most} with up to {} decimals, written out", Self::DECIMALS);
        sound.map(Self).ok_or_else(|| refusal().accepting([accepted]))
    }
}

impl Written for Amount {
    type Form = Digits;
}

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": -Self::MOST, "maximum": Self::MOST })
    }
}
