//! One after another under one key, in the order of asking: who asked first for a slot gets it first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

#[derive(Debug, Default)]
pub(crate) struct Turns {
    by_key: Mutex<BTreeMap<String, Arc<Turn<()>>>>,
}

/// Held while it is one's turn.
#[derive(Debug)]
pub(crate) struct Taken {
    _guard: OwnedMutexGuard<()>,
}

impl Turns {
    pub(crate) async fn take(&self, key: &str) -> Taken {
        let turn = {
            let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever holds or waits for a turn has a handle of its own; the rest is not needed any more.
            by_key.retain(|_, turn| 1 < Arc::strong_count(turn));
            Arc::clone(by_key.entry(key.to_owned()).or_default())
        };
        // tokio's mutex lets in who asked first.
        Taken { _guard: turn.lock_owned().await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_to_ask_is_the_first_to_go() {
        let turns = Arc::new(Turns::default());
        let order = Arc::new(Mutex::new(Vec::new()));
        let first = turns.take("slot").await;
        let waiting: Vec<_> = (0..5)
            .map(|number| {
                let (turns, order) = (Arc::clone(&turns), Arc::clone(&order));
                tokio::spawn(async move {
                    let _turn = turns.take("slot").await;
                    order.lock().unwrap().push(number);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        turns.take("another slot").await;
        assert!(order.lock().unwrap().is_empty());
        drop(first);
        for waiting in waiting {
            waiting.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
        turns.take("last").await;
        assert_eq!(turns.by_key.lock().unwrap().len(), 1);
    }
}
