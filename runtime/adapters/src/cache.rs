//! Hot reads, kept for as long as the settings said at the time of reading; one caller reads, the others wait for it.

use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use como_domain::partner::PartnerError;
use moka::Expiry;
use moka::future::Cache;

#[derive(Clone)]
struct Kept<V> {
    value: V,
    keep_for: Duration,
}

struct ByEntry;

impl<K, V> Expiry<K, Kept<V>> for ByEntry {
    fn expire_after_create(&self, _key: &K, kept: &Kept<V>, _created_at: Instant) -> Option<Duration> {
        Some(kept.keep_for)
    }
}

pub(crate) struct ReadCache<K, V> {
    cache: Cache<K, Kept<V>>,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> ReadCache<K, V> {
    pub(crate) fn new(max_entries: u64) -> Self {
        Self { cache: Cache::builder().max_capacity(max_entries).expire_after(ByEntry).build() }
    }

    /// A failure is not kept, but everybody who waited for this read gets it.
    pub(crate) async fn get(
        &self,
        key: K,
        keep_for: Duration,
        read: impl Future<Output = Result<V, PartnerError>> + Send,
    ) -> Result<V, PartnerError> {
        let kept = self.cache.try_get_with(key, async { read.await.map(|value| Kept { value, keep_for }) });
        kept.await.map(|kept| kept.value).map_err(share)
    }
}

fn share(error: Arc<PartnerError>) -> PartnerError {
    let (partner, operation, kind) = (error.partner, error.operation, error.kind);
    Arc::try_unwrap(error).unwrap_or_else(|shared| PartnerError {
        partner,
        operation,
        kind,
        source: shared.source.as_ref().map(|source| source.to_string().into()),
    })
}
