//! What people who work here do: settle what only a person can, and set a saga going again. Of bookings and redemptions alike.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use como_contract::route::SETTLE_SCOPE;
use como_domain::identifier::MemberId;
use como_domain::journal::Journal;
use como_domain::journals::Cursor;
use como_domain::manual_actions::ManualActionsError;
use como_domain::saga_id::SagaId;
use como_domain::sagas::News;
use serde::Serialize;
use tracing::info;
use utoipa::ToSchema;

use crate::caller::Operator;
use crate::extract::QueryParameters;
use crate::idempotent::reply;
use crate::orders::{AmountView, Listing, OrderView, Orders, payment_amount, saga_problem};
use crate::problem::{Code, Problem, ProblemDocument};
use crate::report;
use crate::services::bookings::BookingsPorts;

const PAGE: u16 = 20;

#[derive(Serialize, ToSchema)]
pub(super) struct ActionPage {
    actions: Vec<ActionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ManualAction)]
struct ActionView {
    /// `<order's id>:<step>`.
    id: String,
    /// The booking's or the redemption's.
    order_id: String,
    /// `cancel-reservation`, `refund-charge`, `credit-points` or `verify`.
    kind: &'static str,
    amount: AmountView,
    #[schema(format = DateTime)]
    opened_at: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct OperationView {
    member_id: String,
    order: OrderView,
}

/// What waits for a person
#[utoipa::path(
    get,
    path = "/v1/bookings/manual-actions",
    tag = "operations",
    security(("member" = [SETTLE_SCOPE])),
    params(Listing),
    responses(
        (status = 200, description = "All that is open, of bookings and redemptions", body = ActionPage),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "`auth.forbidden`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_actions(
    State(ports): State<BookingsPorts>,
    _: Operator,
    QueryParameters(query): QueryParameters<Listing>,
) -> Result<Json<ActionPage>, Problem> {
    let (cursor, most) = query.parse(PAGE)?;
    let page = ports.actions.open(cursor.as_ref(), most).await.map_err(|error| match error {
        ManualActionsError::Cursor => Problem::invalid("query.cursor", "is not one of this listing"),
        ManualActionsError::Store { .. } => {
            report::own_failure(&error);
            Problem::retry_after(Code::JournalUnavailable, 2)
        }
    })?;
    let actions = page.items.into_iter().map(|open| ActionView {
        id: open.action.id(&open.saga),
        order_id: open.saga.to_string(),
        kind: open.action.kind().code(),
        amount: payment_amount(open.action.amount),
        opened_at: open.opened_at.to_string(),
    });
    Ok(Json(ActionPage { actions: actions.collect(), next_cursor: page.next.map(|Cursor(text)| text) }))
}

/// Say that it is done
///
/// The person has done at the partner what the action asks for. The saga counts it as done from now on.
#[utoipa::path(
    post,
    path = "/v1/bookings/manual-actions/{id}/settle",
    tag = "operations",
    security(("member" = [SETTLE_SCOPE])),
    params(
        ("id" = String, Path, description = "The action's id"),
        ("Idempotency-Key" = String, Header, description = "New with each intent, the same with each repetition"),
    ),
    responses(
        (status = 202, description = "On record", body = OperationView),
        (status = 400, description = "`idempotency.key_missing` or `idempotency.key_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "`auth.forbidden`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`manual_action.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency.in_flight`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable` or `region.not_serving`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn settle_action(
    State(ports): State<BookingsPorts>,
    operator: Operator,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let orders = &ports.orders;
    let unknown = || Problem::of(Code::ActionUnknown);
    let saga = id.split(':').next().and_then(|saga| SagaId::try_from(saga.to_owned()).ok()).ok_or_else(unknown)?;
    let request =
        orders.idempotency.name(&headers, &operator.id, &format!("/v1/bookings/manual-actions/{id}/settle"), &())?;
    let work = async || {
        let journal = orders.sagas.read(&saga).await.map_err(saga_problem)?;
        let seen = como_domain::saga::view::view(&orders.policy, &journal.fold()).ok_or_else(unknown)?;
        let action = seen.open_actions.into_iter().find(|action| action.id(&saga) == id).ok_or_else(unknown)?;
        let journal = orders.sagas.tell(&saga, News::Settled(action.step)).await.map_err(saga_problem)?;
        info!(operator.id = operator.id.as_str(), action.id = id, "{} settled the manual action {id}", operator.id);
        reply(StatusCode::ACCEPTED, None, &shown(orders, &saga, &journal)?)
    };
    orders.idempotency.once(&request, work).await
}

/// Any booking or redemption
#[utoipa::path(
    get,
    path = "/v1/bookings/operations/{id}",
    tag = "operations",
    security(("member" = [SETTLE_SCOPE])),
    params(("id" = String, Path, description = "The booking's or the redemption's id")),
    responses(
        (status = 200, description = "As its member sees it", body = OperationView),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "`auth.forbidden`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`booking.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_operation(
    State(ports): State<BookingsPorts>,
    _: Operator,
    Path(id): Path<String>,
) -> Result<Json<OperationView>, Problem> {
    let saga = SagaId::try_from(id).map_err(|_| Problem::of(Code::BookingUnknown))?;
    let journal = ports.orders.sagas.read(&saga).await.map_err(saga_problem)?;
    shown(&ports.orders, &saga, &journal).map(Json)
}

/// Set a saga going again
///
/// Everything that it gave up on is tried again.
#[utoipa::path(
    post,
    path = "/v1/bookings/operations/{id}/redrive",
    tag = "operations",
    security(("member" = [SETTLE_SCOPE])),
    params(
        ("id" = String, Path, description = "The booking's or the redemption's id"),
        ("Idempotency-Key" = String, Header, description = "New with each intent, the same with each repetition"),
    ),
    responses(
        (status = 202, description = "On record", body = OperationView),
        (status = 400, description = "`idempotency.key_missing` or `idempotency.key_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "`auth.forbidden`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`booking.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency.in_flight`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable` or `region.not_serving`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn redrive(
    State(ports): State<BookingsPorts>,
    operator: Operator,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let orders = &ports.orders;
    let saga = SagaId::try_from(id).map_err(|_| Problem::of(Code::BookingUnknown))?;
    let route = format!("/v1/bookings/operations/{saga}/redrive");
    let request = orders.idempotency.name(&headers, &operator.id, &route, &())?;
    let work = async || {
        let journal = orders.sagas.tell(&saga, News::Redriven).await.map_err(saga_problem)?;
        info!(operator.id = operator.id.as_str(), saga.id = saga.as_str(), "{} redrove {saga}", operator.id);
        reply(StatusCode::ACCEPTED, None, &shown(orders, &saga, &journal)?)
    };
    orders.idempotency.once(&request, work).await
}

fn shown(orders: &Orders, saga: &SagaId, journal: &Journal) -> Result<OperationView, Problem> {
    let unknown = || Problem::of(Code::BookingUnknown);
    let member: Option<MemberId> = journal.fold().intent().map(|intent| intent.member.clone());
    let order = OrderView::of(&orders.policy, saga, journal).ok_or_else(unknown)?;
    Ok(OperationView { member_id: member.ok_or_else(unknown)?.to_string(), order })
}
