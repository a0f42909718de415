//! `GET /v1/accounts/me`.

use axum::Json;
use axum::extract::State;
use como_contract::route::MEMBER_SCOPE;
use como_domain::member::MemberSummary;
use como_domain::money::Points;
use como_domain::section::{Read, Section, UnavailableReason};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::problem::{Code, Problem, ProblemDocument};
use crate::report;
use crate::services::accounts::AccountsPorts;
use crate::views::{PointsBalanceView, SectionView};

#[derive(Serialize, ToSchema)]
pub(super) struct MeReply {
    #[schema(example = "C1000001")]
    id: String,
    profile: SectionView<ProfileView>,
    /// What the member can spend, as Memberson keeps it.
    points: SectionView<PointsBalanceView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
struct ProfileView {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    membership: Option<MembershipView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
struct MembershipView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "GOLD")]
    tier: Option<String>,
    /// `active`, `expired`, or another word of Memberson's.
    #[schema(example = "active")]
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    expires_on: Option<String>,
}

/// The logged-in member
#[utoipa::path(
    get,
    path = "/v1/accounts/me",
    tag = "accounts",
    security(("member" = [MEMBER_SCOPE])),
    responses(
        (status = 200, description = "The member as Memberson knows them", body = MeReply),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`member.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn me(State(ports): State<AccountsPorts>, caller: Caller) -> Result<Json<MeReply>, Problem> {
    let summary = ports.directory.summary(&caller.member_id).await.map_err(|error| {
        report::partner_failure(&error);
        Problem::partner_unavailable(error.partner, error.kind)
    })?;
    let summary = summary.ok_or(Problem::of(Code::MemberUnknown))?;
    Ok(Json(MeReply {
        id: caller.member_id.to_string(),
        points: SectionView::of(points(&summary), PointsBalanceView::from),
        profile: SectionView::of(Section::Known(summary), profile),
    }))
}

#[derive(Serialize, ToSchema)]
pub(super) struct PointsReply {
    /// What the member can spend, as Memberson keeps it; where it could not be read it says so.
    points: SectionView<PointsBalanceView>,
}

/// The member's points
#[utoipa::path(
    get,
    path = "/v1/accounts/me/points",
    tag = "accounts",
    security(("member" = [MEMBER_SCOPE])),
    responses(
        (status = 200, description = "The balance, or why it is not known", body = PointsReply),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`member.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn points_balance(
    State(ports): State<AccountsPorts>,
    caller: Caller,
) -> Result<Json<PointsReply>, Problem> {
    let section = match ports.directory.summary(&caller.member_id).await {
        Ok(summary) => points(&summary.ok_or(Problem::of(Code::MemberUnknown))?),
        Err(error) => {
            report::partner_failure(&error);
            Section::Unavailable { reason: error.kind.reason() }
        }
    };
    Ok(Json(PointsReply { points: SectionView::of(section, PointsBalanceView::from) }))
}

/// A summary without a balance leaves the balance unknown.
fn points(summary: &Read<MemberSummary>) -> Section<Points> {
    let reason = match &summary.value.membership {
        None => UnavailableReason::NotApplicable,
        Some(membership) => match membership.points {
            Some(value) => return Section::Known(Read { value, read_at: summary.read_at }),
            None => UnavailableReason::PartnerAnswerUnexpected,
        },
    };
    Section::Unavailable { reason }
}

fn profile(summary: MemberSummary) -> ProfileView {
    let membership = summary.membership.map(|membership| MembershipView {
        tier: membership.tier,
        status: membership.status.code(),
        expires_on: membership.expires_on.map(|date| date.to_string()),
    });
    ProfileView { name: summary.name, membership }
}
