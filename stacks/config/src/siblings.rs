//! The other files of the folder, to which a file may refer by name.

use std::collections::BTreeMap;

use como_contract::service::Service;

use crate::environment::Environment;
use crate::line::Place;
use crate::log::Log;
use crate::mistake::Code;
use crate::parse::parse_among;
use crate::placed::Field;
use crate::refusal::Refusal;
use crate::value::EnvironmentName;

/// Texts of environment files by the environment's name. Only what a file refers to is ever looked at.
#[derive(Debug, Clone)]
pub struct Siblings {
    texts: BTreeMap<String, String>,
    services: &'static [&'static str],
}

impl Default for Siblings {
    /// No other file, and the services of the contract.
    fn default() -> Self {
        Self { texts: BTreeMap::new(), services: Service::NAMES }
    }
}

impl Siblings {
    /// All files of the folder have a block for each of these services, and for no other.
    #[must_use]
    pub const fn for_services(mut self, services: &'static [&'static str]) -> Self {
        self.services = services;
        self
    }

    pub(crate) const fn services(&self) -> &'static [&'static str] {
        self.services
    }

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
        let alone = Self::default().for_services(self.services);
        match parse_among(&format!("{name}.yaml"), text, &alone) {
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
