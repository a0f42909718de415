//! AWS's price lists into a book. The products are written after AWS's documented form; none was fetched from AWS.

use crate::support::{current, dev, prod, sydney};
use como_config::Posture;
use como_cost::book::{Confidence, PriceBook, parse, write};
use como_cost::item::{Item, Priced};
use como_cost::refresh::{ListFile, Listing, Product, ProductBand, Refreshed, Refusal, refresh, wanted};
use jiff::civil::date;
use rust_decimal::Decimal;

fn book(rows: &str) -> PriceBook {
    let head = r#""schema": 1, "name": "before", "date": "2026-11-30", "currency": "USD", "about": "a test""#;
    parse("book.json", &format!("{{{head}, \"rows\": [{rows}]}}")).unwrap_or_else(|error| panic!("{error}"))
}

const NAT: &str = r#"{"item": "nat-gateway.hour", "region": "ap-southeast-1", "offer": "AmazonEC2", "usage_type": "APS1-NatGateway-Hours", "rate_code": "NAT1.JRTCKXETXF.6YS6EN2CT7", "begin": "0", "unit": "hour", "price": "0.059", "date": "2025-10-28", "source": "a test", "confidence": "one-source"}"#;
const LAMBDA: &str = r#"{"item": "lambda.request", "region": "ap-southeast-1", "offer": "AWSLambda", "usage_type": "APS1-Request", "begin": "0", "end": "1000000", "unit": "request", "price": "0", "source": "a test", "confidence": "confirmed"},
  {"item": "lambda.request", "region": "ap-southeast-1", "offer": "AWSLambda", "usage_type": "APS1-Request", "begin": "1000000", "unit": "request", "price": "0.0000002", "source": "a test", "confidence": "confirmed"}"#;

fn product(sku: &str, attributes: &[(&str, &str)], bands: &[(&str, &str, &str)]) -> Product {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let band = |(number, (begin, end, price)): (usize, &(&str, &str, &str))| ProductBand {
        rate_code: format!("{sku}.JRTCKXETXF.{number}"),
        unit: "Hrs".to_owned(),
        begin: (*begin).to_owned(),
        end: (*end).to_owned(),
        price: (*price).to_owned(),
    };
    let bands = bands.iter().enumerate().map(band);
    Product { sku: sku.to_owned(), attributes: attributes.collect(), bands: bands.collect() }
}

fn listing(offer: &str, products: Vec<Product>) -> Listing {
    let file = ListFile { offer: offer.to_owned(), region: Some("ap-southeast-1".to_owned()) };
    let (version, published) = ("20261128003312".to_owned(), "2026-11-28T00:33:12Z".to_owned());
    Listing { file, version, published, products }
}

fn refreshed(book: &PriceBook, listings: &[Listing]) -> Refreshed {
    let refreshed = refresh(book, listings, date(2026, 12, 1));
    // Whatever comes out can be written and read again.
    let again = parse("new.json", &write(&refreshed.book)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, refreshed.book);
    refreshed
}

fn nat(book: &PriceBook) -> Priced {
    book.iter().next().unwrap().0.clone()
}

const USAGE: (&str, &str) = ("usagetype", "APS1-NatGateway-Hours");

#[test]
fn a_price_comes_from_the_one_product_whose_usage_type_is_the_same_whole() {
    let book = book(NAT);
    let products = vec![
        product("NAT1", &[USAGE], &[("0", "Inf", "0.0650000000")]),
        product("NAT2", &[("usagetype", "APS1-RegionalNatGateway-Hours")], &[("0", "Inf", "0.09")]),
    ];
    let refreshed = refreshed(&book, &[listing("AmazonEC2", products)]);
    assert!(refreshed.refused.is_empty(), "{:?}", refreshed.refused);
    let [change] = refreshed.changes.as_slice() else { panic!("{:?}", refreshed.changes) };
    let shown = [change.before, change.after].map(|price| price.unwrap().to_string());
    assert_eq!(shown, ["0.059", "0.065"]);
    let [row] = refreshed.book.rows(&nat(&book)).unwrap() else { panic!("one band") };
    assert_eq!(row.source, "AWS price list AmazonEC2 20261128003312/ap-southeast-1, SKU NAT1, unit Hrs");
    assert_eq!(row.date.unwrap().to_string(), "2026-11-28");
    assert_eq!((row.confidence, row.rate_code.as_deref()), (Confidence::OneSource, Some("NAT1.JRTCKXETXF.0")));
    assert_eq!(refreshed.book.name(), "2026-12-01");
}

#[test]
fn the_same_price_is_confirmed_and_no_change() {
    let book = book(NAT);
    let list = listing("AmazonEC2", vec![product("NAT1", &[USAGE], &[("0", "Inf", "0.0590000000")])]);
    let refreshed = refreshed(&book, &[list]);
    assert_eq!(refreshed.changes, []);
    assert_eq!(refreshed.book.rows(&nat(&book)).unwrap()[0].confidence, Confidence::Confirmed);
}

#[test]
fn none_or_several_products_are_refused_and_the_price_stays() {
    let book = book(NAT);
    let check = |products: Vec<Product>, expected: &str| {
        let refreshed = refreshed(&book, &[listing("AmazonEC2", products)]);
        let [refusal] = refreshed.refused.as_slice() else { panic!("{:?}", refreshed.refused) };
        assert!(refusal.to_string().contains(expected), "{refusal}");
        assert_eq!(refreshed.book.rows(&nat(&book)), book.rows(&nat(&book)));
    };
    let at = |sku: &str, price: &str| product(sku, &[USAGE], &[("0", "Inf", price)]);
    check(vec![], "no product of AmazonEC2 in ap-southeast-1 has usagetype APS1-NatGateway-Hours");
    check(vec![at("NEW1", "0.059"), at("NEW2", "0.059")], "2 products of AmazonEC2 in ap-southeast-1 have");
    check(vec![at("NAT1", "0.0000590000")], "is that another unit?");
    check(vec![product("NAT1", &[USAGE], &[("10", "Inf", "0.059")])], "do not follow each other from 0");
    check(vec![product("NAT1", &[USAGE], &[])], "do not follow each other from 0");
    check(vec![at("NAT1", "free")], "do not follow each other from 0");
    let unread = refresh(&book, &[], date(2026, 12, 1));
    assert!(matches!(unread.refused.as_slice(), [Refusal::NoList { .. }]));
    // Among several the one whose number the book has is the one.
    let known = refreshed(&book, &[listing("AmazonEC2", vec![at("NEW1", "0.08"), at("NAT1", "0.07")])]);
    assert!(known.refused.is_empty());
    assert_eq!(known.book.rows(&nat(&book)).unwrap()[0].price.to_string(), "0.07");
}

#[test]
fn bands_go_by_where_they_begin_and_a_free_tier_of_the_account_stays() {
    let book = book(LAMBDA);
    let bands = [("6000000000", "Inf", "0.00000018"), ("0", "6000000000", "0.00000021")];
    let list = listing("AWSLambda", vec![product("REQ", &[("usagetype", "APS1-Request")], &bands)]);
    let refreshed = refreshed(&book, &[list]);
    let rows = refreshed.book.rows(&nat(&book)).unwrap();
    let shown: Vec<(String, String)> = rows.iter().map(|row| (row.begin.to_string(), row.price.to_string())).collect();
    let shown: Vec<(&str, &str)> = shown.iter().map(|(begin, price)| (begin.as_str(), price.as_str())).collect();
    assert_eq!(shown, [("0", "0"), ("1000000", "0.00000021"), ("6000000000", "0.00000018")]);
    assert_eq!(refreshed.changes.len(), 2, "a band has another price and another one is new");
}

#[test]
fn what_no_list_of_aws_has_is_kept_with_its_reason() {
    let refreshed = refresh(&current(), &[], date(2026, 12, 1));
    let kept: Vec<&str> = refreshed.kept.iter().map(|kept| kept.priced.item.service().id()).collect();
    assert!(kept.contains(&"ci") && kept.contains(&"fargate"), "{kept:?}");
    assert_eq!(refreshed.kept.len() + refreshed.refused.len(), current().iter().count());
}

#[test]
fn the_embedded_book_is_written_as_it_is_read() {
    assert_eq!(parse("again.json", &write(&current())).unwrap(), current());
}

#[test]
fn each_price_of_each_environment_is_asked_of_one_list() {
    let wanted = wanted(&current());
    assert!(wanted.keys().any(|file| file.offer == "AmazonRoute53" && file.region.is_none()));
    let mut estimates = vec![prod().estimate(&current()), dev().estimate(&current())];
    estimates.extend(Posture::ALL.map(|posture| sydney(posture).estimate(&current())));
    for part in estimates.iter().flat_map(|estimate| estimate.parts()) {
        let offer = &part.bands[0].row.offer;
        let is_asked = wanted.keys().any(|file| file.offer == *offer);
        assert!(is_asked || part.priced.item == Item::BuildMinute, "{}", part.priced);
    }
}

/// One dollar more for one price changes the line that it is in, and no other.
#[test]
fn each_price_of_today_is_in_exactly_one_line() {
    let (place, book) = (prod(), current());
    let usual = place.estimate(&book);
    for part in usual.parts() {
        for band in part.bands.iter().filter(|band| !band.quantity.is_zero()) {
            let dearer = book.with_price(&part.priced, band.row.begin, band.row.price + Decimal::ONE);
            let changed = place.estimate(&dearer);
            let other = usual.lines.iter().zip(&changed.lines).filter(|(before, after)| before.amount != after.amount);
            let names: Vec<&str> = other.map(|(before, _)| before.id.as_str()).collect();
            let own = usual.lines.iter().find(|line| line.parts.iter().any(|other| other.priced == part.priced));
            assert_eq!(names, [own.unwrap().id.as_str()], "{}", part.priced);
        }
    }
}
