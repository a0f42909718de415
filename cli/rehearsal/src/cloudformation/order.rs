//! Work on resources in the order that their dependencies ask for, side by side where they allow it.

use super::graph::Dependencies;
use super::operations::Interrupt;
use std::collections::BTreeSet;
use std::future::Future;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How the work on one resource ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Complete,
    Failed,
    /// Because another failed, or the operation was cancelled.
    Cancelled,
    /// The supervisor goes; nothing was recorded.
    Left,
}

/// Begins each resource once all that it needs is complete. After a failure nothing more begins, and `abandon` tells
/// those that are under way. Returns whether one failed.
pub(super) async fn work<F>(
    dependencies: &Dependencies,
    mut complete: BTreeSet<String>,
    interrupt: &Interrupt,
    abandon: &CancellationToken,
    begin: impl Fn(String, BTreeSet<String>) -> F,
) -> bool
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let mut started = complete.clone();
    let mut failed = false;
    let mut tasks: JoinSet<(String, Outcome)> = JoinSet::new();
    loop {
        if !failed && !interrupt.is_set() {
            for (name, needed) in dependencies {
                if started.contains(name) || !needed.is_subset(&complete) {
                    continue;
                }
                started.insert(name.clone());
                let (name, work) = (name.clone(), begin(name.clone(), needed.clone()));
                tasks.spawn(async move { (name, work.await) });
            }
        }
        match tasks.join_next().await {
            None => return failed,
            Some(Ok((name, Outcome::Complete))) => {
                complete.insert(name);
            }
            Some(Ok((_, Outcome::Cancelled | Outcome::Left))) => {}
            Some(Ok((_, Outcome::Failed))) => {
                failed = true;
                abandon.cancel();
            }
            Some(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a resource's task ended early");
                failed = true;
                abandon.cancel();
            }
        }
    }
}
