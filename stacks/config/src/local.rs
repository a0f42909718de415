//! An environment without a cloud: the API and its stores in one process of this machine.

use crate::convert;
use crate::environment::{Environment, Parts};
use crate::file::LocalFile;
use crate::log::Log;
use crate::number::number_value;
use crate::siblings::Siblings;
use crate::value::Kind;

/// The `kind` of such a file.
pub(crate) const LOCAL: &str = "local";

/// What `como deploy local` brings up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    like: Environment,
    port: Port,
}

/// A port that anybody may listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port(u16);

impl Local {
    /// The environment that it imitates, under its own name: only what stores look like follows from it.
    #[must_use]
    pub const fn like(&self) -> &Environment {
        &self.like
    }

    #[must_use]
    pub const fn port(&self) -> Port {
        self.port
    }
}

number_value!(
    Port, u16, ["a whole number from 1024 to 65535"], |port| 1024 <= *port, "a port of one's own",
    { "type": "integer", "minimum": 1024, "maximum": 65_535 }
);

/// `None` when something is wrong, which is in the log then.
pub(crate) fn local(file: LocalFile, stem: Option<&str>, siblings: &Siblings, log: &Log) -> Option<Local> {
    let name = convert::name(file.name, stem, log);
    let kind = file.kind.take(log);
    let port = file.port.take(log);
    let (like, _) = siblings.find(file.like, log)?;
    kind?;
    // There is one process, so nothing is copied and nobody else's stacks are used.
    let parts = Parts {
        name: name?,
        kind: Kind::Development,
        shares: None,
        recovery: None,
        standby: None,
        ..Parts::clone(like.parts())
    };
    Some(Local { like: Environment::new(parts), port: port? })
}
