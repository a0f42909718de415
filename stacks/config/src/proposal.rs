//! What was once proposed: two environments that are synthesised and priced, and never deployed.

use crate::convert;
use crate::environment::Environment;
use crate::file::ProposalFile;
use crate::log::Log;
use crate::mistake::Code;
use crate::refusal::{Refusal, quote};
use crate::siblings::Siblings;
use crate::usage::Described;
use crate::value::text_value;

/// The `kind` of such a file.
pub(crate) const PROPOSAL: &str = "proposal";

text_value!(
    /// What a proposal is called, such as `proposal-2021`.
    ProposalName,
    check_name,
    { "type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$" }
);

/// Production and development as they were proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    name: ProposalName,
    production: Environment,
    development: Environment,
}

impl Proposal {
    #[must_use]
    pub const fn name(&self) -> &ProposalName {
        &self.name
    }

    #[must_use]
    pub const fn production(&self) -> &Environment {
        &self.production
    }

    #[must_use]
    pub const fn development(&self) -> &Environment {
        &self.development
    }
}

/// `None` when something is wrong, which is in the log then. A proposal refers to no file: it must stay as it was.
pub(crate) fn proposal(file: ProposalFile, stem: Option<&str>, log: &Log) -> Option<Proposal> {
    let alone = Siblings::default();
    let place = file.name.place.clone();
    let name = file.name.take(log);
    if let (Some(name), Some(stem)) =
        (&name, stem.filter(|stem| name.as_ref().is_some_and(|name| name.as_str() != *stem)))
    {
        let refusal = Refusal::new(format!("the file is called {stem}.yaml and names `{name}`"));
        log.add(Code::Conflict, &place, refusal.hint(format!("rename the file to {name}.yaml, or change the name")));
    }
    let kind = file.kind.take(log);
    let production =
        file.production.value.and_then(|file| convert::environment(file, None, &alone, Described::Proposal, log));
    let development =
        file.development.value.and_then(|file| convert::environment(file, None, &alone, Described::Proposal, log));
    kind?;
    Some(Proposal { name: name?, production: production?, development: development? })
}

fn check_name(text: &str) -> Result<(), Refusal> {
    let sound = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 32
        && text
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-');
    let refusal = || Refusal::new(format!("{} cannot be a proposal's name", quote(text)));
    sound
        .then_some(())
        .ok_or_else(|| refusal().accepting(["1 to 32 lower-case letters, digits and hyphens, a letter first"]))
}
