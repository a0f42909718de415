//! The name of one run of an operation, and the tokens that follow from it.

use std::fmt;
use thiserror::Error;

/// CloudFormation's limit for a `ClientRequestToken`.
const TOKEN_LIMIT: usize = 128;
/// How the tokens of this program's requests begin.
const TOKEN_PREFIX: &str = "como-";
const ATTEMPT_LIMIT: usize = 40;

/// Names one run: 1 to 40 letters, digits and hyphens, for example a UUID. Two runs with the same name would take each
/// other's requests for repetitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptId(String);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an attempt is named by 1 to {ATTEMPT_LIMIT} letters, digits and hyphens, not by {0:?}")]
pub struct BadAttemptId(String);

impl TryFrom<String> for AttemptId {
    type Error = BadAttemptId;

    fn try_from(name: String) -> Result<Self, BadAttemptId> {
        let allowed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if name.is_empty() || ATTEMPT_LIMIT < name.len() || !allowed {
            return Err(BadAttemptId(name));
        }
        Ok(Self(name))
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AttemptId {
    /// The token of this run's call `call` on a stack: the same whenever the call is repeated.
    pub(crate) fn token(&self, call: &str, region: &str, stack: &str) -> String {
        let mut token = format!("{TOKEN_PREFIX}{}-{call}-{:016x}-{stack}", self.0, fingerprint(&[region, stack]));
        token.truncate(TOKEN_LIMIT);
        token
    }
}

/// Whether a request with this token was made by this program, in this run or another.
pub(crate) fn is_ours(token: &str) -> bool {
    token.starts_with(TOKEN_PREFIX)
}

/// FNV-1a: tells stacks apart whose names begin alike for longer than a token may be.
fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_function_of_attempt_call_and_stack() {
        let attempt = AttemptId::try_from("0199-a".to_owned()).unwrap();
        let token = attempt.token("create", "ap-southeast-1", "como-prod-network");
        assert_eq!(token, "como-0199-a-create-fa3ec6ab88facedc-como-prod-network");
        assert_ne!(token, attempt.token("delete", "ap-southeast-1", "como-prod-network"));
        assert_ne!(token, attempt.token("create", "ap-southeast-2", "como-prod-network"));
        let long = "a".repeat(200);
        assert_eq!(attempt.token("create", "r", &long).len(), TOKEN_LIMIT);
    }

    #[test]
    fn a_name_that_is_no_token_is_refused() {
        for name in ["", "a b", "ä", &"a".repeat(41)] {
            assert!(AttemptId::try_from(name.to_owned()).is_err(), "{name}");
        }
    }
}
