//! What CloudFront keeps of its origins' answers, until it is old or invalidated.

use crate::services::events::wildcard;
use bytes::Bytes;
use http::{HeaderMap, Response, header};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Of what does not say how long; the managed policy CachingOptimized. On the wall, as are the origins' own words.
const DEFAULT_AGE: Duration = Duration::from_secs(24 * 3600);
/// CloudFront keeps errors for ten seconds; nobody wants to wait for that here.
const CACHED_STATUS: u16 = 200;

/// In memory: a supervisor that starts again starts with edges that know nothing.
#[derive(Default)]
pub(super) struct Cache {
    /// By distribution and path.
    kept: Mutex<BTreeMap<(String, String), Kept>>,
}

#[derive(Clone)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
    until: Instant,
}

impl Cache {
    pub(super) fn get(&self, distribution: &str, path: &str) -> Option<Response<Bytes>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(&(distribution.to_owned(), path.to_owned()))?;
        if found.until <= Instant::now() {
            return None;
        }
        let mut response = Response::new(found.body.clone());
        *response.headers_mut() = found.headers.clone();
        Some(response)
    }

    pub(super) fn put(&self, distribution: &str, path: &str, response: &Response<Bytes>) {
        let age = age(response.headers());
        if response.status().as_u16() != CACHED_STATUS || age.is_zero() {
            return;
        }
        let Some(until) = Instant::now().checked_add(age) else { return };
        let kept = Kept { headers: response.headers().clone(), body: response.body().clone(), until };
        let key = (distribution.to_owned(), path.to_owned());
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(key, kept);
    }

    /// Forgets what fits one of the paths; `*` at the end stands for anything.
    pub(super) fn forget(&self, distribution: &str, paths: &[String]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(own, path), _| own != distribution || !paths.iter().any(|pattern| wildcard(pattern, path)));
    }
}

fn age(headers: &HeaderMap) -> Duration {
    let said = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let words = || said.split(',').map(str::trim);
    if words().any(|word| matches!(word, "no-store" | "no-cache" | "private")) {
        return Duration::ZERO;
    }
    let seconds = |name: &str| words().find_map(|word| word.strip_prefix(name)?.parse().ok());
    seconds("s-maxage=").or_else(|| seconds("max-age=")).map_or(DEFAULT_AGE, Duration::from_secs)
}
