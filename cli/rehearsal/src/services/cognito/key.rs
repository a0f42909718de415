//! A pool's RSA key: signs its tokens, and is published for others to verify them.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

#[derive(Debug, Error)]
#[error("could not make a signing key")]
pub(crate) struct KeyError(#[source] aws_lc_rs::error::Unspecified);

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SigningKey {
    pub(super) id: String,
    /// PKCS #8. The rehearsal's own; it opens nothing outside this machine.
    pub(super) pem: String,
    pub(super) modulus: String,
    pub(super) exponent: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    pub(super) fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(KeyError)?;
        let der = pair.as_der().map_err(KeyError)?;
        let public = pair.public_key();
        Ok(Self {
            id: STANDARD.encode(uuid::Uuid::new_v4().as_bytes()),
            pem: pem(der.as_ref()),
            modulus: URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            exponent: URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// As in the pool's `jwks.json`.
    pub(super) fn published(&self) -> Value {
        json!({
            "alg": "RS256", "e": self.exponent, "kid": self.id, "kty": "RSA", "n": self.modulus, "use": "sig",
        })
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
