//! What has been found so far, while the file is read.

use std::cell::{Cell, RefCell};

use crate::line::Place;
use crate::mistake::Code;
use crate::refusal::Refusal;

/// Mistakes beyond this many are counted, not kept: nobody reads them, and a hostile file could have a million.
const KEPT: usize = 100;

#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) place: Place,
    pub(crate) refusal: Refusal,
}

/// A cell, because serde's visitors have no way to hand a mutable log down.
#[derive(Debug, Default)]
pub(crate) struct Log {
    found: RefCell<Vec<Finding>>,
    more: Cell<usize>,
}

impl Log {
    pub(crate) fn add(&self, code: Code, place: &Place, refusal: Refusal) {
        let mut found = self.found.borrow_mut();
        if found.len() < KEPT {
            found.push(Finding { code, place: place.clone(), refusal });
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// The findings in the order of the file, and how many more there were.
    pub(crate) fn into_parts(self) -> (Vec<Finding>, usize) {
        let mut found = self.found.into_inner();
        found.sort_by_key(|finding| finding.place.start);
        (found, self.more.get())
    }
}
