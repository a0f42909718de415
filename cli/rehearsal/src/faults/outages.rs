//! Which regions are dead.

use super::planes::Plane;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// What of a region does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    pub control: bool,
    pub data: bool,
}

/// The outages of all regions, for everybody who has to feel them. Clones share one state.
#[derive(Debug, Clone)]
pub struct Outages {
    state: Arc<watch::Sender<BTreeMap<String, Outage>>>,
}

impl Default for Outages {
    fn default() -> Self {
        Self { state: Arc::new(watch::Sender::new(BTreeMap::new())) }
    }
}

impl Outages {
    pub fn is_dead(&self, region: &str, plane: Plane) -> bool {
        let state = self.state.borrow();
        state.get(region).is_some_and(|outage| match plane {
            Plane::Control => outage.control,
            Plane::Data => outage.data,
        })
    }

    /// Changes with every kill and revival.
    pub fn watch(&self) -> watch::Receiver<BTreeMap<String, Outage>> {
        self.state.subscribe()
    }

    /// Returns once the region's plane is dead (or, with `dead` false, alive).
    pub async fn until(&self, region: &str, plane: Plane, dead: bool) {
        let mut changes = self.watch();
        while self.is_dead(region, plane) != dead {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    pub(super) fn set(&self, outages: BTreeMap<String, Outage>) {
        self.state.send_replace(outages);
    }
}

impl Outage {
    /// Kills or revives one plane, or both.
    pub(super) fn change(&mut self, plane: Option<Plane>, dead: bool) {
        if plane != Some(Plane::Data) {
            self.control = dead;
        }
        if plane != Some(Plane::Control) {
            self.data = dead;
        }
    }

    pub(super) fn is_over(self) -> bool {
        !self.control && !self.data
    }
}
