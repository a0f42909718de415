//! Where a task's output goes beside its file: the log group that its container's awslogs driver names.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>, 2026-11

use super::keeper::Keeper;
use super::wiring::main_container;
use crate::services::logs::{Following, Output};
use crate::services::property::{flag, object, text};
use std::path::Path;

/// None for a container without that driver; the error is the reason for which ECS would stop the task.
pub(super) fn follow(keeper: &Keeper, id: &str, path: &Path) -> Result<Option<Following>, String> {
    let container = main_container(&keeper.deployment, &keeper.definition);
    let configuration = container.and_then(|container| Some((container, object(container, "LogConfiguration")?)));
    let Some((container, configuration)) = configuration else { return Ok(None) };
    if text(configuration, "LogDriver") != Some("awslogs") {
        return Ok(None);
    }
    let option = |name: &str| object(configuration, "Options").and_then(|options| text(options, name));
    let name = text(container, "Name").unwrap_or_default();
    let output = Output {
        region: option("awslogs-region").unwrap_or(&keeper.service.region).to_owned(),
        group: option("awslogs-group").unwrap_or_default().to_owned(),
        stream: match option("awslogs-stream-prefix") {
            Some(prefix) => format!("{prefix}/{name}/{id}"),
            None => id.to_owned(),
        },
        path: path.to_owned(),
    };
    let makes_group = object(configuration, "Options").and_then(|options| flag(options, "awslogs-create-group"));
    let logs = &keeper.surroundings().logs;
    let opened = logs.open_stream(&output.region, &output.group, &output.stream, makes_group.unwrap_or(false));
    opened.and_then(|()| logs.follow(output)).map(Some).map_err(|error| {
        format!(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to \
             create Cloudwatch log stream: {}: {} : exit status 1",
            error.code, error.message
        )
    })
}
