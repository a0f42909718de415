//! Services whose routes come later: they run, are healthy, describe the API, and answer nothing else.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use como_adapters::settings::Configuration;
use como_contract::route::{LIVENESS_PATH, READINESS_PATH};
use como_domain::partner::Partner;
use como_runtime::app;

use crate::world::{World, answer, get};

async fn check(service: impl Fn(Arc<Configuration>) -> Router, own_path: &str) {
    let unread = Arc::new(Configuration::needing(vec![Partner::Memberson, Partner::SevenRooms]));
    let starting = answer(service(unread), get(READINESS_PATH, None)).await;
    assert_eq!(starting.status, StatusCode::SERVICE_UNAVAILABLE);

    let world = World::start().await;
    let router = service(Arc::clone(&world.configuration));
    for path in [LIVENESS_PATH, READINESS_PATH] {
        assert_eq!(answer(router.clone(), get(path, None)).await.status, StatusCode::OK, "{path}");
    }
    let document = answer(router.clone(), get("/v1/openapi.json", None)).await;
    assert_eq!(document.json(), serde_json::to_value(como_runtime::openapi::document()).unwrap());
    let own = answer(router, get(own_path, Some("C1000001"))).await;
    assert_eq!((own.status, own.code()), (StatusCode::NOT_FOUND, "route.unknown".into()));
}

#[tokio::test]
async fn a_service_without_sagas_answers_health_and_description_only() {
    check(app::without_routes, "/v1/bookings").await;
}
