//! Points and items: every effect is in the books, once for each time it was asked for.

use como_doubles::members::{ARJUN, MEI, SOFIA};
use como_doubles::memberson::Memberson;
use serde_json::{Value, json};

use crate::client::{OfMemberson, ask};

#[tokio::test]
async fn points_are_taken_with_the_members_own_token_and_receipts_and_summary_say_so() {
    let memberson = OfMemberson::start(Memberson::seeded()).await;
    let token = memberson.sign_in(&MEI).await;
    let (status, reply) = memberson.redeem(&MEI, &token, "saga-1:deduct:1", 4_600).await;
    assert_eq!((status, &reply["Points"], &reply["Balance"]), (200, &json!(-4_600), &json!(7_900)));
    let (_, summary) = memberson.get("/api/profile/C1000001/summary").await;
    assert_eq!(summary.unwrap()["MembershipSummaries"][0]["AccountSummaries"][0]["Balance"], 7_900);
    let (_, receipts) = memberson.get("/api/member/M2000001/receipts").await;
    assert_eq!(receipts.unwrap()[0]["ReceiptNo"], "saga-1:deduct:1");

    // A number that comes again takes the points again: the worst that a partner may do.
    assert_eq!(memberson.redeem(&MEI, &token, "saga-1:deduct:1", 4_600).await.0, 200);
    assert_eq!(memberson.double.ledger()["points"]["M2000001"], 330_000);
    assert!(memberson.double.set_behaviour(json!({ "repeated_receipt": "refused" })));
    assert_eq!(memberson.redeem(&MEI, &token, "saga-1:deduct:1", 1).await.0, 400);
    assert!(!memberson.double.set_behaviour(json!({ "generosity": 7 })));
}

#[tokio::test]
async fn points_are_refused_for_the_right_reason() {
    let memberson = OfMemberson::start(Memberson::seeded()).await;
    let mei = memberson.sign_in(&MEI).await;
    let code = |reply: (u16, Value)| (reply.0, reply.1["ErrorCode"].clone());
    assert_eq!(code(memberson.redeem(&MEI, "somebody", "r1", 1).await), (400, json!(9)));
    assert_eq!(code(memberson.redeem(&ARJUN, &mei, "r2", 1).await), (400, json!(9000)), "another member's points");
    let arjun = memberson.sign_in(&ARJUN).await;
    assert_eq!(code(memberson.redeem(&ARJUN, &arjun, "r3", 321).await), (400, json!(2101)));
    let sofia = memberson.sign_in(&SOFIA).await;
    assert_eq!(code(memberson.redeem(&SOFIA, &sofia, "r4", 1).await), (400, json!(9000)), "an expired membership");
    assert_eq!(memberson.double.ledger()["receipts"], json!([]));

    memberson.double.expire_profile_tokens();
    assert_eq!(code(memberson.redeem(&MEI, &mei, "r5", 1).await), (400, json!(9)));
    let mei = memberson.sign_in(&MEI).await;
    let clock =
        memberson.http.post(format!("{}/_double/clock", memberson.origin)).json(&json!({ "advance_s": 43_201 }));
    assert_eq!(ask(clock).await.0, 200);
    assert_eq!(code(memberson.redeem(&MEI, &mei, "r6", 1).await), (400, json!(9)), "twelve hours later");
}

#[tokio::test]
async fn points_come_back_only_where_that_is_offered_and_never_more_than_were_taken() {
    let memberson = OfMemberson::start(Memberson::seeded()).await;
    let token = memberson.sign_in(&MEI).await;
    memberson.redeem(&MEI, &token, "taken", 1_000).await;
    let reverse = |receipt: &str, points: u32| {
        let body = json!({
            "MemberNo": "M2000001", "PointType": "C21 Points", "Amount": points, "ReceiptNo": receipt,
            "OriginalReceiptNo": "taken", "Description": "test",
        });
        memberson.post("/api/transaction/reverse-redeem-point", &body)
    };
    assert_eq!(ask(reverse("back-1", 600)).await.0, 404);
    memberson.double.set_behaviour(json!({ "points_reversal": true }));
    assert_eq!(ask(reverse("back-1", 600)).await.0, 200);
    assert_eq!(ask(reverse("back-2", 401)).await.0, 400);
    assert_eq!(ask(reverse("back-2", 400)).await.0, 200);
    assert_eq!(memberson.double.ledger()["points"]["M2000001"], 1_250_000);
}

#[tokio::test]
async fn of_fifty_members_who_want_the_last_item_one_gets_it() {
    let memberson = OfMemberson::start(Memberson::seeded()).await;
    let wishes = (1..=50).map(|number| {
        let body = json!({
            "memberNumber": format!("M5{number:06}"), "rewardNumber": "ITM-2004", "date": "2026-12-01",
            "locationCode": "APP", "receiptNumber": format!("saga-{number}"), "quantity": 1,
        });
        tokio::spawn(ask(memberson.post("/MockRewardApi/reward/redeem", &body)))
    });
    let wishes: Vec<_> = wishes.collect();
    let mut got = Vec::new();
    for wish in wishes {
        let (status, reply) = wish.await.unwrap();
        match status {
            200 => got.push(reply.unwrap()),
            status => assert_eq!((status, &reply.unwrap()["ErrorCode"]), (400, &json!(2201))),
        }
    }
    assert_eq!(got.len(), 1);
    assert_eq!(memberson.double.ledger()["stock"]["ITM-2004"], 0);
    let number = got[0]["RedemptionNumber"].as_str().unwrap();
    let cancel = || {
        let body = json!({ "receiptNumber": "back" });
        ask(memberson.post(&format!("/MockRewardApi/reward/redeem/{number}/cancel"), &body))
    };
    assert_eq!(cancel().await.0, 200);
    assert_eq!(cancel().await.0, 400, "once");
    assert_eq!(memberson.double.ledger()["stock"]["ITM-2004"], 1);
}
