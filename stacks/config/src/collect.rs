//! A serde deserializer over the tree that notes a mistake and goes on with the next value.
//!
//! serde's derived code gives up at the first error inside a struct. So every value of a file's types is wrapped in
//! [`Placed`]: when reading what is inside fails, the deserializer notes it and hands an empty wrapper back, and the struct
//! around it is read to its end. A struct says which keys it has, so unknown and missing ones are noted here too.

use std::fmt;

use serde::Deserialize;
use serde::de::value::U64Deserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::line::Place;
use crate::log::Log;
use crate::mistake::Code;
use crate::placed::Placed;
use crate::refusal::{Refusal, quote, shortened};
use crate::scalar::{is_boolean, is_null, is_number, whole_number};
use crate::service::PER_SERVICE;
use crate::suggest::nearest;
use crate::tree::{Content, Entry, Node};

/// Reads the whole file. `services` are those that there are, in their order.
pub(crate) fn collect<T: serde::de::DeserializeOwned>(
    root: &Node,
    services: &'static [&'static str],
    log: &Log,
) -> Option<T> {
    let owner = root.place.start..root.place.start;
    let source = Source { node: Some(root), key: "", owner: &owner, holder: None, services, log };
    Placed::<T>::deserialize(source).ok()?.value
}

/// One value of the tree, or its absence.
#[derive(Clone, Copy)]
struct Source<'t> {
    node: Option<&'t Node>,
    key: &'t str,
    /// Where the key stands that leads here, or to the mapping in which this is missing.
    owner: &'t Place,
    /// The key of the mapping in which this is missing; none for the whole file.
    holder: Option<&'t str>,
    services: &'static [&'static str],
    log: &'t Log,
}

impl Source<'_> {
    /// A block is many lines, so its key stands for it.
    fn place(&self) -> &Place {
        match self.node {
            Some(Node { place, content: Content::Scalar { .. } | Content::List | Content::Refused }) => place,
            Some(Node { content: Content::Mapping(_), .. }) | None => self.owner,
        }
    }

    fn wrong(&self, expected: &str) -> Fault {
        let found = match self.node.map(|node| &node.content) {
            Some(Content::List) => "a list".to_owned(),
            Some(Content::Mapping(_)) => "a block of keys".to_owned(),
            Some(Content::Scalar { text, plain: true }) if is_null(text) => "nothing".to_owned(),
            Some(Content::Scalar { text, plain: true }) if is_number(text) => format!("the number {}", quote(text)),
            Some(Content::Scalar { text, plain: true }) if is_boolean(text) => {
                format!("the truth value {}", quote(text))
            }
            Some(Content::Scalar { text, .. }) => format!("the text {}", quote(text)),
            Some(Content::Refused) | None => "nothing".to_owned(),
        };
        Fault(Refusal::new(format!("{expected} belongs here, not {found}")))
    }

    fn scalar(&self) -> Option<(&str, bool)> {
        match self.node.map(|node| &node.content) {
            Some(Content::Scalar { text, plain }) => Some((text, *plain)),
            _ => None,
        }
    }
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.scalar() {
            Some((text, true)) if is_null(text) => Err(self.wrong("text")),
            Some((text, true)) if is_number(text) || is_boolean(text) => {
                let Fault(refusal) = self.wrong("text");
                Err(Fault(refusal.hint(format!("write it in quotes: \"{}\"", shortened(text)))))
            }
            Some((text, _)) => visitor.visit_str(text),
            None => Err(self.wrong("text")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let expected = "a whole number";
        match self.scalar() {
            Some((text, true)) => match whole_number(text) {
                Some(i64::MAX) => Err(Fault(Refusal::new(format!("{} is too large a number", quote(text))))),
                Some(number) => visitor.visit_i64(number),
                None => Err(self.wrong(expected)),
            },
            Some((text, false)) if whole_number(text).is_some() => {
                let Fault(refusal) = self.wrong(expected);
                Err(Fault(refusal.hint(format!("write it without quotes: {}", shortened(text)))))
            }
            _ => Err(self.wrong(expected)),
        }
    }

    /// For numbers with a fraction, whose digits are handed out as they are written.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let expected = "a number";
        match self.scalar() {
            Some((text, true)) if is_number(text) => visitor.visit_str(text),
            Some((text, false)) if is_number(text) => {
                let Fault(refusal) = self.wrong(expected);
                Err(Fault(refusal.hint(format!("write it without quotes: {}", shortened(text)))))
            }
            _ => Err(self.wrong(expected)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // Which services there are is no type's to say, so that a test can have one more.
        let fields = if name == PER_SERVICE { self.services } else { fields };
        let Some(Content::Mapping(entries)) = self.node.map(|node| &node.content) else {
            let Fault(refusal) = self.wrong("a block of keys");
            return Err(Fault(refusal.accepting(fields.iter().copied())));
        };
        let known = entries.iter().filter(|entry| fields.contains(&entry.name()));
        let mut found: Vec<(Option<&str>, &Entry)> = known.map(|entry| (Some(entry.name()), entry)).collect();
        let mut missing = fields.to_vec();
        missing.retain(|field| found.iter().all(|(name, _)| *name != Some(*field)));
        for entry in entries.iter().filter(|entry| !fields.contains(&entry.name())) {
            let refusal = Refusal::new(format!("{} is not a key that belongs here", quote(entry.name())));
            let mut refusal = refusal.accepting(fields.iter().copied());
            // A slip for a missing key stands for it: what is below is read as well, and the key counts as found.
            if let Some(near) = nearest(entry.name(), missing.iter().copied()) {
                refusal = refusal.hint(format!("did you mean `{near}`?"));
                missing.retain(|field| *field != near);
                found.push((Some(near), entry));
            }
            self.log.add(Code::UnknownKey, &entry.key.place, refusal);
        }
        if name == PER_SERVICE {
            found.sort_by_key(|(name, _)| fields.iter().position(|field| Some(*field) == *name));
        }
        visitor.visit_map(Keys { found: found.into_iter(), missing: missing.into_iter(), at: None, source: self })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Some(Content::Mapping(entries)) = self.node.map(|node| &node.content) else {
            return Err(self.wrong("a block of keys"));
        };
        let found: Vec<(Option<&str>, &Entry)> = entries.iter().map(|entry| (None, entry)).collect();
        visitor.visit_map(Keys { found: found.into_iter(), missing: Vec::new().into_iter(), at: None, source: self })
    }

    /// A block whose keys have all been commented out is as good as none.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match (self.node, self.scalar()) {
            (None, _) => visitor.visit_none(),
            (Some(_), Some((text, true))) if is_null(text) => visitor.visit_none(),
            (Some(_), _) => visitor.visit_some(self),
        }
    }

    /// Only [`Placed`] asks for this.
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Parts { source: self, step: Step::Start })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 u8 u16 u32 u64 f32 char str bytes byte_buf unit unit_struct seq tuple tuple_struct enum
        identifier ignored_any
    }
}

/// The keys of a mapping that are wanted, then those that are missing.
struct Keys<'t> {
    /// With the name of a struct's field, or none when the key is a value itself.
    found: std::vec::IntoIter<(Option<&'t str>, &'t Entry)>,
    missing: std::vec::IntoIter<&'t str>,
    at: Option<Source<'t>>,
    source: Source<'t>,
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Source { owner, log, holder, services, .. } = self.source;
        if let Some((name, entry)) = self.found.next() {
            let at = Source {
                node: Some(&entry.value),
                key: entry.name(),
                owner: &entry.key.place,
                holder: Some(entry.name()),
                services,
                log,
            };
            self.at = Some(at);
            return match name {
                Some(name) => seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(name)).map(Some),
                None => seed.deserialize(Source { node: Some(&entry.key), ..at }).map(Some),
            };
        }
        let Some(key) = self.missing.next() else { return Ok(None) };
        self.at = Some(Source { node: None, key, owner, holder, services, log });
        seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(self.at.take().unwrap_or(self.source))
    }
}

/// A value as [`Placed`] takes it: start, end, and what could be read.
struct Parts<'t> {
    source: Source<'t>,
    step: Step,
}

enum Step {
    Start,
    End,
    Value,
    Done,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Source { node, key, owner, holder, log, .. } = self.source;
        let place = self.source.place();
        let number = |offset: usize| U64Deserializer::new(offset as u64);
        match self.step {
            Step::Start => {
                self.step = Step::End;
                seed.deserialize(number(place.start)).map(Some)
            }
            Step::End => {
                self.step = Step::Value;
                seed.deserialize(number(place.end)).map(Some)
            }
            Step::Value => {
                self.step = Step::Done;
                match node.map(|node| &node.content) {
                    None => {
                        let holder = holder.map_or("the file".to_owned(), quote);
                        log.add(Code::MissingKey, owner, Refusal::new(format!("{holder} has no key `{key}`")));
                        Ok(None)
                    }
                    Some(Content::Refused) => Ok(None),
                    Some(_) => Ok(seed
                        .deserialize(self.source)
                        .map_err(|Fault(refusal)| log.add(Code::WrongType, place, refusal))
                        .ok()),
                }
            }
            Step::Done => Ok(None),
        }
    }
}

/// Why a value could not be read as what its type says.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Fault(Refusal);

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Refusal::new(message.to_string()))
    }
}
