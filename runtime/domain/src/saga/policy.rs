//! How long sagas wait. The fold does not read it, so it may be changed while sagas are under way.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The wait after the first failure in a row; it doubles with each further one.
    pub first_delay: Duration,
    pub longest_delay: Duration,
    /// Between a call whose answer is missing and the read: longer than a partner works on a request that we gave up on.
    pub settle: Duration,
    /// When a call that is in flight is given up on as its worker's last: longer than any call may take.
    pub recover_after: Duration,
    /// How long a Checkout Session is open; Stripe's shortest is 30 minutes from when it gets the call.
    pub session_lasts: Duration,
    /// How often an open payment or a pending refund is looked at, should its webhook be lost.
    pub poll: Duration,
    /// How long before a card's hold lapses the last capture may be tried.
    pub capture_margin: Duration,
    /// How long a member has to sign in again before the saga gives back.
    pub sign_in_within: Duration,
    /// How long giving back is tried before a person has to do it.
    pub give_up_after: Duration,
    /// The age at which a call is not repeated without a read first: Stripe forgets keys after 24 hours.
    pub read_again_after: Duration,
    /// An e-mail may arrive twice, so a lost one is not tried for ever.
    pub mail_attempts: u16,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

impl Policy {
    /// What production runs with.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            first_delay: Duration::from_secs(2),
            longest_delay: Duration::from_secs(15 * MINUTE),
            settle: Duration::from_secs(5),
            recover_after: Duration::from_secs(90),
            session_lasts: Duration::from_secs(35 * MINUTE),
            poll: Duration::from_secs(5 * MINUTE),
            capture_margin: Duration::from_secs(12 * HOUR),
            sign_in_within: Duration::from_secs(HOUR),
            give_up_after: Duration::from_secs(72 * HOUR),
            read_again_after: Duration::from_secs(20 * HOUR),
            mail_attempts: 5,
        }
    }

    /// The wait after `failures` failures in a row, or what the partner asked for if that is longer.
    #[must_use]
    pub fn delay(&self, failures: u16, retry_after_s: Option<u32>) -> Duration {
        if failures == 0 {
            return Duration::ZERO;
        }
        let doublings = u32::from(failures - 1).min(u32::BITS - 1);
        let own = self.first_delay.saturating_mul(1 << doublings).min(self.longest_delay);
        own.max(Duration::from_secs(u64::from(retry_after_s.unwrap_or(0))))
    }
}

/// `at` plus `wait`, at most the end of time.
#[must_use]
pub fn later(at: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// `at` minus `wait`, at least the beginning of time.
#[must_use]
pub fn earlier(at: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    at.checked_sub(wait).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = Policy::standard();
        let seconds = |failures, asked| policy.delay(failures, asked).as_secs();
        let waits = [0, 1, 2, 3, 9, 10, u16::MAX].map(|failures| seconds(failures, None));
        assert_eq!(waits, [0, 2, 4, 8, 512, 900, 900]);
        assert_eq!(seconds(1, Some(30)), 30);
        assert_eq!(seconds(10, Some(30)), 900);
        assert_eq!(seconds(0, Some(30)), 0);
    }

    #[test]
    fn time_does_not_wrap() {
        assert_eq!(later(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
        assert_eq!(earlier(Timestamp::MIN, Duration::MAX), Timestamp::MIN);
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(later(at, Duration::from_secs(7)).as_second(), 7);
        assert_eq!(earlier(at, Duration::from_secs(7)).as_second(), -7);
    }
}
