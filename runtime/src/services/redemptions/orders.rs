//! `/v1/redemptions`: the member's own.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use como_contract::route::MEMBER_SCOPE;
use como_domain::journals::SagaKind;
use como_domain::sagas::News;

use crate::caller::Caller;
use crate::extract::{JsonBody, QueryParameters};
use crate::orders::{Confirmation, Listing, OrderPage, OrderView, StatusQuery, act, confirm, list, sign_in, status};
use crate::problem::{Problem, ProblemDocument};
use crate::services::redemptions::RedemptionsPorts;

const KIND: SagaKind = SagaKind::Redemption;

/// The member's redemptions
#[utoipa::path(
    get,
    path = "/v1/redemptions",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    params(Listing),
    responses(
        (status = 200, description = "Newest first", body = OrderPage),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_redemptions(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    QueryParameters(query): QueryParameters<Listing>,
) -> Result<Json<OrderPage>, Problem> {
    list(&ports.orders, &caller.member_id, KIND, query).await
}

/// Confirm a quote
///
/// Accepted means that it will end confirmed or given back, whatever fails. By card, the member pays at `payment_url`; where the
/// answer has none yet, the address in `Location` will.
#[utoipa::path(
    post,
    path = "/v1/redemptions",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    params(("Idempotency-Key" = String, Header, description = "New with each intent, the same with each repetition")),
    request_body = Confirmation,
    responses(
        (status = 202, description = "Accepted", body = OrderView, headers(
            ("Location" = String, description = "Where its status is read"),
            ("Idempotency-Replayed" = String, description = "`true` when this reply was given before"),
        )),
        (status = 400, description = "`request.invalid`, `quote.invalid`, `idempotency.key_missing` or `idempotency.key_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`quote.expired` or `idempotency.in_flight`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency.other_body`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable` or `region.not_serving`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm_redemption(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(confirmation): JsonBody<Confirmation>,
) -> Result<Response, Problem> {
    confirm(&ports.orders, &caller.member_id, KIND, confirmation, &headers).await
}

/// One redemption
///
/// For a long poll, send the `ETag` of the last answer as `If-None-Match` and the seconds to wait; 304 says that nothing changed.
#[utoipa::path(
    get,
    path = "/v1/redemptions/{id}",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    params(
        ("id" = String, Path, description = "The redemption's id"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the state that is known"),
        StatusQuery,
    ),
    responses(
        (status = 200, description = "How far it is", body = OrderView, headers(("ETag" = String))),
        (status = 304, description = "As it was"),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`redemption.unknown`: there is none, or it is somebody else's", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_redemption(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    QueryParameters(query): QueryParameters<StatusQuery>,
) -> Result<Response, Problem> {
    status(&ports.orders, &caller.member_id, KIND, id, query, &headers).await
}

/// Cancel
///
/// Gives back what was taken, where the partner allows it; otherwise it stands and `cancellation_refused` says so.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/cancel",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    params(
        ("id" = String, Path, description = "The redemption's id"),
        ("Idempotency-Key" = String, Header, description = "New with each intent, the same with each repetition"),
    ),
    responses(
        (status = 202, description = "The wish is on record", body = OrderView),
        (status = 400, description = "`idempotency.key_missing` or `idempotency.key_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`redemption.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency.in_flight`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable` or `region.not_serving`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel_redemption(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    act(&ports.orders, &caller.member_id, KIND, id, ("cancel", News::CancelRequested), &headers).await
}

/// Go on after a sign-in
///
/// Points are taken with the member's own session at Memberson. When it has expired, the status is `needs_sign_in`: let the
/// member log in, then call this. All that waits for the member goes on.
#[utoipa::path(
    post,
    path = "/v1/redemptions/{id}/sign-in",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    params(
        ("id" = String, Path, description = "The redemption's id"),
        ("Idempotency-Key" = String, Header, description = "New with each sign-in, the same with each repetition"),
    ),
    responses(
        (status = 202, description = "It goes on", body = OrderView),
        (status = 400, description = "`idempotency.key_missing` or `idempotency.key_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`redemption.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`sign_in.needed` or `idempotency.in_flight`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable`, `session.unavailable` or `region.not_serving`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_in_for_redemption(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    sign_in(&ports.orders, &caller.member_id, KIND, id, &headers).await
}
