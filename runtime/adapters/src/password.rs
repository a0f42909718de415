//! A member's password in the Cognito pool: derived, never stored, never seen by the member.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use como_domain::identifier::MemberId;
use secrecy::{ExposeSecret, SecretString};

/// Makes every derived password fit any pool's policy on character classes.
const POLICY_SUFFIX: &str = "aA1-";

/// HMAC-SHA-256 over the member's number; the label keeps the key usable for other derivations.
pub(crate) fn derive(key: &SecretString, member_id: &MemberId) -> SecretString {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    let tag = hmac::sign(&key, format!("como/member-password/1/{member_id}").as_bytes());
    SecretString::from(format!("{}{POLICY_SUFFIX}", URL_SAFE_NO_PAD.encode(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_depends_on_key_and_member_and_nothing_else() {
        let derived = |key: &str, member: &str| {
            derive(&SecretString::from(key), &MemberId::try_from(member).unwrap()).expose_secret().to_owned()
        };
        assert_eq!(derived("k", "C1"), derived("k", "C1"));
        assert_ne!(derived("k", "C1"), derived("k", "C2"));
        assert_ne!(derived("k", "C1"), derived("other", "C1"));
        assert!((8..=99).contains(&derived("k", "C1").len()));
    }
}
