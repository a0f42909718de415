//! ProfileTokens at rest: AES-256-GCM, the member's number as associated data, so that a stored token cannot be moved to
//! another member.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use como_domain::identifier::MemberId;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Shorter keys are refused at the start, not at the first login.
pub const MIN_KEY_LENGTH: usize = 32;

const KEY_LABEL: &[u8] = b"como/profile-token/1";

pub struct ProfileTokenCipher {
    key: RandomizedNonceKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EncryptionError {
    #[error("the session key has fewer than {MIN_KEY_LENGTH} characters")]
    KeyTooShort,
    #[error("cannot derive the key for profile tokens")]
    Derive,
    #[error("cannot encrypt a profile token")]
    Seal,
    /// Another key, another member or an altered value: which one cannot be told.
    #[error("cannot decrypt a profile token")]
    Open,
}

impl ProfileTokenCipher {
    /// Derives the encryption key from the secret by HKDF-SHA-256.
    ///
    /// # Errors
    /// When the secret is shorter than [`MIN_KEY_LENGTH`].
    pub fn new(session_key: &SecretString) -> Result<Self, EncryptionError> {
        let secret = session_key.expose_secret().as_bytes();
        if secret.len() < MIN_KEY_LENGTH {
            return Err(EncryptionError::KeyTooShort);
        }
        let mut bytes = [0_u8; 32];
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(secret);
        derived
            .expand(&[KEY_LABEL], hkdf::HKDF_SHA256)
            .and_then(|output| output.fill(&mut bytes))
            .map_err(|_| EncryptionError::Derive)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| EncryptionError::Derive)?;
        Ok(Self { key })
    }

    /// Nonce, ciphertext and tag.
    ///
    /// # Errors
    /// When the library gives no randomness.
    pub fn seal(&self, member_id: &MemberId, token: &SecretString) -> Result<Vec<u8>, EncryptionError> {
        let mut ciphertext = token.expose_secret().as_bytes().to_vec();
        let aad = Aad::from(member_id.as_str().as_bytes());
        let nonce = self.key.seal_in_place_append_tag(aad, &mut ciphertext).map_err(|_| EncryptionError::Seal)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut ciphertext);
        Ok(sealed)
    }

    /// # Errors
    /// When the value was not sealed by [`ProfileTokenCipher::seal`] with this key for this member.
    pub fn open(&self, member_id: &MemberId, sealed: &[u8]) -> Result<SecretString, EncryptionError> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN).ok_or(EncryptionError::Open)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| EncryptionError::Open)?;
        let mut plain = ciphertext.to_vec();
        let aad = Aad::from(member_id.as_str().as_bytes());
        let opened = self.key.open_in_place(nonce, aad, &mut plain).map_err(|_| EncryptionError::Open)?;
        std::str::from_utf8(opened).map(SecretString::from).map_err(|_| EncryptionError::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(key: &str) -> ProfileTokenCipher {
        ProfileTokenCipher::new(&SecretString::from(key)).unwrap()
    }

    #[test]
    fn only_the_same_key_and_member_open_what_was_sealed() {
        let (mei, arjun) = (MemberId::try_from("C1").unwrap(), MemberId::try_from("C2").unwrap());
        let key = "0123456789abcdef0123456789abcdef";
        let token = SecretString::from("profile-token");
        let sealed = cipher(key).seal(&mei, &token).unwrap();
        assert_eq!(cipher(key).open(&mei, &sealed).unwrap().expose_secret(), "profile-token");
        assert_ne!(sealed, cipher(key).seal(&mei, &token).unwrap(), "a nonce is never used twice");

        let mut altered = sealed.clone();
        *altered.last_mut().unwrap() ^= 1;
        let refused =
            |result: Result<SecretString, EncryptionError>| assert_eq!(result.err(), Some(EncryptionError::Open));
        refused(cipher(key).open(&mei, &altered));
        refused(cipher(key).open(&arjun, &sealed));
        refused(cipher("another key, also with 32 characters").open(&mei, &sealed));
        refused(cipher(key).open(&mei, b"short"));
    }

    #[test]
    fn a_short_key_is_refused() {
        let result = ProfileTokenCipher::new(&SecretString::from("short"));
        assert_eq!(result.err(), Some(EncryptionError::KeyTooShort));
    }
}
