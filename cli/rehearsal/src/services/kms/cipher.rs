//! AES-256-GCM, as KMS has it: the blob names its key, the encryption context is authenticated.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use std::collections::BTreeMap;

/// What sets our blobs apart from other bytes.
const MAGIC: &[u8; 4] = b"cmk1";

pub(super) type Context = BTreeMap<String, String>;

/// The random generator or the cipher failed, which has no cause that a caller could act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CipherFailure;

pub(super) fn random(length: usize) -> Result<Vec<u8>, CipherFailure> {
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).map_err(|_| CipherFailure)?;
    Ok(bytes)
}

pub(super) fn encrypt(
    key_id: &str,
    material: &[u8],
    plaintext: &[u8],
    context: &Context,
) -> Result<Vec<u8>, CipherFailure> {
    let nonce = random(NONCE_LEN)?;
    let mut sealed = plaintext.to_vec();
    let value = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| CipherFailure)?;
    key(material)?.seal_in_place_append_tag(value, authenticated(context), &mut sealed).map_err(|_| CipherFailure)?;
    let length = u8::try_from(key_id.len()).map_err(|_| CipherFailure)?;
    Ok([MAGIC.as_slice(), &[length], key_id.as_bytes(), &nonce, &sealed].concat())
}

/// The identifier of the key that a blob was made with; none for bytes that are no blob.
pub(super) fn key_of(blob: &[u8]) -> Option<&str> {
    let (length, rest) = blob.strip_prefix(MAGIC)?.split_first()?;
    std::str::from_utf8(rest.get(..usize::from(*length))?).ok()
}

pub(super) fn decrypt(material: &[u8], blob: &[u8], context: &Context) -> Result<Vec<u8>, CipherFailure> {
    let header = MAGIC.len() + 1 + key_of(blob).ok_or(CipherFailure)?.len();
    let rest = blob.get(header..).ok_or(CipherFailure)?;
    let nonce =
        Nonce::try_assume_unique_for_key(rest.get(..NONCE_LEN).ok_or(CipherFailure)?).map_err(|_| CipherFailure)?;
    let mut sealed = rest.get(NONCE_LEN..).ok_or(CipherFailure)?.to_vec();
    let opened = key(material)?.open_in_place(nonce, authenticated(context), &mut sealed).map_err(|_| CipherFailure)?;
    Ok(opened.to_vec())
}

fn key(material: &[u8]) -> Result<LessSafeKey, CipherFailure> {
    UnboundKey::new(&AES_256_GCM, material).map(LessSafeKey::new).map_err(|_| CipherFailure)
}

/// The same for the same pairs in any order.
fn authenticated(context: &Context) -> Aad<Vec<u8>> {
    Aad::from(serde_json::to_vec(context).unwrap_or_default())
}
