//! A failure beneath a port is logged once, where it is handled.

use std::error::Error;

use como_domain::partner::PartnerError;
use tracing::{error, warn};

/// A partner in trouble is expected; the breaker and the degraded view deal with it.
pub(crate) fn partner_failure(failure: &PartnerError) {
    warn!(
        partner.name = failure.partner.name(),
        partner.operation = failure.operation,
        partner.problem = failure.kind.reason().code(),
        error.cause = causes(failure.source.as_deref().map(|source| source as &dyn Error)),
        "{failure}",
    );
}

/// Our own stores failing needs somebody.
pub(crate) fn own_failure(failure: &dyn Error) {
    error!(error.cause = causes(failure.source()), "{failure}");
}

fn causes(first: Option<&dyn Error>) -> Option<String> {
    let mut text = first?.to_string();
    let mut next = first?.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    Some(text)
}
