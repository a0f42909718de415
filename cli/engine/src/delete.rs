//! Deletes one stack and watches it go.

use crate::error::CloudError;
use crate::run::{Run, Subject};
use crate::watch::{Begin, Watched, watch};

/// Asks for the deletion of the stack with this id and follows it to its end.
pub(crate) async fn delete(
    run: &Run<'_>,
    subject: Subject<'_>,
    stack_id: &str,
    token: &str,
) -> Result<Watched, CloudError> {
    run.call(Some(subject), async || run.ports.cloud.delete_stack(subject.region, stack_id, token).await).await?;
    watch(run, subject, stack_id, Begin::Request(token)).await
}

/// Follows a deletion that runs already, from its beginning to its end.
pub(crate) async fn join_deletion(run: &Run<'_>, subject: Subject<'_>, stack_id: &str) -> Result<Watched, CloudError> {
    watch(run, subject, stack_id, Begin::Deletion).await
}
