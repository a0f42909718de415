//! How a port says that a call ended, and how a saga does.

use como_domain::effect::{EffectError, Refusal as PartnersRefusal};
use como_domain::partner::{PartnerError, PartnerErrorKind};
use como_domain::saga::event::{Outcome, Refusal};

use crate::report;

/// Nothing was sent, for a reason of ours.
pub(super) const fn not_sent() -> Outcome {
    Outcome::NotSent { retry_after_s: None }
}

/// What has to be known before the call cannot be read.
pub(super) fn unsent(error: PartnerError) -> Outcome {
    report::partner_failure(&error);
    let retry_after_s = match error.kind {
        PartnerErrorKind::Overloaded { retry_after: Some(wait) } => u32::try_from(wait.as_secs()).ok(),
        _ => None,
    };
    Outcome::NotSent { retry_after_s }
}

pub(super) fn failed(error: EffectError) -> Outcome {
    let wait = error.retry_after().and_then(|wait| u32::try_from(wait.as_secs()).ok());
    match error {
        EffectError::Refused { refusal, .. } => Outcome::Refused(refused(refusal)),
        EffectError::NotSent(error) => {
            report::partner_failure(&error);
            Outcome::NotSent { retry_after_s: wait }
        }
        EffectError::Unknown(error) => {
            report::partner_failure(&error);
            Outcome::Unknown
        }
    }
}

const fn refused(refusal: PartnersRefusal) -> Refusal {
    match refusal {
        PartnersRefusal::SignInNeeded => Refusal::SignInNeeded,
        PartnersRefusal::TooFewPoints => Refusal::InsufficientPoints,
        PartnersRefusal::SoldOut | PartnersRefusal::SlotTaken | PartnersRefusal::SlotNotOffered => Refusal::Unavailable,
        PartnersRefusal::CardDeclined | PartnersRefusal::Absent => Refusal::Declined,
        // A refund that is larger than what is left has been made before.
        PartnersRefusal::WrongState | PartnersRefusal::AmountTooLarge => Refusal::StateChanged,
        PartnersRefusal::NotOffered => Refusal::NotOffered,
        PartnersRefusal::KeyReused | PartnersRefusal::Other { .. } => Refusal::Invalid,
    }
}
