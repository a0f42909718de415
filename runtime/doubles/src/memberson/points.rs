//! Points: taken with the member's own token, given back where that is switched on, and the receipts of both.

use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::amount::{hundredths, number};
use crate::ledger::KeyNote;
use crate::members::Standing;
use crate::memberson::Memberson;
use crate::memberson::refusal::{Answer, Refusal};
use crate::memberson::state::{Receipt, ReceiptKind, RepeatedReceipt, State};

const POINT_TYPE: &str = "C21 Points";
/// What the real code is, nobody outside knows.
const TOO_FEW_POINTS: Refusal = Refusal(StatusCode::BAD_REQUEST, 2101, "Insufficient points");

pub(super) async fn redeem(
    Extracted(double): Extracted<Memberson>,
    Extension(key): Extension<KeyNote>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().trim().to_owned();
    let (member_number, receipt_number) = (text("MemberNo"), text("ReceiptNo"));
    key.write(&receipt_number);
    let receipt = double.store.change(|state| {
        double.check_member(state, &headers, &member_number)?;
        if state.member_by_number(&member_number).is_none_or(|member| member.standing == Standing::Expired) {
            return Err(Refusal::generic("The membership is not active"));
        }
        if body["PointType"] != POINT_TYPE {
            return Err(Refusal::generic("Unknown point type"));
        }
        let points = hundredths(&body["Amount"]).filter(|points| 0 < *points);
        let points = points.ok_or(Refusal::generic("Invalid amount"))?;
        if receipt_number.is_empty() {
            return Err(Refusal::generic("ReceiptNo is required"));
        }
        refuse_repeats(state, &member_number, &receipt_number)?;
        if state.balance(&member_number) < points {
            return Err(TOO_FEW_POINTS);
        }
        let receipt = Receipt {
            transaction_number: state.next_transaction(),
            at: double.controls.clock.now(),
            member_number: member_number.clone(),
            receipt_number: receipt_number.clone(),
            kind: ReceiptKind::Redeem,
            points: -points,
            description: text("Description"),
            redemption_code: text("RedemptionCode"),
            reverses: None,
            redemption_number: None,
        };
        state.post(receipt.clone());
        Ok(receipt)
    })?;
    double.told(&receipt)
}

/// Only where the behaviour says so: no public client does this, so the path is invented.
pub(super) async fn reverse(
    Extracted(double): Extracted<Memberson>,
    Extension(key): Extension<KeyNote>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer {
    double.check_token(&headers)?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().trim().to_owned();
    let (member_number, receipt_number, original) = (text("MemberNo"), text("ReceiptNo"), text("OriginalReceiptNo"));
    key.write(&receipt_number);
    let receipt = double.store.change(|state| {
        if !state.behaviour.points_reversal {
            return Err(Refusal::absent("No such resource"));
        }
        let points = hundredths(&body["Amount"]).filter(|points| 0 < *points);
        let points = points.ok_or(Refusal::generic("Invalid amount"))?;
        refuse_repeats(state, &member_number, &receipt_number)?;
        let of_original = |receipt: &&Receipt| {
            receipt.member_number == member_number
                && (receipt.receipt_number == original || receipt.reverses.as_deref() == Some(original.as_str()))
        };
        // Taken is negative, and what was given back already has been added to it.
        let still_taken = -state.receipts.iter().filter(of_original).map(|receipt| receipt.points).sum::<i64>();
        if still_taken < points {
            return Err(Refusal::generic("The amount exceeds what was redeemed"));
        }
        let receipt = Receipt {
            transaction_number: state.next_transaction(),
            at: double.controls.clock.now(),
            member_number: member_number.clone(),
            receipt_number: receipt_number.clone(),
            kind: ReceiptKind::Reverse,
            points,
            description: text("Description"),
            redemption_code: String::new(),
            reverses: Some(original.clone()),
            redemption_number: None,
        };
        state.post(receipt.clone());
        Ok(receipt)
    })?;
    double.told(&receipt)
}

pub(super) async fn receipts(
    Extracted(double): Extracted<Memberson>,
    Path(member_number): Path<String>,
    headers: HeaderMap,
) -> Answer {
    double.check_token(&headers)?;
    double.store.read(|state| {
        state.member_by_number(&member_number).ok_or(Refusal::absent("Member not found"))?;
        let own = state.receipts.iter().filter(|receipt| receipt.member_number == member_number);
        Ok(Json(own.map(shown).collect()))
    })
}

impl Memberson {
    fn told(&self, receipt: &Receipt) -> Answer {
        let balance = self.store.read(|state| state.balance(&receipt.member_number));
        let mut document = shown(receipt);
        document["Balance"] = number(balance);
        Ok(Json(document))
    }
}

fn refuse_repeats(state: &State, member_number: &str, receipt_number: &str) -> Result<(), Refusal> {
    let is_repeat = state
        .receipts
        .iter()
        .any(|receipt| receipt.member_number == member_number && receipt.receipt_number == receipt_number);
    match is_repeat && state.behaviour.repeated_receipt == RepeatedReceipt::Refused {
        true => Err(Refusal::generic("Duplicate ReceiptNo")),
        false => Ok(()),
    }
}

fn shown(receipt: &Receipt) -> Value {
    json!({
        "TransactionNo": receipt.transaction_number,
        "TransactionDate": receipt.at.to_string(),
        "ReceiptNo": receipt.receipt_number,
        "Type": receipt.kind,
        "PointType": POINT_TYPE,
        "Points": number(receipt.points),
        "Description": receipt.description,
        "RedemptionCode": receipt.redemption_code,
        "OriginalReceiptNo": receipt.reverses,
        "RedemptionNumber": receipt.redemption_number,
    })
}
