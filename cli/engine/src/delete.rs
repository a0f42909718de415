//! Deletes one stack and watches it go.

use crate::error::CloudError;
use crate::run::{Run, Subject};
use crate::stack::StackEvent;
use crate::watch::{Watched, watch};

/// Asks for the deletion of the stack with this id and follows it to its end.
pub(crate) async fn delete(
    run: &Run<'_>,
    subject: Subject<'_>,
    stack_id: &str,
    token: &str,
) -> Result<Watched, CloudError> {
    let seen = history(run, subject, stack_id).await?.pop().map(|event| event.id);
    run.call(Some(subject), async || run.ports.cloud.delete_stack(subject.region, stack_id, token).await).await?;
    watch(run, subject, stack_id, seen).await
}

/// Follows a deletion that runs already, from its beginning to its end.
pub(crate) async fn join_deletion(run: &Run<'_>, subject: Subject<'_>, stack_id: &str) -> Result<Watched, CloudError> {
    let events = history(run, subject, stack_id).await?;
    let is_start = |event: &StackEvent| event.is_of_stack(stack_id) && event.status.as_str() == "DELETE_IN_PROGRESS";
    let before = events.iter().rposition(is_start).and_then(|start| start.checked_sub(1));
    let seen = before.and_then(|index| events.get(index)).map(|event| event.id.clone());
    watch(run, subject, stack_id, seen).await
}

async fn history(run: &Run<'_>, subject: Subject<'_>, stack_id: &str) -> Result<Vec<StackEvent>, CloudError> {
    let events = run
        .call(Some(subject), async || {
            run.turn(subject.region).await;
            run.ports.cloud.events(subject.region, stack_id, None).await
        })
        .await;
    match events {
        // It went between two calls.
        Err(CloudError::NotFound(_)) => Ok(Vec::new()),
        other => other,
    }
}
