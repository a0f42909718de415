//! The simulated clock: waiting that takes minutes on AWS takes a moment here, and is counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Waits `simulated / speed` and counts what was waited. Timestamps on the wire stay wall-clock time.
#[derive(Debug)]
pub struct Clock {
    /// The bits of a positive `f64`.
    speed: AtomicU64,
    waited: Mutex<Duration>,
}

impl Clock {
    /// `speed` is simulated seconds per second; anything that is not a positive number means no speeding up.
    pub fn new(speed: f64) -> Self {
        Self { speed: AtomicU64::new(usable(speed).to_bits()), waited: Mutex::default() }
    }

    pub fn speed(&self) -> f64 {
        f64::from_bits(self.speed.load(Ordering::Relaxed))
    }

    /// Counts for waits that begin later.
    pub fn set_speed(&self, speed: f64) {
        self.speed.store(usable(speed).to_bits(), Ordering::Relaxed);
    }

    /// How long a simulated duration takes on the wall.
    pub fn wall(&self, simulated: Duration) -> Duration {
        simulated.div_f64(self.speed())
    }

    pub async fn wait(&self, simulated: Duration) {
        tokio::time::sleep(self.wall(simulated)).await;
        *self.waited.lock().unwrap_or_else(PoisonError::into_inner) += simulated;
    }

    /// Sum of all waits, those that ran side by side included.
    pub fn waited(&self) -> Duration {
        *self.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A speed so small that a wait would overflow is as bad as none.
fn usable(speed: f64) -> f64 {
    if speed.is_finite() && 1e-6 < speed { speed } else { 1.0 }
}
