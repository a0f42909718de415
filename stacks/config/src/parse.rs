//! The doors: text, bytes, or something that can be read.

use std::io::Read;

use crate::collect::collect;
use crate::convert;
use crate::environment::Environment;
use crate::file::{EnvironmentFile, LocalFile, ProposalFile, StandbyFile};
use crate::line::Place;
use crate::local::{self, LOCAL, Local};
use crate::log::Log;
use crate::mistake::{Code, Mistakes};
use crate::proposal::{self, PROPOSAL, Proposal};
use crate::refusal::Refusal;
use crate::siblings::Siblings;
use crate::standby;
use crate::tree::{Node, plant};
use crate::usage::Described;
use crate::value::Kind;

/// A larger file is refused before it is looked at; `prod.yaml` has under fifteen thousand bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Why no environment came out of a file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("reading {file}")]
    Read { file: String, source: std::io::Error },
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// What a file of the folder can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    Environment(Box<Environment>),
    Proposal(Box<Proposal>),
    Local(Box<Local>),
}

/// Reads an environment that refers to no other. The name is for messages, and `prod.yaml` must hold an environment called
/// `prod`.
///
/// # Errors
/// Every mistake of the text at once.
pub fn parse(file_name: &str, text: &str) -> Result<Environment, Mistakes> {
    parse_among(file_name, text, &Siblings::default())
}

/// As [`parse`], for a file that may refer to others of its folder.
///
/// # Errors
/// Every mistake of the text at once.
pub fn parse_among(file_name: &str, text: &str, siblings: &Siblings) -> Result<Environment, Mistakes> {
    planted(file_name, text, |root, log| environment(root, stem(file_name), siblings, log))
}

/// As [`parse_among`], for a file that may also hold a proposal, or an environment on this machine.
///
/// # Errors
/// Every mistake of the text at once.
pub fn parse_contents(file_name: &str, text: &str, siblings: &Siblings) -> Result<Contents, Mistakes> {
    planted(file_name, text, |root, log| {
        if is_kind(root, PROPOSAL) {
            let file = collect::<ProposalFile>(root, siblings.services(), log)?;
            return proposal::proposal(file, stem(file_name), log)
                .map(|proposal| Contents::Proposal(Box::new(proposal)));
        }
        if is_kind(root, LOCAL) {
            let file = collect::<LocalFile>(root, siblings.services(), log)?;
            return local::local(file, stem(file_name), siblings, log).map(|local| Contents::Local(Box::new(local)));
        }
        let environment = environment(root, stem(file_name), siblings, log)?;
        Some(Contents::Environment(Box::new(environment)))
    })
}

fn environment(root: &Node, stem: Option<&str>, siblings: &Siblings, log: &Log) -> Option<Environment> {
    if is_kind(root, Kind::Recovery.as_str()) {
        return standby::standby(collect::<StandbyFile>(root, siblings.services(), log)?, stem, siblings, log);
    }
    let file = collect::<EnvironmentFile>(root, siblings.services(), log)?;
    convert::environment(file, stem, siblings, Described::Environment, log)
}

fn is_kind(root: &Node, kind: &str) -> bool {
    root.entry(&["kind"]).is_some_and(|entry| entry.value.text() == kind)
}

fn planted<T>(file_name: &str, text: &str, read: impl FnOnce(&Node, &Log) -> Option<T>) -> Result<T, Mistakes> {
    if MAX_BYTES < text.len() {
        let length = text.len().div_ceil(1024);
        let message = format!("the file has {length} KiB, and an environment file at most {} KiB", MAX_BYTES / 1024);
        return Err(whole_file(file_name, Code::TooLarge, &message));
    }
    let log = Log::default();
    let tree = plant(text, &log);
    let found = tree.as_ref().and_then(|root| read(root, &log));
    if log.is_empty() {
        if let Some(found) = found {
            return Ok(found);
        }
        let refusal = Refusal::new("no environment came out of this file, and no mistake was found in it");
        log.add(Code::Internal, &(0..0), refusal.hint("this is a bug in como; please report it with the file"));
    }
    Err(Mistakes::new(file_name, text, tree.as_ref(), log))
}

/// As [`parse_contents`], for a file's bytes.
///
/// # Errors
/// Every mistake of the text at once; bytes that are not UTF-8 are the only one of theirs.
pub fn parse_bytes(file_name: &str, bytes: &[u8], siblings: &Siblings) -> Result<Contents, Mistakes> {
    if MAX_BYTES < bytes.len() {
        let length = bytes.len().div_ceil(1024);
        let message = format!("the file has {length} KiB, and an environment file at most {} KiB", MAX_BYTES / 1024);
        return Err(whole_file(file_name, Code::TooLarge, &message));
    }
    match str::from_utf8(bytes) {
        Ok(text) => parse_contents(file_name, text, siblings),
        Err(error) => {
            let at = error.valid_up_to();
            let log = Log::default();
            let refusal = Refusal::new(format!("the byte at {at} is not UTF-8")).hint("save the file as UTF-8");
            log.add(Code::NotUtf8, &Place { start: at, end: at + 1 }, refusal);
            Err(Mistakes::new(file_name, &String::from_utf8_lossy(bytes), None, log))
        }
    }
}

/// As [`parse_bytes`]; of a source that is too large no more than [`MAX_BYTES`] and one are read.
///
/// # Errors
/// What the source says, or every mistake of the text at once.
pub fn read(file_name: &str, source: impl Read, siblings: &Siblings) -> Result<Contents, ReadError> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES + 1).unwrap_or(u64::MAX);
    let outcome = source.take(limit).read_to_end(&mut bytes);
    outcome.map_err(|source| ReadError::Read { file: file_name.to_owned(), source })?;
    if MAX_BYTES < bytes.len() {
        let message = format!("the file is larger than the {} KiB that an environment file may have", MAX_BYTES / 1024);
        return Err(whole_file(file_name, Code::TooLarge, &message).into());
    }
    Ok(parse_bytes(file_name, &bytes, siblings)?)
}

fn whole_file(file_name: &str, code: Code, message: &str) -> Mistakes {
    let log = Log::default();
    log.add(code, &(0..0), Refusal::new(message));
    Mistakes::new(file_name, "", None, log)
}

/// `prod` of `environments/prod.yaml`; `None` for names of another kind, such as `<stdin>`.
fn stem(file_name: &str) -> Option<&str> {
    let last = file_name.rsplit(['/', '\\']).next()?;
    last.strip_suffix(".yaml").or_else(|| last.strip_suffix(".yml"))
}
