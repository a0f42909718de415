//! Faults over a real connection: what the caller sees, and what has happened all the same.

use como_doubles::sevenrooms::SevenRooms;
use serde_json::{Value, json};

use crate::client::{OfSevenRooms, ask, soon};

/// One booking under the fault: what the caller was told, and how many tables are taken afterwards.
async fn check(fault: Value, told: u16, readable: bool, taken: usize) {
    let rooms = OfSevenRooms::start(SevenRooms::seeded()).await;
    let date = soon();
    let time = rooms.free("venue-candlenut", &date).await.remove(0);
    assert!(rooms.double.set_faults(fault.clone()), "{fault}");
    let (status, document) = ask(rooms.book("venue-candlenut", &date, &time, "saga-1")).await;
    assert_eq!((status, document.is_some()), (told, readable), "{fault}");
    assert_eq!(rooms.double.ledger()["reservations"].as_array().unwrap().len(), taken, "{fault}");
}

#[tokio::test]
async fn each_fault_strikes_before_the_effect_or_after_it() {
    for (mode, told, readable) in [
        ("down", 503, false),
        ("overloaded", 429, false),
        ("malformed", 200, false),
        ("truncated", 200, false),
        ("reset", 0, false),
    ] {
        check(json!({ "mode": mode, "count": 1 }), told, readable, 0).await;
        check(json!({ "mode": mode, "when": "after", "count": 1 }), told, readable, 1).await;
    }
    check(json!({ "mode": "fail", "status": 502, "when": "after" }), 502, false, 1).await;
    check(json!({ "mode": "slow", "delay_ms": 20 }), 200, true, 1).await;
    check(json!({ "mode": "down", "method": "GET" }), 200, true, 1).await;
}

#[tokio::test]
async fn an_effect_does_not_end_with_a_caller_who_hangs_up() {
    let rooms = OfSevenRooms::start(SevenRooms::seeded()).await;
    let date = soon();
    let time = rooms.free("venue-candlenut", &date).await.remove(0);
    rooms.double.set_faults(json!({ "mode": "slow", "delay_ms": 1_000, "path_contains": "/book", "count": 1 }));
    let impatient = rooms.book("venue-candlenut", &date, &time, "saga-1").timeout(std::time::Duration::from_millis(20));
    assert_eq!(ask(impatient).await.0, 0);
    assert_eq!(rooms.double.ledger()["reservations"], json!([]), "not yet");
    while rooms.double.ledger()["reservations"] == json!([]) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_ledger_says_what_was_served_and_what_was_told_and_a_reset_forgets() {
    let rooms = OfSevenRooms::start(SevenRooms::seeded()).await;
    let (date, admin) = (soon(), rooms.origin.replace("/2_4", "/_double"));
    let time = rooms.free("venue-candlenut", &date).await.remove(0);
    rooms.double.set_faults(json!({ "mode": "reset", "when": "after", "path_contains": "/book" }));
    ask(rooms.book("venue-candlenut", &date, &time, "saga-1")).await;
    let ledger = ask(rooms.http.get(format!("{admin}/ledger"))).await.1.unwrap();
    let last = ledger["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["status"], &last["served"], &last["fault"], &last["key"]),
        (&json!(0), &json!(true), &json!("reset"), &json!("saga-1"))
    );
    assert_eq!(ledger["books"]["reservations"][0]["external_id"], "saga-1");
    let armed = ask(rooms.http.get(format!("{admin}/faults"))).await.1.unwrap();
    assert_eq!((&armed[0]["hits"], &armed[0]["matched"]), (&json!(1), &json!(1)));
    assert_eq!(ask(rooms.http.post(format!("{admin}/reset"))).await.0, 204);
    let ledger = ask(rooms.http.get(format!("{admin}/ledger"))).await.1.unwrap();
    assert_eq!(ledger, json!({ "entries": [], "books": { "reservations": [] } }));
}
