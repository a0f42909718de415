//! Works through a graph of stacks, as many at once as each region allows.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::BTreeMap;
use std::future::Future;

/// A stack among others that it waits for.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) after: Vec<String>,
}

/// What came of each node: its result, or the name of the node whose failure kept it from being started.
pub(crate) type Results<T> = BTreeMap<String, Result<T, String>>;

/// Starts each node once everything that it waits for has succeeded. A failure keeps what waits for it from being started;
/// everything else goes on, and what is running is always seen to its end. `start` is given the results so far.
pub(crate) async fn work<T, Fut>(
    nodes: &[Node],
    per_region: usize,
    mut start: impl FnMut(&Node, &BTreeMap<String, T>) -> Fut,
    succeeded: impl Fn(&T) -> bool,
    mut blocked: impl FnMut(&Node, &str),
) -> Results<T>
where
    Fut: Future<Output = T>,
{
    let mut waiting: Vec<&Node> = nodes.iter().collect();
    let mut running: BTreeMap<&str, usize> = BTreeMap::new();
    let mut futures = FuturesUnordered::new();
    let mut done: BTreeMap<String, T> = BTreeMap::new();
    let mut lost: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut index = 0;
        while let Some(&node) = waiting.get(index) {
            if let Some(culprit) = culprit(node, &done, &lost, &succeeded) {
                blocked(node, &culprit);
                lost.insert(node.name.clone(), culprit);
                waiting.remove(index);
                // What waits for this node may stand before it.
                index = 0;
                continue;
            }
            let ready = node.after.iter().all(|name| done.contains_key(name));
            let busy = running.entry(&node.region).or_default();
            if ready && *busy < per_region {
                *busy += 1;
                let future = start(node, &done);
                futures.push(async move { (node, future.await) });
                waiting.remove(index);
            } else {
                index += 1;
            }
        }
        let Some((node, result)) = futures.next().await else { break };
        if let Some(busy) = running.get_mut(node.region.as_str()) {
            *busy -= 1;
        }
        done.insert(node.name.clone(), result);
    }
    let mut results: Results<T> = done.into_iter().map(|(name, result)| (name, Ok(result))).collect();
    results.extend(lost.into_iter().map(|(name, culprit)| (name, Err(culprit))));
    results
}

fn culprit<T>(
    node: &Node,
    done: &BTreeMap<String, T>,
    lost: &BTreeMap<String, String>,
    succeeded: impl Fn(&T) -> bool,
) -> Option<String> {
    node.after.iter().find_map(|name| match done.get(name) {
        Some(result) if !succeeded(result) => Some(name.clone()),
        _ => lost.get(name).cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    fn node(name: &str, region: &str, after: &[&str]) -> Node {
        let after = after.iter().map(|name| (*name).to_owned()).collect();
        Node { name: name.to_owned(), region: region.to_owned(), after }
    }

    #[tokio::test(start_paused = true)]
    async fn regions_work_side_by_side_and_a_failure_stops_only_what_waits_for_it() {
        let nodes = [
            node("a", "x", &[]),
            node("b", "x", &[]),
            node("c", "x", &["a"]),
            node("d", "y", &["c"]),
            node("e", "y", &[]),
        ];
        let log = RefCell::new(Vec::new());
        let start = Instant::now();
        let results = work(
            &nodes,
            1,
            |node, _| {
                let name = node.name.clone();
                let log = &log;
                async move {
                    sleep(Duration::from_secs(10)).await;
                    log.borrow_mut().push(format!("{name} at {}", start.elapsed().as_secs()));
                    name != "a"
                }
            },
            |good| *good,
            |node, culprit| log.borrow_mut().push(format!("{} blocked by {culprit}", node.name)),
        )
        .await;
        assert_eq!(log.into_inner(), ["a at 10", "c blocked by a", "d blocked by a", "e at 10", "b at 20"]);
        assert_eq!(results.get("d"), Some(&Err("a".to_owned())));
        assert_eq!(results.get("b"), Some(&Ok(true)));
    }
}
