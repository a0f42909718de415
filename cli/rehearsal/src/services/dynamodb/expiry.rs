//! Items that have expired go some time later, by the table's TTL attribute.

use super::replication::{ReplicationError, shared};
use super::tables::DynamoDb;
use crate::faults::Plane;
use crate::services::store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Simulated time between two sweeps. AWS promises no more than "within a few days"; readers must filter what has expired
/// (Amazon DynamoDB Developer Guide, "Working with expired items", read 2026-11).
const INTERVAL: Duration = Duration::from_secs(3600);
/// On the wall, however fast the clock.
const SHORTEST: Duration = Duration::from_secs(1);

impl DynamoDb {
    /// One region after the other, so that of a global table one deletes and the others learn of it: only there does the
    /// stream say that nobody asked for it.
    pub(crate) async fn expire_until(self: Arc<Self>, stop: CancellationToken) {
        let mut turn = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.clock.wall(INTERVAL).max(SHORTEST)) => {}
            }
            let this = Arc::clone(&self);
            let swept = tokio::task::spawn_blocking(move || this.expire(turn)).await;
            if let Ok(Err(error)) = swept {
                tracing::error!(error = &error as &dyn std::error::Error, "could not delete what has expired");
            }
            turn = turn.wrapping_add(1);
        }
    }

    fn expire(&self, turn: usize) -> Result<(), ReplicationError> {
        let regions = self.regions_with_tables()?;
        let Some(region) = turn.checked_rem(regions.len()).and_then(|index| regions.get(index)) else { return Ok(()) };
        if self.replication.regions.is_dead(region, Plane::Data) {
            return Ok(());
        }
        let database = self.database(region)?;
        // As every writer, so that replication sees what is deleted.
        let journal = self.journal(region)?;
        let journal = shared(&journal);
        let deleted = database.sweep_ttl()?;
        if 0 < deleted {
            tracing::info!(region, deleted, "deleted {deleted} expired items in {region}");
        }
        if 0 < deleted && journal.ledger().replicates() {
            self.replication.written(region);
        }
        Ok(())
    }

    /// In order.
    fn regions_with_tables(&self) -> Result<Vec<String>, ReplicationError> {
        let mut regions = Vec::new();
        for entry in fs_err::read_dir(&self.dir).map_err(StoreError::Read)? {
            let name = entry.map_err(StoreError::Read)?.file_name();
            regions.extend(name.to_string_lossy().strip_suffix(".sqlite").map(str::to_owned));
        }
        regions.sort();
        Ok(regions)
    }
}
