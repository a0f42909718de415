//! The other files of the folder, to which a file may refer by name.

use std::collections::BTreeMap;

use crate::environment::Environment;
use crate::line::Place;
use crate::log::Log;
use crate::mistake::Code;
use crate::parse::parse;
use crate::placed::Field;
use crate::refusal::Refusal;
use crate::value::EnvironmentName;

/// Texts of environment files by the environment's name. Only what a file refers to is ever looked at.
#[derive(Debug, Clone, Default)]
pub struct Siblings {
    texts: BTreeMap<String, String>,
}

impl Siblings {
    /// The file `<name>.yaml` of the same folder.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.texts.insert(name.into(), text.into());
        self
    }

    /// The environment that a field names; it must stand on its own feet, so references never chain.
    pub(crate) fn find(&self, field: Field<EnvironmentName>, log: &Log) -> Option<(Environment, Place)> {
        let place = field.place.clone();
        let name = field.take(log)?;
        let Some(text) = self.texts.get(name.as_str()) else {
            let refusal = Refusal::not_one_of(name.as_str(), "an environment of this folder", self.texts.keys());
            log.add(Code::Conflict, &place, refusal);
            return None;
        };
        match parse(&format!("{name}.yaml"), text) {
            Ok(environment) => Some((environment, place)),
            Err(_) => {
                let refusal = Refusal::new(format!("{name}.yaml has mistakes of its own, or refers to another file"));
                let hint = format!("`como validate {name}` shows them; what is referred to must stand on its own");
                log.add(Code::Conflict, &place, refusal.hint(hint));
                None
            }
        }
    }
}
