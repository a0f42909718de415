//! JSON logs on standard output.

use std::panic;

use tracing::error;
use tracing_subscriber::EnvFilter;

/// Chooses what is logged, in `tracing`'s syntax, for example `info,como_adapters=debug`.
pub(crate) const FILTER_VARIABLE: &str = "COMO_LOG";

/// A second call, or a subscriber that is already there, changes nothing.
pub(crate) fn init() {
    let filter = std::env::var(FILTER_VARIABLE).ok().and_then(|text| EnvFilter::try_new(text).ok());
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter.unwrap_or_else(|| EnvFilter::new("info")));
    if subscriber.try_init().is_err() {
        return;
    }
    // Not the message: it may quote a value.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        error!(panic.place = place, "a panic at {place}");
    }));
}
