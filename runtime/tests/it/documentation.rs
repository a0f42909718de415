//! The API's description agrees with the contract, and its page needs nobody else.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use como_contract::route::{Access, MEMBER_SCOPE, ROUTES, SETTLE_SCOPE, WEBHOOKS};
use serde_json::Value;

use crate::world::{World, get};

fn document() -> Value {
    serde_json::to_value(como_runtime::openapi::document()).unwrap()
}

#[test]
fn the_document_is_reviewed() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&document()).unwrap());
}

#[test]
fn the_document_has_the_contracts_routes_and_access() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["member"][0].as_str().map(str::to_owned);
            assert!(scope.is_some() || operation.get("security").is_none(), "{method} {path}");
            described.insert((method.clone(), path.clone(), scope));
        }
    }
    let contract: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.method.to_owned(), route.path.to_owned(), scope(route.access)))
        .chain(WEBHOOKS.iter().map(|webhook| ("post".to_owned(), webhook.path.to_owned(), None)))
        .collect();
    assert_eq!(described, contract);
}

fn scope(access: Access) -> Option<String> {
    match access {
        Access::Public => None,
        Access::Member => Some(MEMBER_SCOPE.to_owned()),
        Access::Operator => Some(SETTLE_SCOPE.to_owned()),
    }
}

#[tokio::test]
async fn the_page_loads_only_what_the_service_has() {
    let world = World::start().await;
    let page = world.accounts(get("/v1/docs", None)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "an address of somebody else");
    let (_, rest) = page.text.split_once("src=\"").unwrap();
    let (script, _) = rest.split_once('"').unwrap();
    let answer = world.accounts(get(&format!("/v1/{script}"), None)).await;
    assert_eq!(answer.headers["content-type"], "text/javascript; charset=utf-8");
    assert!(answer.text.contains("rapi-doc"));
    assert_eq!(world.accounts(get("/v1/docs/other.js", None)).await.status, StatusCode::NOT_FOUND);
    let answer = world.accounts(get("/v1/openapi.json", None)).await;
    assert_eq!(answer.json(), document());
}
