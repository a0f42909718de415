//! Passwords: the pool's policy and how they are kept.

use crate::services::password::{PasswordError, random_bytes};
use crate::services::property::{self, Properties};
use crate::services::wire::ServiceError;
use aws_lc_rs::pbkdf2;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Few, because a rehearsal's sign-ins should cost little and its members are invented.
const ITERATIONS: NonZeroU32 = match NonZeroU32::new(1000) {
    Some(iterations) => iterations,
    None => NonZeroU32::MIN,
};

/// Salted PBKDF2-HMAC-SHA256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PasswordHash {
    salt: String,
    hash: String,
}

impl PasswordHash {
    pub(super) fn of(password: &str) -> Result<Self, PasswordError> {
        let salt: [u8; 16] = random_bytes()?;
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, &salt, password.as_bytes(), &mut hash);
        Ok(Self { salt: STANDARD.encode(salt), hash: STANDARD.encode(hash) })
    }

    pub(super) fn matches(&self, password: &str) -> bool {
        let (Ok(salt), Ok(hash)) = (STANDARD.decode(&self.salt), STANDARD.decode(&self.hash)) else { return false };
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, &salt, password.as_bytes(), &hash).is_ok()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PasswordPolicy {
    minimum_length: u64,
    lower_case: bool,
    upper_case: bool,
    digits: bool,
    symbols: bool,
}

impl PasswordPolicy {
    /// From a pool's properties; what they leave out is as Cognito's API leaves it.
    pub(super) fn of(properties: &Properties) -> Self {
        let policy = property::object(properties, "Policies");
        let policy = policy.and_then(|policies| property::object(policies, "PasswordPolicy"));
        let Some(policy) = policy else {
            return Self { minimum_length: 8, lower_case: true, upper_case: true, digits: true, symbols: true };
        };
        let requires = |name| property::flag(policy, name).unwrap_or(false);
        Self {
            minimum_length: property::number(policy, "MinimumLength").unwrap_or(6),
            lower_case: requires("RequireLowercase"),
            upper_case: requires("RequireUppercase"),
            digits: requires("RequireNumbers"),
            symbols: requires("RequireSymbols"),
        }
    }

    pub(super) fn check(&self, password: &str) -> Result<(), ServiceError> {
        let length = u64::try_from(password.chars().count()).unwrap_or(u64::MAX);
        let is_symbol = |letter: char| letter.is_ascii_punctuation() || letter == ' ';
        let complaint = if length < self.minimum_length {
            "Password not long enough"
        } else if 256 < length {
            "Password is too long"
        } else if self.lower_case && !password.contains(|letter: char| letter.is_ascii_lowercase()) {
            "Password must have lowercase characters"
        } else if self.upper_case && !password.contains(|letter: char| letter.is_ascii_uppercase()) {
            "Password must have uppercase characters"
        } else if self.digits && !password.contains(|letter: char| letter.is_ascii_digit()) {
            "Password must have numeric characters"
        } else if self.symbols && !password.contains(is_symbol) {
            "Password must have symbol characters"
        } else {
            return Ok(());
        };
        let message = format!("Password did not conform with policy: {complaint}");
        Err(ServiceError::new("InvalidPasswordException", message))
    }
}
