//! How the generated types write themselves. Derived code would do the same, at three times the compile time.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// An object that is being written; the first error sticks.
pub(crate) struct Properties<S: Serializer>(Result<S::SerializeMap, S::Error>);

impl<S: Serializer> Properties<S> {
    pub(crate) fn of(serializer: S) -> Self {
        Self(serializer.serialize_map(None))
    }

    pub(crate) fn required(self, name: &'static str, value: &impl Serialize) -> Self {
        Self(self.0.and_then(|mut map| map.serialize_entry(name, value).map(|()| map)))
    }

    pub(crate) fn optional(self, name: &'static str, value: &Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.required(name, value),
            None => self,
        }
    }

    pub(crate) fn end(self) -> Result<S::Ok, S::Error> {
        self.0.and_then(SerializeMap::end)
    }
}
