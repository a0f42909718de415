//! From Memberson's JSON to the domain.

use como_domain::experience::{Experience, ExperienceSummary, Price};
use como_domain::identifier::{ExperienceId, ItemId, MemberId, MemberNumber, RedemptionId, VenueId};
use como_domain::member::{MemberSummary, Membership, MembershipStatus};
use como_domain::money::{Currency, Money, Points};
use como_domain::points::{Contact, Item, Receipt, ReceiptKind, Redemption};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use crate::memberson::wire;
use crate::settings::MembersonSettings;

/// An answer that parsed as JSON but makes no sense to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the field {field} cannot be understood")]
pub(super) struct Incomprehensible {
    pub(super) field: &'static str,
}

fn field(field: &'static str) -> Incomprehensible {
    Incomprehensible { field }
}

pub(super) fn member_summary(
    reply: wire::SummaryReply,
    member_id: MemberId,
    point_type: &str,
) -> Result<MemberSummary, Incomprehensible> {
    let memberships: Vec<Membership> = reply
        .membership_summaries
        .into_iter()
        .map(|summary| membership(summary, point_type))
        .collect::<Result<_, _>>()?;
    // A renewed membership stands beside the expired ones.
    let active = memberships.iter().position(|membership| membership.status == MembershipStatus::Active);
    let membership = memberships.into_iter().nth(active.unwrap_or(0));
    Ok(MemberSummary { member_id, name: non_empty(reply.name), membership })
}

fn membership(summary: wire::MembershipSummary, point_type: &str) -> Result<Membership, Incomprehensible> {
    let mut points = None;
    for account in &summary.account_summaries {
        let is_ours = account.point_type.as_deref().is_none_or(|name| name == point_type);
        let Some(balance) = account.balance.as_ref().filter(|_| is_ours) else { continue };
        let balance = Points::from_decimal(&balance.text()).map_err(|_| field("Balance"))?;
        let total = points.unwrap_or(Points::from_hundredths(0)).checked_add(balance);
        points = Some(total.ok_or(field("Balance"))?);
    }
    Ok(Membership {
        number: non_empty(summary.member_no).map(MemberNumber::try_from).transpose().map_err(|_| field("MemberNo"))?,
        tier: non_empty(summary.tier),
        status: MembershipStatus::from(summary.status.as_deref().unwrap_or("unknown")),
        expires_on: summary.expiry_date.as_deref().and_then(day),
        points,
    })
}

pub(super) fn experience(reward: wire::Reward) -> Result<Experience, Incomprehensible> {
    let id = ExperienceId::try_from(reward.reward_number).map_err(|_| field("RewardNumber"))?;
    let venue_id = match non_empty(reward.venue_id) {
        Some(text) => Some(VenueId::try_from(text).map_err(|_| field("VenueID"))?),
        None => None,
    };
    let overview = ExperienceSummary {
        id,
        title: reward.name,
        summary: reward.short_description.unwrap_or_default(),
        category: non_empty(reward.category),
        brand: non_empty(reward.brand),
        price: price(reward.reward_pricing)?,
        image_url: reward.media.into_iter().find_map(|media| non_empty(media.url)),
    };
    Ok(Experience {
        overview,
        description: reward.description.unwrap_or_default(),
        duration_minutes: reward.duration_minutes.filter(|minutes| 0 < *minutes),
        terms: non_empty(reward.terms_and_conditions),
        venue_id,
    })
}

pub(super) fn item(reward: wire::Reward) -> Result<Item, Incomprehensible> {
    Ok(Item {
        id: ItemId::try_from(reward.reward_number).map_err(|_| field("RewardNumber"))?,
        title: reward.name,
        summary: reward.short_description.unwrap_or_default(),
        description: reward.description.unwrap_or_default(),
        category: non_empty(reward.category),
        brand: non_empty(reward.brand),
        price: price(reward.reward_pricing)?,
        left: reward.quantity_available,
        terms: non_empty(reward.terms_and_conditions),
        image_url: reward.media.into_iter().find_map(|media| non_empty(media.url)),
    })
}

/// Whatever sign the partner gives the points of a receipt, its type says which way they went.
pub(super) fn receipt(receipt: wire::Receipt, settings: &MembersonSettings) -> Result<Receipt, Incomprehensible> {
    let kind = receipt.kind.unwrap_or_default();
    let redemption = non_empty(receipt.redemption_number).map(RedemptionId::try_from);
    let redemption = redemption.transpose().map_err(|_| field("RedemptionNumber"))?;
    let points = receipt.points.as_ref().map(|points| Points::from_decimal(&points.text()));
    let points = points.transpose().map_err(|_| field("Points"))?;
    let points = points.map(|points| Points::from_hundredths(points.hundredths().saturating_abs()));
    let kind = match (redemption, points) {
        (Some(redemption), _) if kind == settings.cancelled_receipt_type => ReceiptKind::ItemCancelled(redemption),
        (Some(redemption), _) => ReceiptKind::ItemRedeemed(redemption),
        (None, Some(points)) if kind == settings.reversal_receipt_type => ReceiptKind::PointsGivenBack(points),
        (None, Some(points)) => ReceiptKind::PointsTaken(points),
        (None, None) => ReceiptKind::Other(kind),
    };
    let at = receipt.transaction_date.as_deref().and_then(|text| instant(text, &settings.time_zone));
    Ok(Receipt { key: receipt.receipt_no.unwrap_or_default(), kind, number: non_empty(receipt.transaction_no), at })
}

pub(super) fn redemption(reply: wire::RedeemItemReply) -> Result<Redemption, Incomprehensible> {
    Ok(Redemption {
        id: RedemptionId::try_from(reply.redemption_number).map_err(|_| field("RedemptionNumber"))?,
        vouchers: reply.vouchers.into_iter().map(|voucher| voucher.voucher_number).collect(),
    })
}

/// A profile with one name for all is taken to have the first word for a first name.
pub(super) fn contact(profile: wire::FullProfile) -> Contact {
    let whole = non_empty(profile.name);
    let parts = whole.as_deref().map(|name| name.split_once(' ').unwrap_or((name, name)));
    let filled = |secret: Option<SecretString>| secret.filter(|secret| !secret.expose_secret().trim().is_empty());
    let phone = filled(profile.mobile_number).map(|number| match non_empty(profile.mobile_number_country_code) {
        Some(code) => SecretString::from(format!("+{code}{}", number.expose_secret())),
        None => number,
    });
    Contact {
        first_name: non_empty(profile.first_name).or(parts.map(|(first, _)| first.to_owned())),
        last_name: non_empty(profile.last_name).or(parts.map(|(_, last)| last.to_owned())),
        email: filled(profile.email_address),
        phone,
    }
}

/// As a JSON number, with as many decimals as it has.
pub(super) fn amount(points: Points) -> Result<serde_json::Number, Incomprehensible> {
    let (whole, rest) = (points.hundredths() / 100, points.hundredths() % 100);
    let text = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") };
    match 0 < points.hundredths() {
        true => serde_json::from_str(&text).map_err(|_| field("Amount")),
        false => Err(field("Amount")),
    }
}

fn price(pricing: Option<wire::RewardPricing>) -> Result<Price, Incomprehensible> {
    let Some(pricing) = pricing else { return Ok(Price { points: None, money: None }) };
    let points = match &pricing.points {
        Some(points) => Some(Points::from_decimal(&points.text()).map_err(|_| field("Points"))?),
        None => None,
    };
    let money = match (&pricing.amount, &pricing.currency) {
        (Some(amount), Some(currency)) => {
            let currency = Currency::try_from(currency.as_str()).map_err(|_| field("Currency"))?;
            Some(Money::from_decimal(&amount.text(), currency).map_err(|_| field("Amount"))?)
        }
        // An amount without its currency is not a price.
        _ => None,
    };
    Ok(Price { points, money })
}

/// With an offset, or local time of `time_zone`: taken as UTC it would let a token live hours too long.
pub(super) fn instant(text: &str, time_zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    text.parse::<DateTime>().ok().and_then(|local| time_zone.to_timestamp(local).ok())
}

fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    text.parse::<Date>().ok().or_else(|| text.parse::<DateTime>().ok().map(|local| local.date()))
}

fn non_empty(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(json: &str) -> Result<MemberSummary, Incomprehensible> {
        member_summary(serde_json::from_str(json).unwrap(), MemberId::try_from("C1").unwrap(), "C21 Points")
    }

    fn points(json: &str) -> Option<i64> {
        summary(json).unwrap().membership.unwrap().points.map(Points::hundredths)
    }

    #[test]
    fn a_missing_balance_is_unknown_and_not_zero() {
        assert_eq!(points(r#"{"MembershipSummaries": [{"Status": "ACTIVE"}]}"#), None);
        assert_eq!(
            points(r#"{"MembershipSummaries": [{"AccountSummaries": [{"Type": "Stamps", "Balance": 9}]}]}"#),
            None
        );
        assert_eq!(points(r#"{"MembershipSummaries": [{"AccountSummaries": [{"Balance": 0}]}]}"#), Some(0));
    }

    #[test]
    fn accounts_of_our_kind_are_added_up_without_floats() {
        let json = r#"{"MembershipSummaries": [{"AccountSummaries":
            [{"Type": "C21 Points", "Balance": 320.5}, {"Type": "C21 Points", "Balance": "0.25"}, {"Type": "X", "Balance": 1}]}]}"#;
        assert_eq!(points(json), Some(32_075));
    }

    #[test]
    fn the_active_membership_wins_and_an_odd_balance_is_refused() {
        let json =
            r#"{"MembershipSummaries": [{"Tier": "OLD", "Status": "EXPIRED"}, {"Tier": "GOLD", "Status": "ACTIVE"}]}"#;
        assert_eq!(summary(json).unwrap().membership.unwrap().tier.as_deref(), Some("GOLD"));
        let odd = summary(r#"{"MembershipSummaries": [{"AccountSummaries": [{"Balance": "many"}]}]}"#);
        assert_eq!(odd.err(), Some(Incomprehensible { field: "Balance" }));
        assert!(summary("{}").unwrap().membership.is_none());
    }

    #[test]
    fn a_local_expiry_is_read_in_the_partners_time_zone() {
        let singapore = TimeZone::get("Asia/Singapore").unwrap();
        let check = |text: &str, expected: &str| {
            assert_eq!(instant(text, &singapore).unwrap().to_string(), expected, "{text}");
        };
        check("2026-12-01T10:00:00", "2026-12-01T02:00:00Z");
        check("2026-12-01T10:00:00+08:00", "2026-12-01T02:00:00Z");
        check("2026-12-01T10:00:00Z", "2026-12-01T10:00:00Z");
        assert_eq!(instant("tomorrow", &singapore), None);
    }
}
