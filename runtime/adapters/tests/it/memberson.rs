//! Points, items and contacts, over the wire.

use como_domain::effect::Refusal;
use como_domain::identifier::{ItemId, MemberId, MemberNumber};
use como_domain::money::Points;
use como_domain::partner::MemberDirectory;
use como_domain::points::{Items, MemberContacts, PointAccounts, ReceiptKind, RedemptionRequest};
use como_doubles::members::MEI;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::world::{World, class, key, points};

fn mei() -> MemberNumber {
    MemberNumber::try_from(MEI.member_number).unwrap()
}

#[tokio::test]
async fn points_are_taken_once_and_found_by_their_receipt() {
    let world = World::start().await;
    let token = world.sign_in(&MEI).await;
    let summary = world.memberson.summary(&MemberId::try_from("C1000001").unwrap()).await.unwrap().unwrap().value;
    assert_eq!(summary.membership.unwrap().number, Some(mei()));
    let taken = key("saga-1:deduct:1");
    assert!(world.memberson.receipts_of(&taken, &mei()).await.unwrap().value.is_empty());
    world.memberson.take_points(&taken, &points(460_050), &token).await.unwrap();
    let receipts = world.memberson.receipts_of(&taken, &mei()).await.unwrap().value;
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].kind, ReceiptKind::PointsTaken(Points::from_hundredths(460_050)));
    assert!(receipts[0].at.is_some() && receipts[0].number.is_some());
    assert_eq!(world.memberson_double.ledger()["points"]["M2000001"], 789_950);
}

#[tokio::test]
async fn refusals_have_their_reasons_and_the_two_kinds_of_token_expire_apart() {
    let world = World::start().await;
    let token = world.sign_in(&MEI).await;
    let take = |number: &'static str, hundredths| {
        let (world, token) = (&world, &token);
        async move { class(&world.memberson.take_points(&key(number), &points(hundredths), token).await) }
    };
    assert_eq!(take("k1", 1_250_001).await, "too_few_points");
    // The service's token is renewed without anybody noticing, once.
    world.memberson_double.expire_tokens();
    assert_eq!(take("k2", 100).await, "done");
    let authentications = world.memberson_double.calls().iter().filter(|call| call.ends_with("/authenticate")).count();
    assert_eq!(authentications, 2);
    // The member's own can only be renewed by the member.
    world.memberson_double.expire_profile_tokens();
    assert_eq!(take("k3", 100).await, "sign_in_needed");
    assert_eq!(world.memberson_double.ledger()["points"]["M2000001"], 1_249_900);
}

#[tokio::test]
async fn points_come_back_where_a_path_is_configured() {
    let world = World::start().await;
    let token = world.sign_in(&MEI).await;
    world.memberson.take_points(&key("taken"), &points(5_000), &token).await.unwrap();
    let back = world.memberson.give_points_back(&key("back"), &key("taken"), &points(5_000)).await;
    assert_eq!(back.unwrap_err().refusal(), Some(Refusal::NotOffered));

    let path = json!({ "memberson": { "points_reversal_path": "/api/transaction/reverse-redeem-point" } });
    let world = World::with(path).await;
    world.memberson_double.set_behaviour(json!({ "points_reversal": true }));
    let token = world.sign_in(&MEI).await;
    world.memberson.take_points(&key("taken"), &points(5_000), &token).await.unwrap();
    world.memberson.give_points_back(&key("back"), &key("taken"), &points(5_000)).await.unwrap();
    let receipts = world.memberson.receipts_of(&key("back"), &mei()).await.unwrap().value;
    assert_eq!(receipts[0].kind, ReceiptKind::PointsGivenBack(Points::from_hundredths(5_000)));
    assert_eq!(world.memberson_double.ledger()["points"]["M2000001"], 1_250_000);
}

#[tokio::test]
async fn items_are_listed_redeemed_found_and_cancelled() {
    let world = World::start().await;
    let items = world.memberson.items(&mei()).await.unwrap().value;
    assert_eq!((items.len(), items[3].left), (4, Some(1)));
    let last = ItemId::try_from("ITM-2004").unwrap();
    let item = world.memberson.item(&last).await.unwrap().unwrap().value;
    assert!(item.terms.is_some() && !item.description.is_empty());
    assert!(world.memberson.item(&ItemId::try_from("ITM-0").unwrap()).await.unwrap().is_none());

    let request = RedemptionRequest {
        member_number: mei(),
        item: last,
        quantity: 1,
        date: "2026-12-01".parse().unwrap(),
        payment: Some("pi_1".to_owned()),
    };
    let redemption = world.memberson.redeem_item(&key("redeem"), &request).await.unwrap();
    assert_eq!(redemption.vouchers.len(), 1);
    assert_eq!(class(&world.memberson.redeem_item(&key("redeem-2"), &request).await), "sold_out");
    let found = world.memberson.receipts_of(&key("redeem"), &mei()).await.unwrap().value;
    assert_eq!(found[0].kind, ReceiptKind::ItemRedeemed(redemption.id.clone()));
    world.memberson.cancel_redemption(&key("cancel"), &redemption.id).await.unwrap();
    let found = world.memberson.receipts_of(&key("cancel"), &mei()).await.unwrap().value;
    assert_eq!(found[0].kind, ReceiptKind::ItemCancelled(redemption.id.clone()));
    assert_eq!(world.memberson_double.ledger()["stock"]["ITM-2004"], 1);
    assert_eq!(world.memberson_double.ledger()["redemptions"][0]["payment"], "pi_1");
}

#[tokio::test]
async fn a_member_can_be_written_to_and_addressed() {
    let world = World::start().await;
    let contact = world.memberson.contact(&MemberId::try_from("C1000001").unwrap()).await.unwrap().unwrap();
    assert_eq!(contact.email.as_ref().unwrap().expose_secret(), MEI.email);
    assert_eq!(contact.phone.as_ref().unwrap().expose_secret(), "+6581000001");
    assert_eq!((contact.first_name.as_deref(), contact.last_name.as_deref()), (Some("Tan"), Some("Mei Ling")));
    assert!(!format!("{contact:?}").contains("Mei"));
    assert!(world.memberson.contact(&MemberId::try_from("C0").unwrap()).await.unwrap().is_none());
}
