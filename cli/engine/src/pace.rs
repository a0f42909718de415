//! How often a cloud may be asked how it is getting on.

use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// How fast one region is polled. All stacks of a region share one budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    pub calls_per_second: f64,
    pub burst: f64,
    /// Between two looks at one stack while things happen in it.
    pub shortest_interval: Duration,
    /// Between two looks at one stack in which nothing happens for long.
    pub longest_interval: Duration,
}

impl Pace {
    /// CloudFormation throttles an account's `DescribeStackEvents` at a few calls a second, shared with everybody else who
    /// looks (aws-cdk#5637, sam-cli#2671), so one call a second it is.
    #[must_use]
    pub const fn aws() -> Self {
        Self {
            calls_per_second: 1.0,
            burst: 3.0,
            shortest_interval: Duration::from_secs(2),
            longest_interval: Duration::from_secs(15),
        }
    }

    /// A cloud on this machine that compresses minutes into seconds.
    #[must_use]
    pub const fn rehearsal() -> Self {
        Self {
            calls_per_second: 40.0,
            burst: 10.0,
            shortest_interval: Duration::from_millis(120),
            longest_interval: Duration::from_millis(500),
        }
    }

    /// The next interval after a look that showed nothing new.
    pub(crate) fn slower(&self, interval: Duration) -> Duration {
        interval.mul_f64(1.5).min(self.longest_interval)
    }
}

/// A token bucket; whoever asks first is served first.
#[derive(Debug)]
pub(crate) struct Limiter {
    pace: Pace,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Limiter {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, bucket: Mutex::new(Bucket { tokens: pace.burst, filled: Instant::now() }) }
    }

    /// Waits until a call may be made. The lock is held while waiting, so that the queue is fair.
    pub(crate) async fn acquire(&self) {
        let mut bucket = self.bucket.lock().await;
        let now = Instant::now();
        let gained = now.duration_since(bucket.filled).as_secs_f64() * self.pace.calls_per_second;
        bucket.tokens = (bucket.tokens + gained).min(self.pace.burst);
        bucket.filled = now;
        if bucket.tokens < 1.0 {
            let missing = (1.0 - bucket.tokens) / self.pace.calls_per_second;
            sleep(Duration::from_secs_f64(missing)).await;
            bucket.tokens = 1.0;
            bucket.filled = Instant::now();
        }
        bucket.tokens -= 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_the_rest_waits_its_turn() {
        let limiter = Limiter::new(Pace::aws());
        let start = Instant::now();
        for _ in 0..3 {
            limiter.acquire().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for _ in 0..2 {
            limiter.acquire().await;
        }
        assert_eq!(start.elapsed().as_secs(), 2);
    }
}
