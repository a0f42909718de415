//! Has a change set made and waits until it says what it would do.

use crate::change_set::{ChangeSet, ChangeSetStatus};
use crate::error::CloudError;
use crate::masking::mask;
use crate::port::CreateChangeSet;
use crate::run::{Run, Subject};
use tokio::time::sleep;

/// Looks in a row that may find nothing: a change set comes a moment after it was asked for.
const ABSENT_LOOKS: u32 = 4;

/// The change set, with its construct paths and without secrets; it is never [`ChangeSetStatus::Making`].
pub(crate) async fn propose(
    run: &Run<'_>,
    subject: Subject<'_>,
    request: &CreateChangeSet,
) -> Result<ChangeSet, CloudError> {
    let Subject { region, .. } = subject;
    let cloud = run.ports.cloud;
    match run.call(Some(subject), async || cloud.create_change_set(region, request).await).await {
        // The name holds this attempt's, so it is ours and only the reply was lost.
        Ok(()) | Err(CloudError::AlreadyExists(_)) => {}
        Err(error) => return Err(error),
    }
    let mut interval = run.ports.pace.shortest_interval;
    let mut absent = 0;
    loop {
        let look = async || {
            run.turn(region).await;
            cloud.change_set(region, &request.stack, &request.name).await
        };
        match run.call(Some(subject), look).await? {
            Some(set) if set.status != ChangeSetStatus::Making => return Ok(readable(subject, set)),
            Some(_) => {}
            None => {
                absent += 1;
                if ABSENT_LOOKS <= absent {
                    let (stack_id, status) = (request.stack.clone(), ChangeSetStatus::Spent);
                    return Ok(ChangeSet { stack_id, status, reason: None, changes: Vec::new() });
                }
            }
        }
        sleep(interval).await;
        interval = run.ports.pace.slower(interval);
    }
}

fn readable(subject: Subject<'_>, mut set: ChangeSet) -> ChangeSet {
    for change in &mut set.changes {
        change.path = subject.paths.get(&change.logical_id).cloned();
        change.details.iter_mut().for_each(mask);
    }
    set
}

/// Deletes a change set that will not be executed.
pub(crate) async fn discard(run: &Run<'_>, subject: Subject<'_>, name: &str) {
    let delete = async || run.ports.cloud.delete_change_set(subject.region, subject.name, name).await;
    // One that stays touches nothing, and goes with the stack's next change.
    let _deleted = run.call(Some(subject), delete).await;
}
