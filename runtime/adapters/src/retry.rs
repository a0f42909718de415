//! How often and when a read is repeated.

use std::time::Duration;

const FIRST_DELAY: Duration = Duration::from_millis(50);
const LONGEST_DELAY: Duration = Duration::from_millis(800);

/// Full jitter: anything from nothing to the doubled delay, so that tasks do not come back together.
///
/// `random` is uniform over all its values; `attempt` counts the failed ones, from 0.
#[must_use]
pub fn delay(attempt: u32, random: u16) -> Duration {
    let ceiling = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_DELAY);
    ceiling.saturating_mul(u32::from(random)) / u32::from(u16::MAX)
}

/// Lets about one call in five be a repeat, however many callers there are: a partner in trouble is not given more to do.
/// Every call pays in two tenths of a repeat; a repeat costs ten; ten repeats can be saved up.
#[derive(Debug)]
pub struct RetryBudget {
    tenths: u32,
}

impl RetryBudget {
    const DEPOSIT: u32 = 2;
    const PRICE: u32 = 10;
    const CEILING: u32 = 100;

    pub fn deposit(&mut self) {
        self.tenths = (self.tenths + Self::DEPOSIT).min(Self::CEILING);
    }

    /// Whether a repeat can be afforded; it is then paid for.
    pub fn withdraw(&mut self) -> bool {
        match self.tenths.checked_sub(Self::PRICE) {
            Some(rest) => {
                self.tenths = rest;
                true
            }
            None => false,
        }
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { tenths: Self::CEILING }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_ceiling_and_are_jittered() {
        assert_eq!(delay(0, u16::MAX), Duration::from_millis(50));
        assert_eq!(delay(2, u16::MAX), Duration::from_millis(200));
        assert_eq!(delay(40, u16::MAX), Duration::from_millis(800));
        assert_eq!(delay(3, 0), Duration::ZERO);
    }

    #[test]
    fn a_budget_ends_and_recovers_with_calls() {
        let mut budget = RetryBudget::default();
        let affordable = (0..50).filter(|_| budget.withdraw()).count();
        assert_eq!(affordable, 10);
        (0..5).for_each(|_| budget.deposit());
        assert!(budget.withdraw());
        assert!(!budget.withdraw());
    }
}
