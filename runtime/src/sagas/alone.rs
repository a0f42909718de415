//! The lease of an environment in one region: there is nobody to share it with.

use std::sync::Arc;
use std::time::Duration;

use como_domain::clock::Clock;
use como_domain::journal::Region;
use como_domain::lease::{Held, Lease};

/// Long enough for any call.
const ALWAYS: Duration = Duration::from_secs(120);

pub struct Alone {
    region: Region,
    clock: Arc<dyn Clock>,
}

impl Alone {
    #[must_use]
    pub fn new(region: Region, clock: Arc<dyn Clock>) -> Self {
        Self { region, clock }
    }
}

impl Lease for Alone {
    fn held(&self) -> Option<Held> {
        let until = self.clock.monotonic().saturating_add(ALWAYS);
        Some(Held { region: self.region.clone(), epoch: 1, until, taken_over_at: None })
    }
}
