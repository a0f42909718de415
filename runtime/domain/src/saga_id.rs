//! A saga's name: a keyed hash of who asked for what under which key, so that both regions give one request one name.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::identifier::MemberId;

/// 128 bits, which leave room for a step and an attempt in a partner's reference field.
const ID_BYTES: usize = 16;
const ID_DIGITS: usize = 2 * ID_BYTES;

/// Stripe's limit for its own header; ours takes no more either.
pub const MAX_KEY_LENGTH: usize = 255;

/// 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SagaId(String);

impl SagaId {
    /// The name of the saga that `member` starts at `route` under `key`.
    ///
    /// `secret` keeps whoever knows a request from foretelling its reference at a partner; it is the same in both regions.
    ///
    /// # Errors
    /// When the secret is empty: such names could be foretold.
    pub fn derive(
        secret: &SecretString,
        member: &MemberId,
        route: &str,
        key: &IdempotencyKey,
    ) -> Result<Self, SagaIdError> {
        let secret = secret.expose_secret().as_bytes();
        if secret.is_empty() {
            return Err(SagaIdError::NoSecret);
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| SagaIdError::NoSecret)?;
        for part in [member.as_str(), route, key.as_str()] {
            // The length goes first, so that no two requests run together into one text.
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(Self(hexadecimal(mac.finalize().into_bytes().iter().take(ID_BYTES))))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SagaId {
    type Error = SagaIdError;

    fn try_from(text: String) -> Result<Self, SagaIdError> {
        if text.len() == ID_DIGITS && is_lower_hexadecimal(&text) {
            Ok(Self(text))
        } else {
            Err(SagaIdError::Malformed)
        }
    }
}

impl From<SagaId> for String {
    fn from(id: SagaId) -> Self {
        id.0
    }
}

impl fmt::Display for SagaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SagaIdError {
    #[error("a saga id has {ID_DIGITS} lower-case hexadecimal digits")]
    Malformed,
    #[error("cannot name a saga without the secret that keys the names")]
    NoSecret,
}

/// What the client sent as `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for IdempotencyKey {
    type Error = IdempotencyKeyError;

    fn try_from(text: &str) -> Result<Self, IdempotencyKeyError> {
        let fits = (1..=MAX_KEY_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(IdempotencyKeyError) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an Idempotency-Key has 1 to {MAX_KEY_LENGTH} visible ASCII characters")]
pub struct IdempotencyKeyError;

/// What a request said, as a hash: 64 lower-case hexadecimal digits of SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BodyHash(String);

impl BodyHash {
    /// `body` must be written one way only, for example by serialising the parsed request: a client that repeats itself may
    /// order or space its JSON otherwise.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(hexadecimal(Sha256::digest(body).iter()))
    }
}

impl TryFrom<String> for BodyHash {
    type Error = BodyHashError;

    fn try_from(text: String) -> Result<Self, BodyHashError> {
        if text.len() == 64 && is_lower_hexadecimal(&text) { Ok(Self(text)) } else { Err(BodyHashError) }
    }
}

impl From<BodyHash> for String {
    fn from(hash: BodyHash) -> Self {
        hash.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a body's hash has 64 lower-case hexadecimal digits")]
pub struct BodyHashError;

fn is_lower_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hexadecimal<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(secret: &str, member: &str, route: &str, key: &str) -> String {
        let member = MemberId::try_from(member).unwrap();
        let key = IdempotencyKey::try_from(key).unwrap();
        SagaId::derive(&SecretString::from(secret), &member, route, &key).unwrap().as_str().to_owned()
    }

    #[test]
    fn whatever_differs_gives_another_saga() {
        let id = derive("s", "M1", "/v1/bookings", "k");
        assert_eq!(id, derive("s", "M1", "/v1/bookings", "k"));
        for other in [
            derive("t", "M1", "/v1/bookings", "k"),
            derive("s", "M2", "/v1/bookings", "k"),
            derive("s", "M1", "/v1/redemptions", "k"),
            derive("s", "M1", "/v1/bookings", "l"),
            derive("s", "M1", "/v1/booking", "sk"),
        ] {
            assert_ne!(id, other);
        }
    }

    /// The expected digits are those of `hmac` of Python's standard library, over the same bytes.
    #[test]
    fn a_name_does_not_change_between_releases() {
        assert_eq!(derive("secret", "M1", "/v1/bookings", "k"), "762ca27a7bf2a71fb3c1bcdaf31a35be");
    }

    #[test]
    fn an_empty_secret_names_nothing() {
        let key = IdempotencyKey::try_from("k").unwrap();
        let derived = SagaId::derive(&SecretString::from(""), &MemberId::try_from("M1").unwrap(), "/", &key);
        assert_eq!(derived, Err(SagaIdError::NoSecret));
    }

    #[test]
    fn keys_and_ids_are_checked_at_the_border() {
        for text in ["", "a b", "é", "a\n", &"x".repeat(MAX_KEY_LENGTH + 1)] {
            assert!(IdempotencyKey::try_from(text).is_err(), "{text}");
        }
        assert!(IdempotencyKey::try_from("x".repeat(MAX_KEY_LENGTH).as_str()).is_ok());
        for text in ["", "0123456789abcdef0123456789abcde", "0123456789ABCDEF0123456789ABCDEF"] {
            assert_eq!(SagaId::try_from(text.to_owned()), Err(SagaIdError::Malformed), "{text}");
        }
        assert!(SagaId::try_from("0123456789abcdef0123456789abcdef".to_owned()).is_ok());
        let hash = BodyHash::of(b"{}");
        assert_eq!(BodyHash::try_from(String::from(hash.clone())), Ok(hash));
        assert_eq!(BodyHash::try_from("00".to_owned()), Err(BodyHashError));
    }
}
