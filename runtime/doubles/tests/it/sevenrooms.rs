//! Tables: taken by whoever comes first, found by the external id, cancelled once.

use como_doubles::sevenrooms::SevenRooms;
use serde_json::json;

use crate::client::{OfSevenRooms, ask, soon};

const VENUE: &str = "venue-candlenut";

#[tokio::test]
async fn of_fifty_who_want_the_last_table_one_gets_it_and_the_slot_is_gone() {
    let rooms = OfSevenRooms::start(SevenRooms::seeded()).await;
    rooms.double.set_behaviour(json!({ "tables_per_slot": 1 }));
    let date = soon();
    let time = rooms.free(VENUE, &date).await.remove(0);
    let wishes: Vec<_> =
        (1..=50).map(|number| tokio::spawn(ask(rooms.book(VENUE, &date, &time, &format!("saga-{number}"))))).collect();
    let mut statuses = Vec::new();
    for wish in wishes {
        statuses.push(wish.await.unwrap().0);
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses.len()), (200, 409, 50));
    assert_eq!(rooms.double.ledger()["reservations"].as_array().unwrap().len(), 1);
    assert!(!rooms.free(VENUE, &date).await.contains(&time));
}

#[tokio::test]
async fn a_reservation_is_listed_with_its_external_id_and_cancelled_once() {
    let rooms = OfSevenRooms::start(SevenRooms::seeded()).await;
    let date = soon();
    let time = rooms.free(VENUE, &date).await.remove(0);
    let (status, reply) = ask(rooms.book(VENUE, &date, &time, "saga-1")).await;
    assert_eq!(status, 200);
    let id = reply.unwrap()["data"]["reservation_id"].as_str().unwrap().to_owned();
    // Nothing stops a second one under the same id.
    assert_eq!(ask(rooms.book(VENUE, &date, &time, "saga-1")).await.0, 200);
    rooms.double.set_behaviour(json!({ "page": 1 }));
    let path = format!("/reservations?venue_id={VENUE}&from_date={date}&to_date={date}&limit=400");
    let first = rooms.get(&path).await["data"].clone();
    assert_eq!(
        (&first["results"][0]["external_id"], first["results"].as_array().unwrap().len()),
        (&json!("saga-1"), 1)
    );
    let second = rooms.get(&format!("{path}&cursor={}", first["cursor"].as_str().unwrap())).await["data"].clone();
    assert_eq!(second["results"].as_array().unwrap().len(), 1);
    let last = rooms.get(&format!("{path}&cursor={}", second["cursor"].as_str().unwrap())).await["data"].clone();
    assert_eq!((&last["results"], &last["cursor"]), (&json!([]), &json!(null)));

    let cancel = |id: String| {
        let request = rooms.http.delete(format!("{}/reservations/{id}", rooms.origin));
        ask(request.header("authorization", &rooms.token))
    };
    assert_eq!(cancel(id.clone()).await.0, 200);
    assert_eq!(cancel(id).await.0, 400);
    assert_eq!(cancel("nobody".to_owned()).await.0, 404);
    assert_eq!(rooms.double.ledger()["reservations"][0]["status"], "CANCELED");
}

#[tokio::test]
async fn what_is_not_offered_is_refused_in_the_partners_words() {
    let rooms = OfSevenRooms::start(SevenRooms::seeded()).await;
    let (status, reply) = ask(rooms.book(VENUE, &soon(), "04:10", "saga-1")).await;
    let reply = reply.unwrap();
    assert_eq!((status, &reply["code"], &reply["msg"]), (400, &json!(400), &json!("No shift found for date and time")));
    assert_eq!(ask(rooms.book(VENUE, "2020-01-01", "12:00", "saga-1")).await.0, 400);
    assert_eq!(ask(rooms.book("venue-nowhere", &soon(), "12:00", "saga-1")).await.0, 404);
    assert_eq!(rooms.double.ledger()["reservations"], json!([]));
}
