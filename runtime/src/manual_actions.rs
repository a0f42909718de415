//! Says every minute how many manual actions are open. Each task does so by itself: an alarm takes the largest number, and a
//! count of a nearly empty index costs less than agreeing on who counts.

use std::time::Duration;

use como_adapters::dynamo::OpenActions;
use como_contract::metric::{OPEN_ACTIONS, event::TARGET};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// As often as an alarm looks.
const EVERY: Duration = Duration::from_secs(60);

pub(crate) async fn count_until(stop: CancellationToken, actions: OpenActions) {
    loop {
        match actions.count().await {
            Ok(open) => info!(target: TARGET, metric = OPEN_ACTIONS, value = open),
            // Without a number the alarm stays as it is.
            Err(error) => warn!(problem.cause = &error as &dyn std::error::Error, "{error}"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
