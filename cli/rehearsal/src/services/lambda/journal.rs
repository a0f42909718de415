//! What an instance's log says of its invocations, between the function's own lines.

use crate::services::logs::{Following, Logs, Output};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

pub(super) struct Journal {
    logs: Arc<Logs>,
    output: Output,
    /// None when its stream could not be made.
    following: Option<Following>,
    /// Whether the lines between are JSON documents.
    is_json: bool,
}

/// One invocation.
pub(super) struct Entry {
    request_id: String,
    begun: Instant,
}

impl Journal {
    /// Makes the group too if it is not there, as Lambda does.
    pub(super) fn open(logs: &Arc<Logs>, output: Output, is_json: bool) -> Self {
        let opened = logs.open_stream(&output.region, &output.group, &output.stream, true);
        let following = opened.and_then(|()| logs.follow(output.clone())).map_err(|error| {
            tracing::error!(%error, "a function's output does not get into {}", output.group);
        });
        Self { logs: Arc::clone(logs), output, following: following.ok(), is_json }
    }

    pub(super) fn begin(&self, request_id: &str) -> Entry {
        self.say(match self.is_json {
            true => event("platform.start", json!({ "requestId": request_id, "version": "$LATEST" })),
            false => format!("START RequestId: {request_id} Version: $LATEST"),
        });
        Entry { request_id: request_id.to_owned(), begun: Instant::now() }
    }

    /// With what is wrong, if the instance does not survive it. What it used of its memory is not measured, so it is not
    /// said.
    pub(super) fn end(&self, entry: Entry, complaint: Option<String>, memory_mb: u64) {
        let Entry { request_id, begun } = entry;
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        let status = if complaint.is_some() { "error" } else { "success" };
        if let Some(complaint) = complaint {
            self.say(complaint);
        }
        if self.is_json {
            let metrics = json!({
                "durationMs": milliseconds, "billedDurationMs": milliseconds.ceil(), "memorySizeMB": memory_mb,
            });
            let record = json!({ "requestId": request_id, "status": status, "metrics": metrics });
            return self.say(event("platform.report", record));
        }
        self.say(format!("END RequestId: {request_id}"));
        self.say(format!(
            "REPORT RequestId: {request_id}\tDuration: {milliseconds:.2} ms\tBilled Duration: {:.0} ms\tMemory Size: \
             {memory_mb} MB",
            milliseconds.ceil()
        ));
    }

    /// After what the function itself has said.
    fn say(&self, line: String) {
        if let Some(following) = &self.following {
            following.catch_up();
            self.logs.write(&self.output.region, &self.output.group, &self.output.stream, line);
        }
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>
fn event(kind: &str, record: Value) -> String {
    let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    json!({ "time": time, "type": kind, "record": record }).to_string()
}
