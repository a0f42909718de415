//! What members do with orders: confirm a quote, cancel, go on after a sign-in.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use como_domain::identifier::MemberId;
use como_domain::journal::Journal;
use como_domain::journals::SagaKind;
use como_domain::requests::Reply;
use como_domain::saga::intent::Subject;
use como_domain::saga::view::{Status, view};
use como_domain::saga_id::SagaId;
use como_domain::sagas::News;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::idempotent::{Keyed, reply};
use crate::orders::Orders;
use crate::orders::reading::{journal_of, saga_id, saga_problem};
use crate::orders::views::OrderView;
use crate::problem::{Code, Problem};
use crate::report;

/// How long a confirmation waits for more than "in progress": the card page, or already the end.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct Confirmation {
    /// As it was handed out.
    quote: String,
}

/// Accepts what the quote says, under a name that follows from member, address and key.
pub(crate) async fn confirm(
    orders: &Orders,
    member: &MemberId,
    kind: SagaKind,
    confirmation: Confirmation,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let path = path(kind);
    let request = orders.idempotency.name(headers, member, path, &confirmation)?;
    let work = async || accept(orders, member, kind, &confirmation, &request).await;
    orders.idempotency.once(&request, work).await
}

async fn accept(
    orders: &Orders,
    member: &MemberId,
    kind: SagaKind,
    confirmation: &Confirmation,
    request: &Keyed,
) -> Result<Reply, Problem> {
    let quote = orders.quotes.read(&confirmation.quote, member).ok_or(Problem::of(Code::QuoteInvalid))?;
    if matches!(quote.subject, Subject::Booking { .. }) != (kind == SagaKind::Booking) {
        return Err(Problem::of(Code::QuoteInvalid));
    }
    let saga = &request.id;
    // A repetition of what was accepted before it died goes on with it, however late it comes.
    let known = orders.sagas.read(saga).await.map_err(saga_problem)?;
    if known.is_empty() && quote.expires_at <= orders.clock.now() {
        return Err(Problem::of(Code::QuoteExpired));
    }
    let intent = quote.intent(request.body.clone());
    let journal = orders.sagas.accept(saga, intent).await.map_err(saga_problem)?;
    let journal = settled(orders, saga, journal).await;
    let order = OrderView::of(&orders.policy, saga, &journal).ok_or(Problem::of(Code::Internal))?;
    reply(StatusCode::ACCEPTED, Some(format!("{}/{saga}", path(kind))), &order)
}

/// The journal once it says more than that it is in progress, or as it is when patience ends.
async fn settled(orders: &Orders, saga: &SagaId, mut journal: Journal) -> Journal {
    let clock = &orders.clock;
    let until = clock.monotonic() + PATIENCE;
    loop {
        let seen = view(&orders.policy, &journal.fold());
        let left = until.saturating_sub(clock.monotonic());
        if left.is_zero() || seen.is_none_or(|seen| seen.status != Status::InProgress) {
            return journal;
        }
        let entries = journal.entries().count();
        match orders.sagas.changed(saga, entries, left).await {
            Ok(next) if entries < next.entries().count() => journal = next,
            // It is accepted; what cannot be seen now can be seen later.
            Ok(_) | Err(_) => return journal,
        }
    }
}

/// Tells a saga of the member's something that the member wants.
pub(crate) async fn act(
    orders: &Orders,
    member: &MemberId,
    kind: SagaKind,
    id: String,
    what: (&str, News),
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (action, news) = what;
    let saga = saga_id(id, kind)?;
    let request = orders.idempotency.name(headers, member, &format!("{}/{saga}/{action}", path(kind)), &())?;
    let work = async || {
        journal_of(orders, &saga, member, kind).await?;
        let journal = orders.sagas.tell(&saga, news).await.map_err(saga_problem)?;
        accepted(orders, &saga, &journal, kind)
    };
    orders.idempotency.once(&request, work).await
}

/// Goes on with everything of the member's that waits for a sign-in.
pub(crate) async fn sign_in(
    orders: &Orders,
    member: &MemberId,
    kind: SagaKind,
    id: String,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let saga = saga_id(id, kind)?;
    let request = orders.idempotency.name(headers, member, &format!("{}/{saga}/sign-in", path(kind)), &())?;
    let work = async || {
        journal_of(orders, &saga, member, kind).await?;
        let token = orders.profile_tokens.get(member).await.map_err(|error| {
            report::own_failure(&error);
            Problem::retry_after(Code::SessionUnavailable, 2)
        })?;
        if token.is_none_or(|token| token.expires_at <= orders.clock.now()) {
            return Err(Problem::of(Code::SignInNeeded));
        }
        orders.sagas.signed_in(member).await.map_err(saga_problem)?;
        let journal = orders.sagas.read(&saga).await.map_err(saga_problem)?;
        accepted(orders, &saga, &journal, kind)
    };
    orders.idempotency.once(&request, work).await
}

fn accepted(orders: &Orders, saga: &SagaId, journal: &Journal, kind: SagaKind) -> Result<Reply, Problem> {
    let order = OrderView::of(&orders.policy, saga, journal).ok_or(Problem::of(Code::Internal))?;
    reply(StatusCode::ACCEPTED, Some(format!("{}/{saga}", path(kind))), &order)
}

const fn path(kind: SagaKind) -> &'static str {
    match kind {
        SagaKind::Booking => "/v1/bookings",
        SagaKind::Redemption => "/v1/redemptions",
    }
}
