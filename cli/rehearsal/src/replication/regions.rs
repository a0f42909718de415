//! The state of regions and links, on disk.

use crate::faults::{self, LinkError, Links, Outage, Outages, Plane};
use crate::services::StoreError;
use crate::services::store::Store;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;

/// Of a link that nobody has set. Global tables usually replicate within a second (Amazon DynamoDB Developer Guide,
/// "How DynamoDB global tables work", read 2026-11).
const USUAL_LAG_MS: u64 = 500;
const USUAL_SPREAD_MS: u64 = 500;
/// Access keys of tasks carry the region that they run in, so that a call across a cut link can be told from others.
const TASK_KEY: &str = "REHEARSALTASK-";

/// One way between two regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub cut: bool,
    pub lag_ms: u64,
    /// Added to the lag, evenly from nothing to this.
    pub spread_ms: u64,
}

impl Default for Link {
    fn default() -> Self {
        Self { cut: false, lag_ms: USUAL_LAG_MS, spread_ms: USUAL_SPREAD_MS }
    }
}

/// What is to change; absent fields stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkChange {
    pub from: String,
    pub to: String,
    /// The way back too.
    #[serde(default)]
    pub both_ways: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_ms: Option<u64>,
}

/// What is to change; absent fields stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockChange {
    /// How far the clocks that stamp writes are ahead, by region.
    #[serde(default)]
    pub ahead_ms: BTreeMap<String, i64>,
    /// Decides how every lag spreads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionsState {
    pub seed: u64,
    /// How far the clocks that stamp writes are ahead.
    pub clocks_ahead_ms: BTreeMap<String, i64>,
    /// `<from> <to>`; links that nobody has set are not listed.
    pub links: BTreeMap<String, Link>,
}

/// Shared by everything that crosses regions or has to notice that one is gone.
pub struct Regions {
    state: Store<RegionsState>,
    outages: Outages,
    changes: watch::Sender<u64>,
}

impl Regions {
    pub fn open(dir: &Path, outages: Outages) -> Result<Self, StoreError> {
        Ok(Self { state: Store::open(dir.join("regions.json"))?, outages, changes: watch::Sender::new(0) })
    }

    pub fn state(&self) -> RegionsState {
        self.state.read(Clone::clone)
    }

    /// Returns when a link or a region has changed since it was last asked.
    pub async fn changed(&self, seen: &mut Seen) {
        tokio::select! {
            _ = seen.links.changed() => {}
            _ = seen.outages.changed() => {}
        }
    }

    pub fn seen(&self) -> Seen {
        Seen { links: self.changes.subscribe(), outages: self.outages.watch() }
    }

    pub fn change_link(&self, change: &LinkChange) -> Result<(), StoreError> {
        self.state.change(|state| {
            let mut ways = vec![key(&change.from, &change.to)];
            if change.both_ways {
                ways.push(key(&change.to, &change.from));
            }
            for way in ways {
                let link = state.links.entry(way).or_default();
                link.cut = change.cut.unwrap_or(link.cut);
                link.lag_ms = change.lag_ms.unwrap_or(link.lag_ms);
                link.spread_ms = change.spread_ms.unwrap_or(link.spread_ms);
            }
            Ok::<_, StoreError>(())
        })?;
        self.tell();
        Ok(())
    }

    pub fn change_clocks(&self, change: &ClockChange) -> Result<(), StoreError> {
        self.state.change(|state| {
            state.seed = change.seed.unwrap_or(state.seed);
            state.clocks_ahead_ms.extend(change.ahead_ms.clone());
            Ok::<_, StoreError>(())
        })?;
        self.tell();
        Ok(())
    }

    /// Whether what AWS itself copies gets from the one region to the other now.
    pub fn passes(&self, from: &str, to: &str) -> bool {
        let is_dead = |region| self.is_dead(region, Plane::Data);
        !is_dead(from) && !is_dead(to) && !self.link(from, to).cut
    }

    pub fn is_dead(&self, region: &str, plane: Plane) -> bool {
        self.outages.is_dead(region, plane)
    }

    /// Returns when a region has its data plane.
    pub async fn until_alive(&self, region: &str) {
        let mut seen = self.seen();
        while self.is_dead(region, Plane::Data) {
            self.changed(&mut seen).await;
        }
    }

    /// How long one thing takes over a link: always the same for the same thing and seed.
    pub fn delay(&self, from: &str, to: &str, thing: &str) -> Duration {
        let (seed, link) =
            self.state.read(|state| (state.seed, state.links.get(&key(from, to)).copied().unwrap_or_default()));
        Duration::from_millis(link.lag_ms + spread(seed, &format!("{from} {to} {thing}"), link.spread_ms))
    }

    /// By how much the clock that stamps a region's writes is off.
    pub fn clock_ahead(&self, region: &str) -> i64 {
        self.state.read(|state| state.clocks_ahead_ms.get(region).copied().unwrap_or_default())
    }

    /// Whether a call from the region of a task, known by its access key, does not get to a region or back.
    pub(crate) fn is_cut_off(&self, access_key: &str, region: &str) -> bool {
        let Some(caller) = access_key.strip_prefix(TASK_KEY) else { return false };
        caller != region && (self.link(caller, region).cut || self.link(region, caller).cut)
    }

    pub fn link(&self, from: &str, to: &str) -> Link {
        self.state.read(|state| state.links.get(&key(from, to)).copied().unwrap_or_default())
    }

    fn tell(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// What somebody knows of links and regions.
pub struct Seen {
    links: watch::Receiver<u64>,
    outages: watch::Receiver<BTreeMap<String, Outage>>,
}

impl Links for Regions {
    fn change(&self, from: &str, to: &str, change: faults::LinkChange) -> Result<(), LinkError> {
        let mut wanted = LinkChange { from: from.to_owned(), to: to.to_owned(), ..LinkChange::default() };
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).ok();
        match change {
            faults::LinkChange::Cut => wanted.cut = Some(true),
            faults::LinkChange::Heal => wanted.cut = Some(false),
            faults::LinkChange::Lag { lag, spread } => {
                (wanted.lag_ms, wanted.spread_ms) = (milliseconds(lag), milliseconds(spread));
            }
            faults::LinkChange::Reset => {
                let Link { cut, lag_ms, spread_ms } = Link::default();
                (wanted.cut, wanted.lag_ms, wanted.spread_ms) = (Some(cut), Some(lag_ms), Some(spread_ms));
            }
        }
        self.change_link(&wanted).map_err(|error| LinkError(error.to_string()))
    }
}

/// The access key of a task, by which the gateway knows where a call comes from.
pub fn task_access_key(region: &str) -> String {
    format!("{TASK_KEY}{region}")
}

/// Between nothing and `width`, by the hash of what it is for, so that a run with the same seed spreads the same way.
pub fn spread(seed: u64, thing: &str, width: u64) -> u64 {
    let digest = Sha256::digest(format!("{seed} {thing}"));
    let mut number = [0; 8];
    number.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    // Wide enough for the multiplication, and never beyond `width`.
    let scaled = (u128::from(u64::from_be_bytes(number)) * u128::from(width)) >> 64_u32;
    u64::try_from(scaled).unwrap_or(width)
}

fn key(from: &str, to: &str) -> String {
    format!("{from} {to}")
}

#[cfg(test)]
mod tests {
    use super::{ClockChange, Link, LinkChange, Regions, task_access_key};
    use crate::faults::{self, Links as _, Outages};
    use std::path::Path;
    use std::time::Duration;

    const HERE: &str = "ap-southeast-1";
    const THERE: &str = "ap-southeast-2";

    fn open(dir: &Path) -> Regions {
        Regions::open(dir, Outages::default()).unwrap()
    }

    fn link(cut: Option<bool>, lag_ms: Option<u64>, spread_ms: Option<u64>) -> LinkChange {
        LinkChange { from: HERE.to_owned(), to: THERE.to_owned(), both_ways: false, cut, lag_ms, spread_ms }
    }

    #[test]
    fn a_link_spreads_the_same_way_with_the_same_seed_and_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let regions = open(dir.path());
        regions.change_link(&link(None, Some(2000), Some(1000))).unwrap();
        let delays = |regions: &Regions| -> Vec<Duration> {
            (0..100).map(|number| regions.delay(HERE, THERE, &number.to_string())).collect()
        };
        let first = delays(&regions);
        assert!(first.iter().all(|delay| (2000..=3000).contains(&delay.as_millis())));
        assert!(first.iter().max() > first.iter().min());
        drop(regions);
        let again = open(dir.path());
        assert_eq!(delays(&again), first);
        again.change_clocks(&ClockChange { seed: Some(7), ..ClockChange::default() }).unwrap();
        assert_ne!(delays(&again), first);
    }

    #[test]
    fn a_cut_link_stops_what_replicates_and_the_calls_of_tasks_only() {
        let dir = tempfile::tempdir().unwrap();
        let regions = open(dir.path());
        regions.change_link(&link(Some(true), None, None)).unwrap();
        assert!(!regions.passes(HERE, THERE) && regions.passes(THERE, HERE));
        for (from, to) in [(HERE, THERE), (THERE, HERE)] {
            assert!(regions.is_cut_off(&task_access_key(from), to));
        }
        assert!(!regions.is_cut_off(&task_access_key(HERE), HERE));
        assert!(!regions.is_cut_off("operator", THERE));
        regions.change_link(&link(Some(false), None, None)).unwrap();
        assert!(!regions.is_cut_off(&task_access_key(HERE), THERE));
    }

    #[test]
    fn fault_scripts_change_links() {
        let dir = tempfile::tempdir().unwrap();
        let regions = open(dir.path());
        let (lag, spread) = (Duration::from_secs(2), Duration::from_millis(300));
        regions.change(HERE, THERE, faults::LinkChange::Cut).unwrap();
        regions.change(HERE, THERE, faults::LinkChange::Lag { lag, spread }).unwrap();
        assert_eq!(regions.link(HERE, THERE), Link { cut: true, lag_ms: 2000, spread_ms: 300 });
        regions.change(HERE, THERE, faults::LinkChange::Heal).unwrap();
        assert!(regions.passes(HERE, THERE));
        regions.change(HERE, THERE, faults::LinkChange::Reset).unwrap();
        assert_eq!(regions.link(HERE, THERE), Link::default());
    }
}
