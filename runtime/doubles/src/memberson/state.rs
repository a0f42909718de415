//! What Memberson keeps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::amount::from_decimal;
use crate::catalogue;
use crate::members::Member;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) behaviour: Behaviour,
    /// By customer number.
    pub(super) members: BTreeMap<String, Member>,
    /// By member number, in hundredths.
    pub(super) points: BTreeMap<String, i64>,
    /// By token.
    pub(super) profile_tokens: BTreeMap<String, ProfileSession>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) redemptions: Vec<Redemption>,
    /// What is left of each item.
    pub(super) stock: BTreeMap<String, u32>,
}

/// Where nobody outside Memberson knows how it behaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Behaviour {
    /// What happens when a receipt number comes a second time.
    pub(super) repeated_receipt: RepeatedReceipt,
    /// Whether points can be given back over the API: no public client does so.
    pub(super) points_reversal: bool,
    /// Whether a redemption can be cancelled over the API.
    pub(super) redemption_cancel: bool,
    /// How long a member's own token lives.
    pub(super) profile_token_s: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RepeatedReceipt {
    /// The points are taken again: the worst that a partner may do.
    TakenAgain,
    Refused,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ProfileSession {
    pub(super) customer_number: String,
    pub(super) expires_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Receipt {
    pub(super) transaction_number: String,
    pub(super) at: Timestamp,
    pub(super) member_number: String,
    pub(super) receipt_number: String,
    pub(super) kind: ReceiptKind,
    /// What the balance changed by, in hundredths.
    pub(super) points: i64,
    pub(super) description: String,
    pub(super) redemption_code: String,
    /// Of a reversal: the receipt that it undoes.
    pub(super) reverses: Option<String>,
    /// Of a redemption or its cancellation.
    pub(super) redemption_number: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ReceiptKind {
    Redeem,
    Reverse,
    Reward,
    RewardCancel,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Redemption {
    pub(super) number: String,
    pub(super) at: Timestamp,
    pub(super) member_number: String,
    pub(super) reward_number: String,
    pub(super) quantity: u32,
    pub(super) receipt_number: String,
    pub(super) payment: Option<String>,
    pub(super) vouchers: Vec<String>,
    pub(super) cancelled: bool,
}

impl State {
    pub(super) fn seeded() -> Self {
        let members = crate::members::everybody();
        let points =
            members.iter().map(|member| (member.member_number.clone(), from_decimal(&member.points).unwrap_or(0)));
        Self {
            behaviour: Behaviour {
                repeated_receipt: RepeatedReceipt::TakenAgain,
                points_reversal: false,
                redemption_cancel: true,
                profile_token_s: 12 * 3600,
            },
            points: points.collect(),
            members: members.into_iter().map(|member| (member.customer_number.clone(), member)).collect(),
            profile_tokens: BTreeMap::new(),
            receipts: Vec::new(),
            redemptions: Vec::new(),
            stock: catalogue::items().map(|item| (item.number.to_owned(), item.stock)).collect(),
        }
    }

    pub(super) fn member_by_number(&self, member_number: &str) -> Option<&Member> {
        self.members.values().find(|member| member.member_number == member_number)
    }

    pub(super) fn balance(&self, member_number: &str) -> i64 {
        self.points.get(member_number).copied().unwrap_or(0)
    }

    /// Writes a receipt and moves the balance by its points.
    pub(super) fn post(&mut self, receipt: Receipt) {
        *self.points.entry(receipt.member_number.clone()).or_insert(0) += receipt.points;
        self.receipts.push(receipt);
    }

    pub(super) fn next_transaction(&self) -> String {
        format!("T{:08}", self.receipts.len() + 1)
    }
}
