//! A line per event, for pipes and continuous integration.

use super::text::{count, duration};
use como_engine::code::{Code, Level};
use como_engine::event::Event;
use owo_colors::OwoColorize;
use std::time::Duration;

/// The event as one line, or nothing where a reader of a log gains nothing by it.
pub(crate) fn line(event: &Event) -> Option<String> {
    let about = &event.about;
    let text = match event.code {
        Code::OperationStarted
        | Code::OperationFinished
        | Code::PlanReady
        | Code::NoChanges
        | Code::StackUnchanged
        | Code::ObjectsReady
        | Code::RowPresent => return None,
        Code::CallRetried => format!("calling again: {}", about.reason.as_deref().unwrap_or_default()),
        Code::RowWritten => {
            let table = about.table.as_deref().unwrap_or_default();
            format!("wrote {} into {table}", about.key.as_deref().unwrap_or_default())
        }
        Code::ObjectWritten => {
            let bucket = about.bucket.as_deref().unwrap_or_default();
            format!("put {} into {bucket}", about.key.as_deref().unwrap_or_default())
        }
        // The second of two lines that say the same.
        Code::ResourceInProgress if about.reason.as_deref() == Some("Resource creation Initiated") => return None,
        // CloudFormation has done its part and waits for the service's, which changes nothing for a reader.
        Code::ResourceInProgress | Code::StackStatus
            if about.reason.as_deref() == Some("Eventual consistency check initiated") =>
        {
            return None;
        }
        code => {
            let mut text = words(code, event);
            if let Some(reason) = about.reason.as_deref().filter(|reason| !reason.is_empty()) {
                text.push_str(&format!(": {reason}"));
            }
            text
        }
    };
    let time = event.ts.strftime("%H:%M:%S").to_string();
    let stack = about.stack.as_deref().unwrap_or_default();
    let mark = match event.code.level() {
        Level::Error => "✗".red().to_string(),
        Level::Warning => "!".yellow().to_string(),
        Level::Info => "·".cyan().to_string(),
        Level::Detail => " ".to_owned(),
    };
    let took = about.duration_ms.map(|ms| format!(" ({})", duration(Duration::from_millis(ms)))).unwrap_or_default();
    Some(format!("{} {mark} {stack:<31} {text}{took}", time.dimmed()).trim_end().to_owned())
}

fn words(code: Code, event: &Event) -> String {
    let about = &event.about;
    let status = about.status.as_deref().unwrap_or_default();
    match code {
        Code::ResourceInProgress | Code::ResourceComplete | Code::ResourceFailed | Code::ResourceCancelled => {
            let id = about.logical_id.as_deref().unwrap_or_default();
            format!("{status:<20} {} {id}", about.resource_type.as_deref().unwrap_or_default())
        }
        Code::ResourceKept => {
            let id = about.logical_id.as_deref().unwrap_or_default();
            format!("keeps {} {id}", about.resource_type.as_deref().unwrap_or_default())
        }
        Code::ResourceAdopted => {
            let kind = about.resource_type.as_deref().unwrap_or_default();
            format!("takes over {kind} {}", about.physical_id.as_deref().unwrap_or_default())
        }
        Code::StackStarted => format!("started, {}", about.action.map_or("", words_of)),
        Code::StackNotStarted => {
            format!("not started, since {} failed", about.blocked_by.as_deref().unwrap_or_default())
        }
        Code::StackStatus => status.to_owned(),
        Code::ChangesKnown => format!("changes {} after all", count(about.changes.len(), "resource")),
        code => code.meaning().split(':').next().unwrap_or_default().to_owned(),
    }
}

/// What is done to a stack, in words.
pub(crate) const fn words_of(action: como_engine::plan::Action) -> &'static str {
    use como_engine::plan::Action;
    match action {
        Action::Create => "create",
        Action::Recreate => "delete what failed, then create",
        Action::CreateAfterDeletion => "create once its deletion has ended",
        Action::Join => "watch the creation that is running",
        Action::Update => "change",
        Action::JoinUpdate => "watch the change that is running",
        Action::Keep => "nothing",
        Action::Delete => "delete",
        Action::JoinDeletion => "watch the deletion that is running",
        Action::Gone => "nothing, it does not exist",
    }
}
