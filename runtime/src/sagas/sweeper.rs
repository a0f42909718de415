//! Walks the outbox every few seconds, so that a lost ring delays a saga and loses nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use como_domain::journals::{JournalsError, Outstanding};
use como_domain::sagas::SagasError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::report;
use crate::sagas::driver::Driver;
use crate::sagas::worker::pause;

const PAGE: u16 = 100;
/// Ordering keys whose sagas are driven at one time.
const AT_ONCE: usize = 16;

/// Sweeps until told to stop.
pub async fn sweep_until(stop: CancellationToken, driver: Arc<Driver>, every: Duration) {
    while !stop.is_cancelled() {
        if driver.ports.lease.held().is_some()
            && let Err(error) = sweep(&driver, &stop).await
        {
            report::own_failure(&error);
        }
        pause(&stop, every).await;
    }
}

/// One walk. Sagas of one ordering key go one after another, oldest first.
async fn sweep(driver: &Arc<Driver>, stop: &CancellationToken) -> Result<(), JournalsError> {
    let mut by_key: BTreeMap<String, Vec<Outstanding>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = driver.ports.journals.outbox(after.as_ref(), PAGE).await?;
        let now = driver.ports.clock.now();
        for row in page.items.into_iter().filter(|row| row.due <= now) {
            by_key.entry(row.ordering_key.clone()).or_default().push(row);
        }
        after = page.next;
        if after.is_none() || stop.is_cancelled() {
            break;
        }
    }
    let mut sweeping = JoinSet::new();
    for mut rows in by_key.into_values() {
        rows.sort_by_key(|row| row.since);
        if sweeping.len() == AT_ONCE {
            let _ = sweeping.join_next().await;
        }
        if stop.is_cancelled() {
            break;
        }
        let driver = Arc::clone(driver);
        sweeping.spawn(async move {
            for row in rows {
                match driver.drive(&row.saga, Some(&row)).await {
                    Ok(_) => {}
                    Err(SagasError::NotServing) => {
                        debug!(saga.id = %row.saga, "not serving; saga {} is left as it is", row.saga);
                        return;
                    }
                    Err(error) => report::own_failure(&error),
                }
            }
        });
    }
    sweeping.join_all().await;
    Ok(())
}
