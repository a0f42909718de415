//! Work on resources in the order that their dependencies ask for, side by side where they allow it.

use super::graph::Dependencies;
use super::operations::Interrupt;
use super::resume::Standing;
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

/// What becomes of the others once one has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterFailure {
    /// Nothing more begins, and what is under way is cancelled.
    Cancel,
    /// "A failure in one path doesn't affect other provisioning paths", says the user guide of stacks whose rollback is
    /// disabled: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html>.
    GoOn,
}

/// Begins each resource once all that it needs is complete; `abandon` tells those that are under way to end. What a
/// supervisor before this one has begun is begun again in any case, so that it ends. Returns whether one failed.
pub(super) async fn work<F>(
    dependencies: &Dependencies,
    standing: Standing,
    after_failure: AfterFailure,
    interrupt: &Interrupt,
    abandon: &CancellationToken,
    begin: impl Fn(String, BTreeSet<String>) -> F,
) -> bool
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let Standing { mut complete, failed: failed_before, under_way } = standing;
    let mut started: BTreeSet<String> = complete.union(&failed_before).cloned().collect();
    let mut failed = !failed_before.is_empty();
    let mut tasks: JoinSet<(String, Outcome)> = JoinSet::new();
    loop {
        let goes_on = !abandon.is_cancelled() && (!failed || after_failure == AfterFailure::GoOn);
        if !goes_on {
            abandon.cancel();
        }
        if !interrupt.is_set() {
            for (name, needed) in dependencies {
                let is_due = goes_on && needed.is_subset(&complete);
                if started.contains(name) || !(is_due || under_way.contains(name)) {
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
            Some(Ok((_, Outcome::Failed))) => failed = true,
            Some(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a resource's task ended early");
                failed = true;
            }
        }
    }
}
