//! `POST /v1/redemptions/quotes`: the summary that a member confirms.

use axum::Json;
use axum::extract::State;
use como_contract::route::MEMBER_SCOPE;
use como_domain::identifier::ItemId;
use como_domain::saga::intent::Subject;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::extract::JsonBody;
use crate::problem::{Code, Problem, ProblemDocument};
use crate::quote::{FULFIL_WITHIN, MAX_QUANTITY, after, quantity};
use crate::quoting::{Asked, PayWith, QuoteReply, price};
use crate::report;
use crate::services::redemptions::RedemptionsPorts;

#[derive(Deserialize, ToSchema)]
pub(super) struct RedemptionQuoteRequest {
    #[schema(example = "ITM-2001")]
    item_id: String,
    /// 1 to 20.
    #[schema(minimum = 1, maximum = 20)]
    quantity: u32,
    pay_with: PayWith,
}

/// Quote a redemption
///
/// Price and, for points, the balance are read now; nothing is stored and nothing set aside. What is not redeemed within 24 hours
/// of the quote is given back.
#[utoipa::path(
    post,
    path = "/v1/redemptions/quotes",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    request_body = RedemptionQuoteRequest,
    responses(
        (status = 200, description = "The summary; without `quote` when the points do not suffice", body = QuoteReply),
        (status = 400, description = "`request.invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`item.unknown` or `member.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`item.sold_out`, `price.not_offered` or `member.no_membership`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn quote_redemption(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    JsonBody(request): JsonBody<RedemptionQuoteRequest>,
) -> Result<Json<QuoteReply>, Problem> {
    let id = ItemId::try_from(request.item_id).map_err(|_| Problem::of(Code::ItemUnknown))?;
    let quantity = quantity(request.quantity)
        .ok_or_else(|| Problem::invalid("quantity", format!("must be 1 to {MAX_QUANTITY}")))?;
    let item = ports.items.item(&id).await.map_err(|error| {
        report::partner_failure(&error);
        Problem::partner_unavailable(error.partner, error.kind)
    })?;
    let item = item.ok_or(Problem::of(Code::ItemUnknown))?.value;
    let count = u32::from(quantity.get());
    if item.left.is_some_and(|left| left < count) {
        return Err(Problem::of(Code::SoldOut));
    }
    let asked = Asked {
        subject: Subject::Redemption { item: id, quantity },
        title: item.title,
        unit: item.price,
        count,
        pay_with: request.pay_with,
        deadline: after(ports.orders.clock.now(), FULFIL_WITHIN),
        availability_checked: item.left.is_some(),
    };
    price(&ports.orders, &caller.member_id, asked).await.map(Json)
}
