//! What the file's types wrap their values in; `collect` says why.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::line::Place;
use crate::log::Log;
use crate::mistake::Code;
use crate::refusal::Refusal;
use crate::value::Written;

/// A value and where it is; empty when it was missing or of the wrong type, which is in the log by then.
#[derive(Debug)]
pub(crate) struct Placed<T> {
    pub(crate) place: Place,
    pub(crate) value: Option<T>,
}

/// A value that has to be accepted as `T`.
#[derive(Debug)]
pub(crate) struct Field<T> {
    pub(crate) place: Place,
    /// `Err(None)` is in the log already.
    outcome: Result<T, Option<Refusal>>,
}

/// A mapping whose keys are the author's choice, in the order of the file.
#[derive(Debug)]
pub(crate) struct Entries<K, V>(pub(crate) Vec<(Field<K>, V)>);

impl<T> Field<T> {
    /// The value; what is wrong with it goes to the log.
    pub(crate) fn take(self, log: &Log) -> Option<T> {
        match self.outcome {
            Ok(value) => Some(value),
            Err(refusal) => {
                if let Some(refusal) = refusal {
                    log.add(Code::InvalidValue, &self.place, refusal);
                }
                None
            }
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Whole<T> {
            type Value = Placed<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Placed<T>, A::Error> {
                let start = parts.next_element()?.unwrap_or_default();
                let end = parts.next_element()?.unwrap_or_default();
                Ok(Placed { place: start..end, value: parts.next_element()? })
            }
        }

        deserializer.deserialize_newtype_struct("Placed", Whole(PhantomData))
    }
}

impl<'de, T: Written> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Placed { place, value } = Placed::<T::Form>::deserialize(deserializer)?;
        let outcome = value.ok_or(None).and_then(|form| T::try_from(form).map_err(Some));
        Ok(Self { place, outcome })
    }
}

impl<'de, K: Written, V: Deserialize<'de>> Deserialize<'de> for Entries<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Written, V: Deserialize<'de>> Visitor<'de> for All<K, V> {
            type Value = Entries<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a block of keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<K, V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(All(PhantomData))
    }
}

/// The wrappers say nothing of their own to an editor.
macro_rules! transparent_schema {
    ($($name:ident),+) => {
        $(impl<T: JsonSchema> JsonSchema for $name<T> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                generator.subschema_for::<T>()
            }
        })+
    };
}
transparent_schema!(Placed, Field);

impl<K: JsonSchema, V: JsonSchema> JsonSchema for Entries<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Entries".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let keys = generator.subschema_for::<K>();
        let values = generator.subschema_for::<V>();
        json_schema!({ "type": "object", "propertyNames": keys, "additionalProperties": values })
    }
}
