//! Has a partner's failures counted. An alarm watches their number; whoever handles the error logs it in words.

use como_contract::metric::{PARTNER_ERRORS, event::TARGET};
use como_domain::partner::{Partner, PartnerErrorKind};
use tracing::info;

/// Counts one attempt that failed for a reason of the partner's. A refusal is an answer, and a paused call was never made.
pub(crate) fn count(partner: Partner, kind: PartnerErrorKind) {
    if kind.counts_against_health() {
        // The fields are those of `como_contract::metric::event`, which a macro cannot take as constants.
        info!(target: TARGET, metric = PARTNER_ERRORS, value = 1_u64, partner = partner.name());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Fields as text, event by event.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<String>>>);

    struct Words(String);

    impl Visit for Words {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.0.push_str(&format!("{}={value:?} ", field.name()));
        }
    }

    impl Subscriber for Told {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut words = Words(format!("{}: ", event.metadata().target()));
            event.record(&mut words);
            self.0.lock().unwrap().push(words.0.trim_end().to_owned());
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn only_what_speaks_of_the_partners_health_is_counted() {
        let told = Told::default();
        tracing::subscriber::with_default(told.clone(), || {
            count(Partner::Memberson, PartnerErrorKind::TimedOut);
            count(Partner::SevenRooms, PartnerErrorKind::Failed { status: 503 });
            count(Partner::Memberson, PartnerErrorKind::Refused { status: 404, code: None });
            count(Partner::Memberson, PartnerErrorKind::Paused);
        });
        let expected = ["memberson", "sevenrooms"]
            .map(|partner| format!(r#"como::metric: metric="PartnerErrors" value=1 partner="{partner}""#));
        assert_eq!(*told.0.lock().unwrap(), expected);
    }
}
