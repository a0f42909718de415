//! The three credentials.

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::memberson::Memberson;
use crate::memberson::refusal::Refusal;
use crate::memberson::state::State;
use crate::seeds::{SERVICE_PASSWORD, SERVICE_USER};

/// Memberson's code for a member's session that is over.
const SESSION_EXPIRED: Refusal = Refusal(StatusCode::BAD_REQUEST, 9, "Session expired");

impl Memberson {
    pub(super) fn check_service(headers: &HeaderMap) -> Result<(), Refusal> {
        let expected = format!("{},{}", STANDARD.encode(SERVICE_USER), STANDARD.encode(SERVICE_PASSWORD));
        if header(headers, "SvcAuth") != Some(expected.as_str()) {
            return Err(Refusal(StatusCode::UNAUTHORIZED, 9000, "Invalid service credentials"));
        }
        Ok(())
    }

    pub(super) fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        Self::check_service(headers)?;
        match header(headers, "Token") {
            Some(token) if self.controls.knows_token(token) => Ok(()),
            _ => Err(Refusal(StatusCode::UNAUTHORIZED, 2, "Invalid token")),
        }
    }

    /// The member's own token, for calls that act on what is the member's.
    pub(super) fn check_member(&self, state: &State, headers: &HeaderMap, member_number: &str) -> Result<(), Refusal> {
        let session = header(headers, "ProfileToken").and_then(|token| state.profile_tokens.get(token));
        let now = self.controls.clock.now();
        let session = session.filter(|session| now < session.expires_at).ok_or(SESSION_EXPIRED)?;
        let owner = state.members.get(&session.customer_number);
        match owner.is_some_and(|member| member.member_number == member_number) {
            true => Ok(()),
            false => Err(Refusal::generic("The membership belongs to another profile")),
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
