//! What every partner's document may say about calls.

use std::time::Duration;

use crate::breaker::BreakerPolicy;
use crate::settings::reader::DocumentReader;

/// | key | default | meaning |
/// |---|---|---|
/// | `timeout_ms` | 2000 | one attempt to read, from connecting to the last byte |
/// | `effect_timeout_ms` | 10000 | one attempt to change something, likewise |
/// | `retries` | 2 | repeats of a read that failed |
/// | `breaker_failures` | 5 | consecutive failures after which calls pause |
/// | `breaker_open_ms` | 10000 | how long they pause |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallSettings {
    pub timeout: Duration,
    pub effect_timeout: Duration,
    pub retries: u32,
    pub breaker: BreakerPolicy,
}

impl CallSettings {
    pub(crate) fn read(reader: &mut DocumentReader) -> Self {
        Self {
            timeout: reader.milliseconds("timeout_ms", 2_000, 50..=20_000),
            effect_timeout: reader.milliseconds("effect_timeout_ms", 10_000, 50..=60_000),
            retries: narrow(reader.integer("retries", 2, 0..=5)),
            breaker: BreakerPolicy {
                failures_to_open: narrow(reader.integer("breaker_failures", 5, 1..=1_000)),
                open_for: reader.milliseconds("breaker_open_ms", 10_000, 50..=600_000),
            },
        }
    }
}

/// The ranges above fit.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
