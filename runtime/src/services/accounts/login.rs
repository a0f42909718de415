//! `POST /v1/accounts/login`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use como_domain::identifier::MemberId;
use como_domain::login::LoginName;
use como_domain::member::MemberSummary;
use como_domain::partner::{MemberDirectory, SignInError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use utoipa::ToSchema;

use crate::extract::JsonBody;
use crate::problem::{Code, FieldError, Problem, ProblemDocument};
use crate::report;
use crate::services::accounts::AccountsPorts;

/// Name and tier are a courtesy of the login; it does not wait long for them.
const SUMMARY_DEADLINE: Duration = Duration::from_secs(2);
const MAX_PASSWORD_LENGTH: usize = 256;

#[derive(Deserialize, ToSchema)]
pub(super) struct LoginRequest {
    /// An e-mail address, or a mobile number such as `+65 8100 0001`; without `+` it is one of the home country.
    #[schema(example = "mei.tan@example.com")]
    login: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

#[derive(Serialize, ToSchema)]
pub(super) struct LoginReply {
    /// For the `Authorization` header of member routes.
    access_token: String,
    id_token: String,
    refresh_token: String,
    /// Seconds that the access token is good for.
    expires_in_s: u32,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    member: MemberView,
}

/// Fields other than `id` are left out when Memberson did not tell them in time; `GET /v1/accounts/me` says why.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggedInMember)]
struct MemberView {
    #[schema(example = "C1000001")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    /// Whole points.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
}

/// Log in
///
/// Memberson checks the password every time. A failed login changes nothing.
#[utoipa::path(
    post,
    path = "/v1/accounts/login",
    tag = "accounts",
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Signed in", body = LoginReply),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`login.wrong_credentials`: wrong password or unknown login, which are not told apart", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "`login.password_change_needed`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`, `identity.unavailable` or `session.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn login(
    State(ports): State<AccountsPorts>,
    JsonBody(request): JsonBody<LoginRequest>,
) -> Result<Json<LoginReply>, Problem> {
    let (name, password) = parse(request)?;
    let signed_in = ports.directory.sign_in(&name, &password).await.map_err(refusal)?;
    let member_id = signed_in.member_id;
    let (tokens, summary) =
        tokio::join!(ports.identities.sign_in(&member_id), courtesy_summary(ports.directory.as_ref(), &member_id));
    let tokens = tokens.map_err(|error| {
        report::own_failure(&error);
        Problem::of(Code::IdentityUnavailable)
    })?;
    // Tokens without a session would let a member in who then cannot spend points.
    ports.sessions.put(&member_id, &signed_in.profile_token).await.map_err(|error| {
        report::own_failure(&error);
        Problem::of(Code::SessionUnavailable)
    })?;
    info!(member.id = member_id.as_str(), "member {member_id} logged in");
    Ok(Json(LoginReply {
        access_token: tokens.access_token.expose_secret().to_owned(),
        id_token: tokens.id_token.expose_secret().to_owned(),
        refresh_token: tokens.refresh_token.expose_secret().to_owned(),
        expires_in_s: tokens.expires_in_s,
        token_type: "Bearer",
        member: member_view(&member_id, summary),
    }))
}

fn parse(request: LoginRequest) -> Result<(LoginName, SecretString), Problem> {
    let mut errors = Vec::new();
    let name = LoginName::try_from(request.login.as_str());
    if let Err(error) = &name {
        errors.push(FieldError { field: "login".to_owned(), message: error.to_string() });
    }
    if !(1..=MAX_PASSWORD_LENGTH).contains(&request.password.expose_secret().len()) {
        let message = format!("must have 1 to {MAX_PASSWORD_LENGTH} bytes");
        errors.push(FieldError { field: "password".to_owned(), message });
    }
    match name {
        Ok(name) if errors.is_empty() => Ok((name, request.password)),
        _ => Err(Problem::invalid_fields(errors)),
    }
}

fn refusal(error: SignInError) -> Problem {
    match error {
        SignInError::WrongCredentials => Problem::of(Code::WrongCredentials),
        SignInError::PasswordChangeNeeded => Problem::of(Code::PasswordChangeNeeded),
        SignInError::Partner(error) => {
            report::partner_failure(&error);
            Problem::partner_unavailable(error.partner, error.kind)
        }
    }
}

async fn courtesy_summary(directory: &dyn MemberDirectory, member_id: &MemberId) -> Option<MemberSummary> {
    match tokio::time::timeout(SUMMARY_DEADLINE, directory.summary(member_id)).await {
        Ok(Ok(read)) => read.map(|read| read.value),
        Ok(Err(error)) => {
            report::partner_failure(&error);
            None
        }
        Err(_) => {
            warn!("left the member's summary out of a login: it took too long");
            None
        }
    }
}

fn member_view(member_id: &MemberId, summary: Option<MemberSummary>) -> MemberView {
    let id = member_id.to_string();
    let Some(summary) = summary else { return MemberView { id, name: None, tier: None, points: None } };
    let (tier, points) = match summary.membership {
        Some(membership) => (membership.tier, membership.points),
        None => (None, None),
    };
    MemberView { id, name: summary.name, tier, points: points.map(como_domain::money::Points::whole) }
}
