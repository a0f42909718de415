//! The server's side of SRP as Cognito speaks it: a password is proved without being sent.
//!
//! SRP-6a over the 3072-bit group of RFC 3526, with SHA-256 and the session key by HKDF. Cognito does not document it;
//! this follows its published clients (`amazon-cognito-identity-js`, `AuthenticationHelper`).

use crate::services::password::{PasswordError, random_bytes};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const PRIME: &[u8] = b"\
FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";
const GENERATOR: u32 = 2;
const INFO: &[u8] = b"Caldera Derived Key\x01";
const KEY_LENGTH: usize = 16;

/// What a pool keeps of a member's password for this; numbers are hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verifier {
    pub(super) salt: String,
    verifier: String,
}

/// One sign-in between its two calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Exchange {
    client_public: String,
    server_secret: String,
    pub(super) server_public: String,
    verifier: Verifier,
}

impl Verifier {
    /// Of a member by the name under which the pool keeps him.
    pub(super) fn of(pool: &str, user: &str, password: &str) -> Result<Self, PasswordError> {
        let salt = BigUint::from_bytes_be(&random_bytes::<16>()?);
        let inner = Sha256::digest(format!("{}{user}:{password}", pool_name(pool)));
        let secret = hash(&[&padded(&salt), inner.as_slice()]);
        let verifier = BigUint::from(GENERATOR).modpow(&secret, &prime());
        Ok(Self { salt: hex(&salt), verifier: hex(&verifier) })
    }
}

impl Exchange {
    /// None for a public number that no honest client sends.
    pub(super) fn begin(client_public: &str, verifier: Verifier) -> Result<Option<Self>, PasswordError> {
        let (prime, public) = (prime(), number(client_public));
        let Some(public) = public.map(|public| public % &prime).filter(|public| *public != BigUint::ZERO) else {
            return Ok(None);
        };
        let Some(known) = number(&verifier.verifier) else { return Ok(None) };
        let secret = BigUint::from_bytes_be(&random_bytes::<32>()?);
        let generator = BigUint::from(GENERATOR);
        let multiplier = hash(&[&padded(&prime), &padded(&generator)]);
        let server_public = (multiplier * known + generator.modpow(&secret, &prime)) % &prime;
        let server_public = hex(&server_public);
        Ok(Some(Self { client_public: hex(&public), server_secret: hex(&secret), server_public, verifier }))
    }

    /// Whether a client's signature shows that it knows the password. `block` is the secret block as it was sent.
    pub(super) fn proves(&self, pool: &str, user: &str, block: &str, timestamp: &str, signature: &str) -> bool {
        let (Ok(block), Ok(signature)) = (STANDARD.decode(block), STANDARD.decode(signature)) else { return false };
        let Some(key) = self.session_key() else { return false };
        let message = [pool_name(pool).as_bytes(), user.as_bytes(), &block, timestamp.as_bytes()].concat();
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message, &signature).is_ok()
    }

    fn session_key(&self) -> Option<Vec<u8>> {
        let prime = prime();
        let (client, server) = (number(&self.client_public)?, number(&self.server_public)?);
        let (secret, verifier) = (number(&self.server_secret)?, number(&self.verifier.verifier)?);
        let scramble = hash(&[&padded(&client), &padded(&server)]);
        let shared = (client * verifier.modpow(&scramble, &prime)).modpow(&secret, &prime);
        let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &padded(&scramble)), &padded(&shared));
        let expanded = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()), INFO);
        expanded.as_ref().get(..KEY_LENGTH).map(<[u8]>::to_vec)
    }
}

fn prime() -> BigUint {
    BigUint::parse_bytes(PRIME, 16).unwrap_or_default()
}

/// The part of a pool's identifier after the region.
fn pool_name(pool: &str) -> &str {
    pool.split_once('_').map_or(pool, |(_, name)| name)
}

fn hash(parts: &[&[u8]]) -> BigUint {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    BigUint::from_bytes_be(hasher.finalize().as_slice())
}

/// As a signed number would be written: with a zero byte before a first bit that is set.
fn padded(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| 0x80 <= *first) {
        bytes.insert(0, 0);
    }
    bytes
}

fn hex(number: &BigUint) -> String {
    number.to_str_radix(16)
}

fn number(hex: &str) -> Option<BigUint> {
    BigUint::parse_bytes(hex.as_bytes(), 16)
}
