//! `/v1/items`: what can be redeemed, beside what the member has.

use axum::Json;
use axum::extract::{Path, State};
use como_contract::route::MEMBER_SCOPE;
use como_domain::identifier::{ItemId, MemberId};
use como_domain::member::{MemberSummary, Membership};
use como_domain::money::Points;
use como_domain::partner::PartnerError;
use como_domain::points::Item;
use como_domain::section::{Read, Section, UnavailableReason};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::orders::AmountView;
use crate::problem::{Code, Problem, ProblemDocument};
use crate::report;
use crate::services::redemptions::RedemptionsPorts;
use crate::views::{PointsBalanceView, SectionView};

#[derive(Serialize, ToSchema)]
pub(super) struct ItemList {
    items: Vec<ItemView>,
    /// When Memberson was asked for the list.
    #[schema(format = DateTime)]
    read_at: String,
    points: SectionView<PointsBalanceView>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ItemDetails {
    #[schema(example = "ITM-2001")]
    id: String,
    item: SectionView<ItemView>,
    /// What the member can spend.
    points: SectionView<PointsBalanceView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Item)]
struct ItemView {
    #[schema(example = "ITM-2001")]
    id: String,
    title: String,
    summary: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    /// Of one piece; each way of paying that is offered.
    prices: Vec<AmountView>,
    /// Missing when Memberson does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
}

/// The items that the member may redeem
#[utoipa::path(
    get,
    path = "/v1/items",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    responses(
        (status = 200, description = "All of them, and the balance", body = ItemList),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`member.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`member.no_membership`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_items(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
) -> Result<Json<ItemList>, Problem> {
    let summary = summary(&ports, &caller.member_id).await.map_err(unavailable)?;
    let summary = summary.ok_or(Problem::of(Code::MemberUnknown))?;
    let number = summary.value.membership.as_ref().and_then(|membership| membership.number.clone());
    let number = number.ok_or(Problem::of(Code::NoMembership))?;
    let read = ports.items.items(&number).await.map_err(unavailable)?;
    Ok(Json(ItemList {
        items: read.value.into_iter().map(ItemView::from).collect(),
        read_at: read.read_at.to_string(),
        points: SectionView::of(points(Ok(Some(summary))), PointsBalanceView::from),
    }))
}

/// One item
///
/// Item and balance are read at the same time; a part that could not be read says so and the rest is answered.
#[utoipa::path(
    get,
    path = "/v1/items/{id}",
    tag = "redemptions",
    security(("member" = [MEMBER_SCOPE])),
    params(("id" = String, Path, description = "The item's id", example = "ITM-2001")),
    responses(
        (status = 200, description = "What is known", body = ItemDetails),
        (status = 401, description = "`auth.token_missing` or `auth.token_invalid`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`item.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`partner.unavailable`: nothing is known", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_item(
    State(ports): State<RedemptionsPorts>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ItemDetails>, Problem> {
    let id = ItemId::try_from(id).map_err(|_| Problem::of(Code::ItemUnknown))?;
    let (item, summary) = tokio::join!(ports.items.item(&id), summary(&ports, &caller.member_id));
    let points = points(summary);
    let item = match item {
        Ok(Some(read)) => Section::Known(read),
        Ok(None) => return Err(Problem::of(Code::ItemUnknown)),
        Err(error) if !points.is_known() => return Err(unavailable(error)),
        Err(error) => {
            report::partner_failure(&error);
            Section::Unavailable { reason: error.kind.reason() }
        }
    };
    Ok(Json(ItemDetails {
        id: id.to_string(),
        item: SectionView::of(item, ItemView::from),
        points: SectionView::of(points, PointsBalanceView::from),
    }))
}

type Summary = Result<Option<Read<MemberSummary>>, PartnerError>;

async fn summary(ports: &RedemptionsPorts, member: &MemberId) -> Summary {
    ports.orders.directory.summary(member).await
}

/// A balance that was not read is unknown, never zero.
fn points(summary: Summary) -> Section<Points> {
    let reason = match summary {
        Ok(Some(Read { value: MemberSummary { membership: Some(Membership { points, .. }), .. }, read_at })) => {
            match points {
                Some(value) => return Section::Known(Read { value, read_at }),
                None => UnavailableReason::PartnerAnswerUnexpected,
            }
        }
        Ok(_) => UnavailableReason::NotApplicable,
        Err(error) => {
            report::partner_failure(&error);
            error.kind.reason()
        }
    };
    Section::Unavailable { reason }
}

fn unavailable(error: PartnerError) -> Problem {
    report::partner_failure(&error);
    Problem::partner_unavailable(error.partner, error.kind)
}

impl From<Item> for ItemView {
    fn from(item: Item) -> Self {
        let points = item.price.points.map(|points| AmountView::Points(points.whole()));
        let money = item.price.money.map(|money| AmountView::Money(money.into()));
        Self {
            id: item.id.to_string(),
            title: item.title,
            summary: item.summary,
            description: item.description,
            category: item.category,
            brand: item.brand,
            prices: points.into_iter().chain(money).collect(),
            left: item.left,
            terms: item.terms,
            image_url: item.image_url,
        }
    }
}
