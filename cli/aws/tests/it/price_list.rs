//! Price lists from a server on loopback and from text. They are written after AWS's documented form; none is AWS's.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use como_aws::price_list::{Attributes, PriceListError, PriceLists, path, read};

/// The same one that the program's own tests read.
const LIST: &str =
    include_str!("../../../tests/it/price-lists/offers/v1.0/aws/AmazonEC2/current/ap-southeast-1/index.json");
const HOURS: &str = "APS1-NatGateway-Hours";

fn is_hours(attributes: &Attributes) -> bool {
    attributes.get("usagetype").is_some_and(|usage_type| usage_type == HOURS)
}

async fn lists(answer: &'static str) -> PriceLists {
    let router = Router::new()
        .route("/offers/v1.0/aws/AmazonEC2/current/ap-southeast-1/index.json", get(move || async move { answer }))
        .route("/offers/v1.0/aws/AmazonDAX/current/index.json", get(|| async { StatusCode::FORBIDDEN }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    PriceLists::new(Some(&root)).unwrap()
}

#[tokio::test]
async fn what_is_wanted_of_a_list_is_read_while_it_arrives() {
    let list = lists(LIST).await.fetch("AmazonEC2", Some("ap-southeast-1"), is_hours).await.unwrap();
    assert_eq!((list.offer.as_str(), list.version.as_str()), ("AmazonEC2", "20261128003312"));
    assert_eq!(list.published, "2026-11-28T00:33:12Z");
    let [product] = list.products.as_slice() else { panic!("{:?}", list.products) };
    assert_eq!(
        (product.sku.as_str(), product.attributes["productFamily"].as_str()),
        ("98TA3WPUP3A4AH4Y", "NAT Gateway")
    );
    let [band] = product.bands.as_slice() else { panic!("{:?}", product.bands) };
    assert_eq!((band.begin.as_str(), band.end.as_str(), band.price.as_str()), ("0", "Inf", "0.0650000000"));
    assert_eq!(band.rate_code, "98TA3WPUP3A4AH4Y.JRTCKXETXF.6YS6EN2CT7");
}

#[tokio::test]
async fn refusals_and_lists_that_end_early_are_errors_that_name_the_address() {
    let (half, _) = LIST.split_at(LIST.len() / 2);
    let lists = lists(half).await;
    let early = lists.fetch("AmazonEC2", Some("ap-southeast-1"), is_hours).await.unwrap_err();
    assert!(matches!(early, PriceListError::Unreadable { .. }), "{early:?}");
    assert!(early.to_string().contains("AmazonEC2/current/ap-southeast-1/index.json"), "{early}");
    let refused = lists.fetch("AmazonDAX", None, is_hours).await.unwrap_err();
    assert!(matches!(refused, PriceListError::Answered { status: 403, .. }), "{refused:?}");
}

#[test]
fn what_is_no_list_is_refused() {
    let check = |text: &str, expected: &str| {
        let error = read(text.as_bytes(), &is_hours).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("[]", "a price list of AWS");
    check("{}", "no `version` or no `terms`");
    check(r#"{"version": "1", "terms": {}, "products": {}}"#, "its terms come before its products");
    check(r#"{"version": "1", "products": {}}"#, "no `version` or no `terms`");
    assert_eq!(read(LIST.as_bytes(), &|_| true).unwrap().products.len(), 4);
}

#[test]
fn lists_stand_where_aws_puts_them() {
    assert_eq!(path("AmazonRoute53", None), "offers/v1.0/aws/AmazonRoute53/current/index.json");
    let regional = "offers/v1.0/aws/AmazonEC2/current/ap-southeast-1/index.json";
    assert_eq!(path("AmazonEC2", Some("ap-southeast-1")), regional);
}
