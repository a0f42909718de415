//! Hours that are known to be busy.

use crate::refusal::{Refusal, quote};
use crate::service::TaskCount;
use crate::value::text_value;

text_value!(
    /// A time that comes again, as AWS writes it: minutes, hours, day of month, month, day of week, year. Singapore's time.
    /// <https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html>
    Cron,
    check_cron,
    { "type": "string", "pattern": "^([0-9A-Z*?/,#LW-]+ ){5}[0-9A-Z*?/,#LW-]+$" }
);

text_value!(
    /// What a peak is called, such as `friday-evening`.
    PeakName,
    check_name,
    { "type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$" }
);

/// From `begins` to `ends` autoscaling keeps at least `min` tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peak {
    name: PeakName,
    begins: Cron,
    ends: Cron,
    min: TaskCount,
}

impl Peak {
    pub(crate) const fn new(name: PeakName, begins: Cron, ends: Cron, min: TaskCount) -> Self {
        Self { name, begins, ends, min }
    }

    #[must_use]
    pub const fn name(&self) -> &PeakName {
        &self.name
    }

    #[must_use]
    pub const fn begins(&self) -> &Cron {
        &self.begins
    }

    #[must_use]
    pub const fn ends(&self) -> &Cron {
        &self.ends
    }

    #[must_use]
    pub const fn min(&self) -> TaskCount {
        self.min
    }
}

/// The shape only; what a field may hold is checked where it stands alone, day of month against day of week.
fn check_cron(text: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(format!("{} is not a schedule", quote(text)));
    let known =
        |character: char| character.is_ascii_digit() || character.is_ascii_uppercase() || "*?/,#-".contains(character);
    let fields: Vec<&str> = text.split(' ').collect();
    let shaped = fields.iter().all(|field| !field.is_empty() && field.chars().all(known));
    let [_, _, day, _, weekday, _] = fields.as_slice() else {
        return Err(refusal()
            .accepting(["minutes, hours, day of month, month, day of week and year, such as `0 17 ? * FRI *`"]));
    };
    if !shaped {
        return Err(refusal().accepting(["digits, capital letters and `*?/,#-` in six fields"]));
    }
    if (*day == "?") == (*weekday == "?") {
        return Err(refusal().hint("exactly one of day of month and day of week is `?`, since the other decides"));
    }
    Ok(())
}

fn check_name(text: &str) -> Result<(), Refusal> {
    let sound = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 32
        && text
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-');
    let refusal = || Refusal::new(format!("{} cannot be a peak's name", quote(text)));
    sound
        .then_some(())
        .ok_or_else(|| refusal().accepting(["1 to 32 lower-case letters, digits and hyphens, a letter first"]))
}
