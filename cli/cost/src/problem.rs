//! Why something has no price, and what to do about it.

use crate::inventory::ResourceName;
use crate::item::Priced;
use como_config::UsageKey;
use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt;

/// What keeps an estimate from being whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nobody has said what a type of resource costs.
    NoRule,
    /// A property from which the price follows cannot be counted.
    Unreadable { property: String, found: String },
    /// The environment's file lacks a figure.
    NoUsage { key: UsageKey, file: String },
    /// The book lacks a price.
    NoPrice { priced: Priced, book: String, elsewhere: Vec<String> },
    /// The book knows the price only up to a quantity.
    Beyond { priced: Priced, book: String, quantity: Decimal, end: Decimal },
}

/// What has no price, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpriced {
    pub resource: ResourceName,
    pub problem: Problem,
}

impl Problem {
    /// What the reader can do now, commands in backticks.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NoRule => "add the type to cli/cost/src/rules, as priced, free or billed elsewhere".to_owned(),
            Self::Unreadable { property, .. } => {
                format!(
                    "write `{property}` in the template as a value that is sold, or teach the rule in cli/cost/src/rules"
                )
            }
            Self::NoUsage { key, file } => format!("add `{key}` under `usage` in {file}: {}", key.unit()),
            Self::NoPrice { priced, book, elsewhere } => {
                let known = match elsewhere.as_slice() {
                    [] => String::new(),
                    regions => format!(" (it has the item in {})", regions.join(", ")),
                };
                format!(
                    "add a row for {priced} to the price book {book}{known}, or name another book with `--prices FILE`"
                )
            }
            Self::Beyond { priced, book, .. } => format!("add the next band of {priced} to the price book {book}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str("no rule says what its type costs"),
            Self::Unreadable { property, found } => write!(f, "`{property}` is {found}"),
            Self::NoUsage { key, .. } => write!(f, "there is no usage figure `{key}`"),
            Self::NoPrice { priced, book, .. } => write!(f, "the price book {book} has no price of {priced}"),
            Self::Beyond { priced, book, quantity, end } => {
                write!(f, "the price book {book} knows {priced} up to {end}, and {quantity} are used")
            }
        }
    }
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.resource, self.problem)
    }
}

impl Serialize for Unpriced {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            resource: &'a ResourceName,
            problem: String,
            remedy: String,
        }
        let shape =
            Shape { resource: &self.resource, problem: self.problem.to_string(), remedy: self.problem.remedy() };
        shape.serialize(serializer)
    }
}

/// Everything that has no price; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Unpriceable {
    pub environment: String,
    pub unpriced: Vec<Unpriced>,
}

impl Unpriceable {
    /// Each problem once, with the number of resources that have it, and what to do.
    pub fn grouped(&self) -> Vec<(&Problem, Vec<&ResourceName>)> {
        let mut groups: Vec<(&Problem, Vec<&ResourceName>)> = Vec::new();
        for Unpriced { resource, problem } in &self.unpriced {
            match groups.iter_mut().find(|(known, _)| *known == problem) {
                Some((_, resources)) => resources.push(resource),
                None => groups.push((problem, vec![resource])),
            }
        }
        groups
    }
}

impl fmt::Display for Unpriceable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be priced", self.environment)?;
        for (problem, resources) in self.grouped() {
            let first = resources.first().map(ToString::to_string).unwrap_or_default();
            let more = match resources.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            write!(f, "\n  {problem}, which {first}{more} needs")?;
            write!(f, "\n    {}", problem.remedy())?;
        }
        Ok(())
    }
}
