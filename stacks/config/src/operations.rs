//! Who watches over an environment, and from where it is released.

use crate::number::number_value;
use crate::refusal::{Refusal, quote};
use crate::value::{is_label, text_value};

text_value!(
    /// An address that alarms are sent to.
    Email,
    check_email,
    { "type": "string", "maxLength": 254, "pattern": "^[A-Za-z0-9._%+-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$" }
);

text_value!(
    /// A repository on GitHub, such as `como-group/middleware`.
    Repository,
    check_repository,
    { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$" }
);

impl Repository {
    #[must_use]
    pub fn owner(&self) -> &str {
        self.as_str().split_once('/').map_or("", |(owner, _)| owner)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        self.as_str().split_once('/').map_or("", |(_, name)| name)
    }
}

/// A number of GitHub's; none is ever given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GitHubId(u64);

number_value!(
    GitHubId, u64, ["a whole number, as GitHub's API shows it"], |id| 0 < *id, "an id of GitHub's",
    { "type": "integer", "minimum": 1 }
);

/// The numbers of a repository and its owner: names can be taken over, these cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryIds {
    owner: GitHubId,
    repository: GitHubId,
}

impl RepositoryIds {
    pub(crate) const fn new(owner: GitHubId, repository: GitHubId) -> Self {
        Self { owner, repository }
    }

    #[must_use]
    pub const fn owner(self) -> GitHubId {
        self.owner
    }

    #[must_use]
    pub const fn repository(self) -> GitHubId {
        self.repository
    }
}

/// Whole US dollars a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthlyBudget(u32);

number_value!(
    MonthlyBudget, u32, ["whole US dollars from 1 to 1000000"], |dollars| (1..=1_000_000).contains(dollars), "a monthly budget",
    { "type": "integer", "minimum": 1, "maximum": 1_000_000 }
);

/// Who is told when something is wrong or dear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    email: Email,
    monthly_budget: MonthlyBudget,
}

impl Alerts {
    pub(crate) const fn new(email: Email, monthly_budget: MonthlyBudget) -> Self {
        Self { email, monthly_budget }
    }

    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    #[must_use]
    pub const fn monthly_budget(&self) -> MonthlyBudget {
        self.monthly_budget
    }
}

fn check_email(text: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(format!("{} is not an e-mail address", quote(text)));
    let known = |character: char| character.is_ascii_alphanumeric() || "._%+-".contains(character);
    let sound = text.split_once('@').is_some_and(|(name, host)| {
        let last = host.rsplit('.').next().unwrap_or_default();
        (1..=64).contains(&name.len())
            && name.chars().all(known)
            && host.contains('.')
            && host.split('.').all(is_label)
            && 2 <= last.len()
            && last.starts_with(|first: char| first.is_ascii_lowercase())
            && text.len() <= 254
    });
    sound.then_some(()).ok_or_else(|| refusal().accepting(["a name, `@` and a domain in lower case"]))
}

fn check_repository(text: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(format!("{} is not a repository on GitHub", quote(text)));
    let owner_letter = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let name_letter = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let sound = text.split_once('/').is_some_and(|(owner, name)| {
        (1..=39).contains(&owner.len())
            && owner.starts_with(|first: char| first.is_ascii_alphanumeric())
            && owner.chars().all(owner_letter)
            && (1..=100).contains(&name.len())
            && name.chars().all(name_letter)
    });
    sound.then_some(()).ok_or_else(|| refusal().accepting(["`owner/name`"]))
}
