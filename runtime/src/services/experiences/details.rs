//! `GET /v1/experiences/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use como_contract::route::MEMBER_SCOPE;
use como_domain::identifier::ExperienceId;
use como_domain::partner::Partner;
use como_domain::venue::PartySize;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::caller::Caller;
use crate::extract::QueryParameters;
use crate::problem::{Code, FieldError, Problem, ProblemDocument};
use crate::services::experiences::ExperiencesPorts;
use crate::services::experiences::aggregate::{NoAnswer, Question, aggregate};
use crate::services::experiences::views::{AvailabilityView, ExperienceView, VenueView};
use crate::views::SectionView;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DetailsQuery {
    /// The day whose slots are wanted, for example `2026-12-01`; today at the venue when left out.
    #[param(format = Date)]
    date: Option<String>,
    /// 1 to 20 people; 2 when left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 20)]
    party_size: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ExperienceDetails {
    #[schema(example = "EXP-1001")]
    id: String,
    /// From Memberson.
    experience: SectionView<ExperienceView>,
    /// From SevenRooms.
    venue: SectionView<VenueView>,
    /// From SevenRooms.
    availability: SectionView<AvailabilityView>,
}

/// One experience
///
/// Both partners are asked at the same time. When one is down its sections say so and the rest is answered.
#[utoipa::path(
    get,
    path = "/v1/experiences/{id}",
    tag = "experiences",
    security(("member" = [MEMBER_SCOPE])),
    params(("id" = String, Path, description = "The experience's id", example = "EXP-1001"), DetailsQuery),
    responses(
        (status = 200, description = "What is known of the experience", body = ExperienceDetails),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`experience.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`: nothing is known", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn details(
    State(ports): State<ExperiencesPorts>,
    _: Caller,
    Path(id): Path<String>,
    QueryParameters(query): QueryParameters<DetailsQuery>,
) -> Result<Json<ExperienceDetails>, Problem> {
    // What cannot be an id is not one.
    let id = ExperienceId::try_from(id).map_err(|_| Problem::of(Code::ExperienceUnknown))?;
    let question = question(id, query)?;
    let answer = aggregate(&ports, &question).await.map_err(|no_answer| match no_answer {
        NoAnswer::UnknownExperience => Problem::of(Code::ExperienceUnknown),
        NoAnswer::NothingKnown(reason) => Problem::partner_missing(Partner::Memberson, reason),
    })?;
    Ok(Json(ExperienceDetails {
        id: question.id.to_string(),
        experience: SectionView::of(answer.experience, ExperienceView::from),
        venue: SectionView::of(answer.venue, VenueView::from),
        availability: SectionView::of(answer.availability, AvailabilityView::from),
    }))
}

fn question(id: ExperienceId, query: DetailsQuery) -> Result<Question, Problem> {
    let mut errors = Vec::new();
    let mut mistake = |field: &str, message: String| {
        errors.push(FieldError { field: field.to_owned(), message });
    };
    let date = query.date.map(|text| text.parse());
    if let Some(Err(_)) = date {
        mistake("query.date", "must be a date such as 2026-12-01".to_owned());
    }
    let people =
        query.party_size.map(|text| text.parse::<u8>().ok().and_then(|people| PartySize::try_from(people).ok()));
    if people == Some(None) {
        mistake("query.party_size", format!("must be {} to {}", PartySize::MIN, PartySize::MAX));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid_fields(errors));
    }
    let party_size = people.flatten().unwrap_or(PartySize::DEFAULT);
    Ok(Question { id, date: date.and_then(Result::ok), party_size })
}
