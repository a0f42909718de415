//! JSON logs on standard output, and metrics between them.

use std::panic;

use como_contract::metric::event;
use tracing::{Level, error};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::metrics::Metrics;

/// Chooses what is logged, in `tracing`'s syntax, for example `info,como_adapters=debug`. It chooses sentences: a metric that
/// an alarm watches is written whatever it says.
pub(crate) const FILTER_VARIABLE: &str = "COMO_LOG";

/// `environment` is the one whose data the service works with. A second call, or a subscriber that is already there, changes
/// nothing.
pub(crate) fn init(environment: &str) {
    let filter = std::env::var(FILTER_VARIABLE).ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new("info"));
    let is_metric = |metadata: &tracing::Metadata<'_>| metadata.target() == event::TARGET;
    let sentences = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_filter(filter.and(filter_fn(move |metadata| !is_metric(metadata)).with_max_level_hint(Level::TRACE)));
    let metrics = Metrics::new(environment.to_owned(), std::io::stdout())
        .with_filter(filter_fn(is_metric).with_max_level_hint(Level::INFO));
    if tracing_subscriber::registry().with(sentences).with(metrics).try_init().is_err() {
        return;
    }
    // Not the message: it may quote a value.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        error!(panic.place = place, "a panic at {place}");
    }));
}
