//! The rate of calls: AWS throttles each operation by account and region.
//!
//! AWS publishes no rates for CloudFormation; clients report throttling of DescribeStacks between one and five calls a
//! second where several poll (aws/aws-cdk#5637, aws/aws-sam-cli#2671). Here an operation has a burst and a rate, and the
//! rate is by the simulated clock: who polls once a second at 60x polls once a simulated minute.

use super::wire::QueryError;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Calls that may come at once; what a hundred parallel readers need.
const BURST: f64 = 120.0;
/// Calls in a simulated second, in the long run.
const RATE: f64 = 10.0;

#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// By region and operation.
    buckets: Mutex<BTreeMap<(String, String), Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// `speed` is simulated seconds per second.
    pub(super) fn admit(&self, region: &str, operation: &str, speed: f64, now: Instant) -> Result<(), QueryError> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket =
            buckets.entry((region.to_owned(), operation.to_owned())).or_insert(Bucket { tokens: BURST, filled: now });
        let simulated_seconds = now.duration_since(bucket.filled).as_secs_f64() * speed;
        bucket.tokens = (bucket.tokens + simulated_seconds * RATE).min(BURST);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            return Err(QueryError::new("Throttling", "Rate exceeded"));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{BURST, Throttle};
    use std::time::{Duration, Instant};

    #[test]
    fn a_burst_passes_and_then_the_rate_counts() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let passed = |millis: u64, speed: f64| {
            let now = start + Duration::from_millis(millis);
            (0..200).filter(|_| throttle.admit("here", "DescribeStacks", speed, now).is_ok()).count() as f64
        };
        assert_eq!(passed(0, 1.0), BURST);
        assert!(throttle.admit("there", "DescribeStacks", 1.0, start).is_ok(), "another region has its own");
        assert_eq!(passed(500, 1.0), 5.0);
        assert_eq!(passed(600, 60.0), 60.0, "by the simulated clock");
    }
}
