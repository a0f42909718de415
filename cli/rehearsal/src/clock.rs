//! The simulated clock: waiting that takes minutes on AWS takes a moment here, and is counted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Waits `simulated / speed` and counts what was waited. Timestamps on the wire stay wall-clock time.
#[derive(Debug)]
pub struct Clock {
    speed: f64,
    waited: Mutex<Duration>,
}

impl Clock {
    /// `speed` is simulated seconds per second; anything that is not a positive number means no speeding up.
    pub fn new(speed: f64) -> Self {
        let speed = if speed.is_finite() && 0.0 < speed { speed } else { 1.0 };
        Self { speed, waited: Mutex::default() }
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// How long a simulated duration takes on the wall.
    pub fn wall(&self, simulated: Duration) -> Duration {
        simulated.div_f64(self.speed)
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
