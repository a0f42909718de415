//! Seals on what we hand out and take back: whoever brings it cannot have changed it.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use thiserror::Error;

/// HMAC-SHA-256 under a key that is derived for one purpose, so that what was sealed for one is worth nothing for another.
pub struct Seal {
    mac: Hmac<Sha256>,
}

impl Seal {
    /// `purpose` names what is sealed and its version, for example `como/quote/1`.
    ///
    /// # Errors
    /// When the secret is empty: anybody could seal then.
    pub fn new(secret: &SecretString, purpose: &str) -> Result<Self, NoSecret> {
        let secret = secret.expose_secret().as_bytes();
        if secret.is_empty() {
            return Err(NoSecret);
        }
        let mut derive = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| NoSecret)?;
        derive.update(purpose.as_bytes());
        let mac = Hmac::new_from_slice(&derive.finalize().into_bytes()).map_err(|_| NoSecret)?;
        Ok(Self { mac })
    }

    #[must_use]
    pub fn put_on(&self, content: &[u8]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(content);
        mac.finalize().into_bytes().into()
    }

    /// Compares in constant time.
    #[must_use]
    pub fn is_whole(&self, content: &[u8], seal: &[u8]) -> bool {
        let mut mac = self.mac.clone();
        mac.update(content);
        mac.verify_slice(seal).is_ok()
    }

    /// Whether two texts are the same, in a time that says nothing about where they differ.
    #[must_use]
    pub fn are_same(&self, one: &[u8], other: &[u8]) -> bool {
        self.is_whole(one, &self.put_on(other))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("cannot seal without a secret")]
pub struct NoSecret;

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(secret: &str, purpose: &str) -> Seal {
        Seal::new(&SecretString::from(secret), purpose).unwrap()
    }

    #[test]
    fn a_seal_fits_its_content_secret_and_purpose_only() {
        let put_on = seal("secret", "quote").put_on(b"content");
        assert!(seal("secret", "quote").is_whole(b"content", &put_on));
        assert!(!seal("secret", "quote").is_whole(b"Content", &put_on));
        assert!(!seal("other", "quote").is_whole(b"content", &put_on));
        assert!(!seal("secret", "cursor").is_whole(b"content", &put_on));
        assert!(!seal("secret", "quote").is_whole(b"content", &put_on[..31]));
        assert!(Seal::new(&SecretString::from(""), "quote").is_err());
    }

    #[test]
    fn texts_are_compared() {
        let seal = seal("secret", "comparison");
        assert!(seal.are_same(b"key", b"key") && !seal.are_same(b"key", b"kez") && !seal.are_same(b"key", b""));
    }
}
