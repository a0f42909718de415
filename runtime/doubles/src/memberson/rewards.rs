//! The curated experiences and items, and the redemption of items.

use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::amount::{from_decimal, number};
use crate::catalogue::{self, Item, Reward};
use crate::ledger::KeyNote;
use crate::memberson::Memberson;
use crate::memberson::refusal::{Answer, Refusal};
use crate::memberson::state::{Receipt, ReceiptKind, Redemption, State};

/// What the real code is, nobody outside knows.
const SOLD_OUT: Refusal = Refusal(StatusCode::BAD_REQUEST, 2201, "Insufficient stock");
const LARGEST_QUANTITY: u64 = 20;

pub(super) async fn list_experiences(Extracted(double): Extracted<Memberson>, headers: HeaderMap) -> Answer {
    double.check_token(&headers)?;
    Ok(Json(catalogue::ALL.iter().map(experience).collect()))
}

pub(super) async fn list_items(
    Extracted(double): Extracted<Memberson>,
    Path(member_number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    double.check_token(&headers)?;
    double.store.read(|state| {
        state.member_by_number(&member_number).ok_or(Refusal::absent("Member not found"))?;
        Ok(Json(catalogue::items().map(|offered| item(offered, state)).collect()))
    })
}

pub(super) async fn describe(
    Extracted(double): Extracted<Memberson>,
    Path(wanted): Path<String>,
    headers: HeaderMap,
) -> Answer {
    double.check_token(&headers)?;
    if let Some(reward) = catalogue::ALL.iter().find(|reward| reward.number == wanted) {
        let mut document = experience(reward);
        document["Description"] = json!(reward.description);
        document["TermsAndConditions"] = json!(reward.terms);
        document["DurationMinutes"] = json!(reward.duration_minutes);
        document["VenueID"] = json!(reward.venue_id);
        return Ok(Json(document));
    }
    let offered = catalogue::items().find(|item| item.number == wanted).ok_or(Refusal::absent("Reward not found"))?;
    let mut document = double.store.read(|state| item(offered, state));
    document["Description"] = json!(offered.description);
    document["TermsAndConditions"] = json!(offered.terms);
    Ok(Json(document))
}

/// Sets items aside. Paying for them is a call of its own: points are taken by `redeem-point`, cards elsewhere.
pub(super) async fn redeem(
    Extracted(double): Extracted<Memberson>,
    Extension(key): Extension<KeyNote>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().trim().to_owned();
    let (member_number, reward_number, receipt_number) =
        (text("memberNumber"), text("rewardNumber"), text("receiptNumber"));
    key.write(&receipt_number);
    let quantity = body.get("quantity").map_or(Some(1), Value::as_u64);
    let quantity = quantity.filter(|quantity| (1..=LARGEST_QUANTITY).contains(quantity));
    let quantity = quantity.ok_or(Refusal::generic("Invalid quantity"))?;
    let redemption = double.store.change(|state| {
        state.member_by_number(&member_number).ok_or(Refusal::absent("Member not found"))?;
        let left = state.stock.get_mut(&reward_number).ok_or(Refusal::absent("Reward not found"))?;
        let quantity = u32::try_from(quantity).unwrap_or(u32::MAX);
        *left = left.checked_sub(quantity).ok_or(SOLD_OUT)?;
        let number = format!("R{:08}", state.redemptions.len() + 1);
        let vouchers = (1..=quantity).map(|voucher| format!("V{}-{voucher:02}", &number[1..])).collect();
        let redemption = Redemption {
            number,
            at: double.controls.clock.now(),
            member_number: member_number.clone(),
            reward_number: reward_number.clone(),
            quantity,
            receipt_number: receipt_number.clone(),
            payment: body["payment"]["purchaseTransactionId"].as_str().map(str::to_owned),
            vouchers,
            cancelled: false,
        };
        state.redemptions.push(redemption.clone());
        double.note(state, &redemption, &receipt_number, ReceiptKind::Reward);
        Ok(redemption)
    })?;
    Ok(Json(shown(&redemption)))
}

/// Where the behaviour allows it: no public client does this, so the path is invented.
pub(super) async fn cancel(
    Extracted(double): Extracted<Memberson>,
    Path(number): Path<String>,
    Extension(key): Extension<KeyNote>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let receipt_number = body["receiptNumber"].as_str().unwrap_or_default().to_owned();
    key.write(&receipt_number);
    let redemption = double.store.change(|state| {
        if !state.behaviour.redemption_cancel {
            return Err(Refusal::absent("No such resource"));
        }
        let found = state.redemptions.iter_mut().find(|redemption| redemption.number == number);
        let redemption = found.ok_or(Refusal::absent("Redemption not found"))?;
        if redemption.cancelled {
            return Err(Refusal::generic("The redemption is cancelled already"));
        }
        redemption.cancelled = true;
        let redemption = redemption.clone();
        *state.stock.entry(redemption.reward_number.clone()).or_insert(0) += redemption.quantity;
        double.note(state, &redemption, &receipt_number, ReceiptKind::RewardCancel);
        Ok(redemption)
    })?;
    Ok(Json(shown(&redemption)))
}

pub(super) async fn vouchers(
    Extracted(double): Extracted<Memberson>,
    Path(member_number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    double.check_token(&headers)?;
    double.store.read(|state| {
        let own = state.redemptions.iter().filter(|redemption| redemption.member_number == member_number);
        let available = own.filter(|redemption| !redemption.cancelled);
        Ok(Json(available.flat_map(|redemption| redemption.vouchers.iter().map(voucher)).collect()))
    })
}

impl Memberson {
    fn note(&self, state: &mut State, redemption: &Redemption, receipt_number: &str, kind: ReceiptKind) {
        state.post(Receipt {
            transaction_number: state.next_transaction(),
            at: self.controls.clock.now(),
            member_number: redemption.member_number.clone(),
            receipt_number: receipt_number.to_owned(),
            kind,
            points: 0,
            description: format!("{} × {}", redemption.quantity, redemption.reward_number),
            redemption_code: redemption.reward_number.clone(),
            reverses: None,
            redemption_number: Some(redemption.number.clone()),
        });
    }
}

fn shown(redemption: &Redemption) -> Value {
    json!({
        "RedemptionNumber": redemption.number,
        "RewardNumber": redemption.reward_number,
        "Quantity": redemption.quantity,
        "ReceiptNo": redemption.receipt_number,
        "Status": if redemption.cancelled { "CANCELLED" } else { "REDEEMED" },
        "Vouchers": redemption.vouchers.iter().map(voucher).collect::<Vec<_>>(),
    })
}

fn voucher(number: &String) -> Value {
    json!({ "VoucherNumber": number, "VoucherCode": "COMO-ITEM", "Status": "AVAILABLE" })
}

fn experience(reward: &Reward) -> Value {
    json!({
        "RewardNumber": reward.number,
        "Name": reward.name,
        "ShortDescription": reward.summary,
        "Category": reward.category,
        "Brand": reward.brand,
        "RewardPricing": pricing(reward.points, reward.price),
        "Media": [{ "Url": format!("https://media.example.com/experiences/{}.jpg", reward.number.to_lowercase()) }],
    })
}

fn item(item: &Item, state: &State) -> Value {
    json!({
        "RewardNumber": item.number,
        "Name": item.name,
        "ShortDescription": item.summary,
        "Category": item.category,
        "Brand": item.brand,
        "RewardPricing": pricing(item.points, item.price),
        "QuantityAvailable": state.stock.get(item.number),
        "Media": [{ "Url": format!("https://media.example.com/items/{}.jpg", item.number.to_lowercase()) }],
    })
}

fn pricing(points: u32, price: &str) -> Value {
    json!({ "Points": points, "Amount": from_decimal(price).map(number), "Currency": "SGD" })
}
