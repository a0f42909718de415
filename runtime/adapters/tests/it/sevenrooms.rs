//! Reservations, over the wire.

use como_domain::identifier::ReservationId;
use como_domain::reservation::{ReservationStatus, Reservations};
use serde_json::json;

use crate::world::{World, class, key};

#[tokio::test]
async fn a_table_is_reserved_found_by_its_key_and_cancelled() {
    let world = World::start().await;
    let request = world.table().await;
    let reserved = world.sevenrooms.reserve(&key("saga-1:reserve:1"), &request).await.unwrap();
    assert!(reserved.reference_code.is_some());
    // Other parties' reservations, on more than one page.
    world.sevenrooms_double.set_behaviour(json!({ "page": 1, "tables_per_slot": 9 }));
    for other in ["saga-2:reserve:1", "saga-3:reserve:1"] {
        world.sevenrooms.reserve(&key(other), &request).await.unwrap();
    }
    let lookup = key("saga-3:reserve:1");
    let found = world.sevenrooms.reservations_of(&lookup, &request.venue_id, request.date).await.unwrap().value;
    assert_eq!((found.len(), &found[0].status), (1, &ReservationStatus::Standing));
    let own = key("saga-1:reserve:1");
    let found = world.sevenrooms.reservations_of(&own, &request.venue_id, request.date).await.unwrap().value;
    assert_eq!((found.len(), &found[0].id), (1, &reserved.id));

    world.sevenrooms.cancel_reservation(&reserved.id).await.unwrap();
    world.sevenrooms.cancel_reservation(&reserved.id).await.unwrap();
    let found = world.sevenrooms.reservations_of(&own, &request.venue_id, request.date).await.unwrap().value;
    assert!(!found[0].status.holds_the_slot());
    let nobody = ReservationId::try_from("nobody").unwrap();
    assert_eq!(class(&world.sevenrooms.cancel_reservation(&nobody).await), "absent");
}

#[tokio::test]
async fn refusals_have_their_reasons() {
    let world = World::start().await;
    world.sevenrooms_double.set_behaviour(json!({ "tables_per_slot": 1 }));
    let mut request = world.table().await;
    assert_eq!(class(&world.sevenrooms.reserve(&key("k1"), &request).await), "done");
    assert_eq!(class(&world.sevenrooms.reserve(&key("k2"), &request).await), "slot_taken");
    request.time = jiff::civil::time(4, 10, 0, 0);
    assert_eq!(class(&world.sevenrooms.reserve(&key("k3"), &request).await), "slot_not_offered");
    request.venue_id = "venue-nowhere".try_into().unwrap();
    assert_eq!(class(&world.sevenrooms.reserve(&key("k4"), &request).await), "absent");
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once_before_the_effect() {
    let world = World::start().await;
    let request = world.table().await;
    world.sevenrooms_double.expire_tokens();
    assert_eq!(class(&world.sevenrooms.reserve(&key("k1"), &request).await), "done");
    assert_eq!(world.sevenrooms_double.ledger()["reservations"].as_array().unwrap().len(), 1);
    world.sevenrooms_double.expire_tokens();
    world.sevenrooms_double.set_faults(json!({ "mode": "down", "path_prefix": "/2_4/auth" }));
    assert_eq!(
        class(&world.sevenrooms.reserve(&key("k2"), &request).await),
        "not sent",
        "there is no token to send it with"
    );
}

#[tokio::test]
async fn a_way_to_cancel_is_a_setting() {
    let request = |changes| async move {
        let world = World::with(json!({ "sevenrooms": changes })).await;
        let table = world.table().await;
        let id = world.sevenrooms.reserve(&key("k1"), &table).await.unwrap().id;
        class(&world.sevenrooms.cancel_reservation(&id).await)
    };
    assert_eq!(request(json!({ "cancel_path": null })).await, "not_offered");
    let concierge = "/concierge/c-1/reservations/{reservation_id}";
    assert_eq!(request(json!({ "cancel_path": concierge })).await, "refused", "without the concierge's id");
    assert_eq!(request(json!({ "cancel_path": concierge, "concierge_id": "c-1" })).await, "done");
}
