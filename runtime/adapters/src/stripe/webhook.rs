//! What Stripe tells us by itself: first whether it was Stripe, then what it says.
//!
//! The signature is over the raw body, byte for byte, with any of several secrets, since there are two while one is rolled.
//! It may be up to a tolerance old; how far in the future it may be, Stripe's own libraries do not ask either.

use std::time::Duration;

use aws_lc_rs::hmac;
use como_domain::payment::PaymentEvent;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::stripe::{convert, wire};

/// The header of the signature.
pub const SIGNATURE_HEADER: &str = "Stripe-Signature";
/// Other schemes are for Stripe's own tests, or weaker: they are not looked at.
const SCHEME: &str = "v1";
/// More than any header that Stripe has been seen to send.
const MAX_SIGNATURES: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookError {
    #[error("the signature cannot be read")]
    Malformed,
    #[error("no signature is one of ours")]
    Signature,
    #[error("the signature is too old")]
    TooOld,
    #[error("the event cannot be understood")]
    Body,
}

/// The event, if one of the secrets signed this body recently.
///
/// # Errors
/// Says what is wrong with it; nothing of the body is repeated.
pub fn receive(
    header: &str,
    body: &[u8],
    secrets: &[SecretString],
    now: Timestamp,
    tolerance: Duration,
) -> Result<PaymentEvent, WebhookError> {
    verify(header, body, secrets, now, tolerance)?;
    let event: wire::Event = serde_json::from_slice(body).map_err(|_| WebhookError::Body)?;
    Ok(convert::event(event))
}

/// # Errors
/// When the header cannot be read, no secret fits, or the signature is older than the tolerance.
pub fn verify(
    header: &str,
    body: &[u8],
    secrets: &[SecretString],
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), WebhookError> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let stated = parts().find(|(name, _)| *name == "t").map(|(_, value)| value);
    let stated = stated.ok_or(WebhookError::Malformed)?;
    let signed_at = stated.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let signed_at = signed_at.ok_or(WebhookError::Malformed)?;
    let signatures: Vec<Vec<u8>> = parts()
        .filter(|(name, _)| *name == SCHEME)
        .take(MAX_SIGNATURES)
        .filter_map(|(_, value)| bytes_of_hex(value))
        .collect();
    if signatures.is_empty() {
        return Err(WebhookError::Malformed);
    }
    // As the header has it: the time that was signed is its text, not its value.
    let mut signed = format!("{stated}.").into_bytes();
    signed.extend_from_slice(body);
    let is_ours = secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        // Compares in constant time.
        signatures.iter().any(|signature| hmac::verify(&key, &signed, signature).is_ok())
    });
    if !is_ours {
        return Err(WebhookError::Signature);
    }
    let tolerance = SignedDuration::try_from(tolerance).unwrap_or(SignedDuration::MAX);
    if tolerance < now.duration_since(signed_at) {
        return Err(WebhookError::TooOld);
    }
    Ok(())
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}
