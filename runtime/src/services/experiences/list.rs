//! `GET /v1/experiences`.

use axum::Json;
use axum::extract::State;
use como_contract::route::MEMBER_SCOPE;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::problem::{Problem, ProblemDocument};
use crate::report;
use crate::services::experiences::ExperiencesPorts;
use crate::services::experiences::views::SummaryView;

#[derive(Serialize, ToSchema)]
pub(super) struct ExperienceList {
    experiences: Vec<SummaryView>,
    /// When Memberson was asked for the list.
    #[schema(format = DateTime)]
    read_at: String,
}

/// The curated experiences
#[utoipa::path(
    get,
    path = "/v1/experiences",
    tag = "experiences",
    security(("member" = [MEMBER_SCOPE])),
    responses(
        (status = 200, description = "All experiences, in the curators' order", body = ExperienceList),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(ports): State<ExperiencesPorts>, _: Caller) -> Result<Json<ExperienceList>, Problem> {
    let read = ports.catalogue.experiences().await.map_err(|error| {
        report::partner_failure(&error);
        Problem::partner_unavailable(error.partner, error.kind)
    })?;
    let experiences = read.value.into_iter().map(SummaryView::from).collect();
    Ok(Json(ExperienceList { experiences, read_at: read.read_at.to_string() }))
}
