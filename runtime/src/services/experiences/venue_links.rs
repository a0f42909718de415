//! Which venue an experience was last seen at.
//!
//! Only Memberson knows the link. Remembering it lets both partners be asked at the same time, and lets the venue and its
//! slots be shown while Memberson is down. It is never shown itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use como_domain::identifier::{ExperienceId, VenueId};

/// Far above the catalogue's size; beyond it nothing more is remembered.
const MAX_LINKS: usize = 10_000;

#[derive(Default)]
pub(super) struct VenueLinks {
    links: Mutex<BTreeMap<ExperienceId, VenueId>>,
}

impl VenueLinks {
    pub(super) fn get(&self, experience: &ExperienceId) -> Option<VenueId> {
        self.lock().get(experience).cloned()
    }

    /// `None` when the experience has no venue or is gone.
    pub(super) fn set(&self, experience: &ExperienceId, venue: Option<&VenueId>) {
        let mut links = self.lock();
        match venue {
            None => {
                links.remove(experience);
            }
            Some(venue) if links.len() < MAX_LINKS || links.contains_key(experience) => {
                links.insert(experience.clone(), venue.clone());
            }
            Some(_) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ExperienceId, VenueId>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
