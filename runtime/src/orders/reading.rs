//! Orders as their owners read them, one by one with a long poll, or all in pages.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use como_domain::identifier::MemberId;
use como_domain::journal::Journal;
use como_domain::journals::{Cursor, SagaKind};
use como_domain::saga::intent::Subject;
use como_domain::saga_id::SagaId;
use como_domain::sagas::SagasError;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::orders::Orders;
use crate::orders::views::{OrderPage, OrderView};
use crate::problem::{Code, Problem};
use crate::report;

/// Below the time that any request may take.
const LONGEST_WAIT_S: u64 = 20;
const LARGEST_PAGE: u16 = 20;
const USUAL_PAGE: u16 = 10;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusQuery {
    /// With `If-None-Match`: seconds to wait for a change, 0 to 20.
    #[param(value_type = Option<u64>, minimum = 0, maximum = 20)]
    wait: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listing {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 20 orders; 10 when left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 20)]
    limit: Option<String>,
}

/// Answers at once, or, when the caller knows this state already, as soon as there is another or the wait is over.
pub(crate) async fn status(
    orders: &Orders,
    member: &MemberId,
    kind: SagaKind,
    id: String,
    query: StatusQuery,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let wait = match query.wait.as_deref().map(str::parse::<u64>) {
        None => 0,
        Some(Ok(seconds)) if seconds <= LONGEST_WAIT_S => seconds,
        Some(_) => return Err(Problem::invalid("query.wait", format!("must be 0 to {LONGEST_WAIT_S}"))),
    };
    let saga = saga_id(id, kind)?;
    let mut journal = journal_of(orders, &saga, member, kind).await?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = |journal: &Journal| known.is_some_and(|known| matches(known, &tag(journal)));
    if is_known(&journal) && 0 < wait {
        let entries = journal.entries().count();
        journal = orders.sagas.changed(&saga, entries, Duration::from_secs(wait)).await.map_err(saga_problem)?;
    }
    let tag = tag(&journal);
    let mut response = if is_known(&journal) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(OrderView::of(&orders.policy, &saga, &journal).ok_or(unknown(kind))?).into_response()
    };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

pub(crate) async fn list(
    orders: &Orders,
    member: &MemberId,
    kind: SagaKind,
    query: Listing,
) -> Result<Json<OrderPage>, Problem> {
    let (cursor, most) = query.parse(USUAL_PAGE)?;
    let page = orders.sagas.of_member(member, kind, cursor.as_ref(), most).await.map_err(saga_problem)?;
    let mut views = Vec::new();
    for saga in page.items {
        let journal = orders.sagas.read(&saga).await.map_err(saga_problem)?;
        views.extend(OrderView::of(&orders.policy, &saga, &journal));
    }
    Ok(Json(OrderPage { orders: views, next_cursor: page.next.map(|cursor| cursor.0) }))
}

impl Listing {
    /// Where to go on, and how many at most.
    pub(crate) fn parse(self, usual: u16) -> Result<(Option<Cursor>, u16), Problem> {
        let most = match self.limit.as_deref().map(str::parse::<u16>) {
            None => usual,
            Some(Ok(most)) if (1..=LARGEST_PAGE).contains(&most) => most,
            Some(_) => return Err(Problem::invalid("query.limit", format!("must be 1 to {LARGEST_PAGE}"))),
        };
        Ok((self.cursor.map(Cursor), most))
    }
}

/// The journal, if the saga is of this kind and the member's; what is somebody else's does not exist.
pub(crate) async fn journal_of(
    orders: &Orders,
    saga: &SagaId,
    member: &MemberId,
    kind: SagaKind,
) -> Result<Journal, Problem> {
    let journal = orders.sagas.read(saga).await.map_err(saga_problem)?;
    let state = journal.fold();
    let is_theirs = state.intent().is_some_and(|intent| {
        let is_booking = matches!(intent.subject, Subject::Booking { .. });
        intent.member == *member && is_booking == (kind == SagaKind::Booking)
    });
    if is_theirs { Ok(journal) } else { Err(unknown(kind)) }
}

pub(crate) fn saga_id(text: String, kind: SagaKind) -> Result<SagaId, Problem> {
    SagaId::try_from(text).map_err(|_| unknown(kind))
}

pub(crate) fn saga_problem(error: SagasError) -> Problem {
    match error {
        SagasError::NotServing => Problem::retry_after(Code::NotServing, 5),
        SagasError::Absent { .. } => Problem::of(Code::BookingUnknown),
        SagasError::Cursor => Problem::invalid("query.cursor", "is not one of this listing"),
        SagasError::Store(_) => {
            report::own_failure(&error);
            Problem::retry_after(Code::JournalUnavailable, 2)
        }
    }
}

fn unknown(kind: SagaKind) -> Problem {
    Problem::of(match kind {
        SagaKind::Booking => Code::BookingUnknown,
        SagaKind::Redemption => Code::RedemptionUnknown,
    })
}

/// Of the state that the journal adds up to: how many entries, and which is the last.
fn tag(journal: &Journal) -> String {
    let last = journal.entries().next_back();
    let (epoch, sequence) = last.map_or((0, 0), |entry| (entry.position.epoch, entry.position.sequence));
    format!("\"{}-{epoch}-{sequence}\"", journal.entries().count())
}

fn matches(header: &str, tag: &str) -> bool {
    header.split(',').map(str::trim).any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
}
