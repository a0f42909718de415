//! Stripe's documented test cards. <https://docs.stripe.com/testing>

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Card {
    pub(super) last4: String,
    /// The bank wants to see the cardholder first.
    pub(super) needs_authentication: bool,
    pub(super) decline: Option<Decline>,
    pub(super) refund: RefundCourse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Decline {
    Generic,
    InsufficientFunds,
    Expired,
    IncorrectCvc,
    ProcessingError,
    /// Nobody's test card.
    IncorrectNumber,
}

/// How a refund to the card ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RefundCourse {
    Succeeds,
    /// Pending first.
    SucceedsLater,
    /// Succeeded first.
    FailsLater,
}

impl Decline {
    /// Code, decline code, message.
    pub(super) const fn words(self) -> (&'static str, Option<&'static str>, &'static str) {
        match self {
            Self::Generic => ("card_declined", Some("generic_decline"), "Your card was declined."),
            Self::InsufficientFunds => {
                ("card_declined", Some("insufficient_funds"), "Your card has insufficient funds.")
            }
            Self::Expired => ("expired_card", None, "Your card has expired."),
            Self::IncorrectCvc => ("incorrect_cvc", None, "Your card's security code is incorrect."),
            Self::ProcessingError => {
                ("processing_error", None, "An error occurred while processing your card. Try again in a little bit.")
            }
            Self::IncorrectNumber => ("incorrect_number", None, "Your card number is incorrect."),
        }
    }
}

/// Numbers for the page of a Checkout Session, and what each does.
pub const TEST_CARDS: [(&str, &str); 12] = [
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "is declined: too little money"),
    ("4000 0000 0000 0069", "is declined: expired"),
    ("4000 0000 0000 0127", "is declined: wrong security code"),
    ("4000 0000 0000 0119", "is declined: an error while processing"),
    ("4000 0027 6000 3184", "the bank asks first, then it pays"),
    ("4000 0025 0000 3155", "the bank asks first, then it pays"),
    ("4000 0084 0000 1629", "the bank asks first, then it is declined"),
    ("4000 0082 6000 3178", "the bank asks first, then it is declined: too little money"),
    ("4000 0000 0000 7726", "pays; a refund is pending first"),
    ("4000 0000 0000 5126", "pays; a refund succeeds first and fails later"),
];

/// By its number, spaces or not.
pub(super) fn by_number(number: &str) -> Card {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let (needs_authentication, decline, refund) = match digits.as_str() {
        "4242424242424242" | "5555555555554444" => (false, None, RefundCourse::Succeeds),
        "4000000000000002" => (false, Some(Decline::Generic), RefundCourse::Succeeds),
        "4000000000009995" => (false, Some(Decline::InsufficientFunds), RefundCourse::Succeeds),
        "4000000000000069" => (false, Some(Decline::Expired), RefundCourse::Succeeds),
        "4000000000000127" => (false, Some(Decline::IncorrectCvc), RefundCourse::Succeeds),
        "4000000000000119" => (false, Some(Decline::ProcessingError), RefundCourse::Succeeds),
        "4000002500003155" | "4000002760003184" | "4000000000003220" => (true, None, RefundCourse::Succeeds),
        "4000008400001629" => (true, Some(Decline::Generic), RefundCourse::Succeeds),
        "4000008260003178" => (true, Some(Decline::InsufficientFunds), RefundCourse::Succeeds),
        "4000000000007726" => (false, None, RefundCourse::SucceedsLater),
        "4000000000005126" => (false, None, RefundCourse::FailsLater),
        _ => (false, Some(Decline::IncorrectNumber), RefundCourse::Succeeds),
    };
    let last4 = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_owned();
    Card { last4, needs_authentication, decline, refund }
}

/// By the name that Stripe gives a test card in place of its number.
pub(super) fn by_name(payment_method: &str) -> Option<Card> {
    let number = match payment_method {
        "pm_card_visa" => "4242424242424242",
        "pm_card_mastercard" => "5555555555554444",
        "pm_card_visa_chargeDeclined" | "pm_card_chargeDeclined" => "4000000000000002",
        "pm_card_visa_chargeDeclinedInsufficientFunds" | "pm_card_chargeDeclinedInsufficientFunds" => {
            "4000000000009995"
        }
        "pm_card_visa_chargeDeclinedExpiredCard" | "pm_card_chargeDeclinedExpiredCard" => "4000000000000069",
        "pm_card_visa_chargeDeclinedIncorrectCvc" | "pm_card_chargeDeclinedIncorrectCvc" => "4000000000000127",
        "pm_card_visa_chargeDeclinedProcessingError" | "pm_card_chargeDeclinedProcessingError" => "4000000000000119",
        "pm_card_authenticationRequired" => "4000002760003184",
        "pm_card_threeDSecure2Required" => "4000000000003220",
        "pm_card_pendingRefund" => "4000000000007726",
        "pm_card_refundFail" => "4000000000005126",
        _ => return None,
    };
    Some(by_number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_card_does_what_is_said_of_it() {
        for (number, what) in TEST_CARDS {
            let card = by_number(number);
            assert_eq!(card.needs_authentication, what.contains("bank asks"), "{number}");
            assert_eq!(card.decline.is_some(), what.contains("declined"), "{number}");
            assert_ne!(card.decline, Some(Decline::IncorrectNumber), "{number}");
            let refund = match what {
                what if what.contains("pending") => RefundCourse::SucceedsLater,
                what if what.contains("fails later") => RefundCourse::FailsLater,
                _ => RefundCourse::Succeeds,
            };
            assert_eq!(card.refund, refund, "{number}");
        }
    }
}
