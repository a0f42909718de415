//! The price books that come along, and what is said of bad ones.

use crate::support::{current, of_2021};
use como_cost::book::{Confidence, parse};

#[test]
fn both_books_are_sound_and_every_row_says_where_it_is_from() {
    for book in [current(), of_2021()] {
        assert!(20 < book.iter().count(), "{}", book.name());
        for (priced, rows) in book.iter() {
            for row in rows {
                assert!(!row.source.is_empty(), "{priced}");
                let is_assumed = row.confidence == Confidence::Assumption;
                assert_eq!(row.source.starts_with("assumption: "), is_assumed, "{priced}: {}", row.source);
            }
        }
    }
}

/// One book with one row.
fn book(row: &str) -> String {
    let head = r#""schema": 1, "name": "x", "date": "2026-11-30", "currency": "USD", "about": "a test""#;
    format!("{{\n  {head},\n  \"rows\": [\n    {row}\n  ]\n}}\n")
}

const ROW: &str = r#"{"item": "nat-gateway.hour", "region": "ap-southeast-1", "offer": "AmazonEC2", "usage_type": "APS1-NatGateway-Hours", "begin": "0", "unit": "hour", "price": "0.059", "date": "2025-10-28", "source": "a test", "confidence": "confirmed"}"#;

#[test]
fn mistakes_are_shown_where_they_are() {
    let check = |from: &str, to: &str, key: &str, expected: &str| {
        assert!(ROW.contains(from), "{from}");
        let text = book(&ROW.replacen(from, to, 1));
        let error = parse("book.json", &text).unwrap_err();
        let [mistake] = error.as_slice() else { panic!("{error}") };
        let column = text.lines().nth(3).unwrap().find(key).unwrap() + 1;
        assert_eq!((mistake.line, mistake.column, mistake.message.as_str()), (4, column, expected));
    };
    check(
        "nat-gateway.hour",
        "nat-gateway.hours",
        "\"item\"",
        "`item` is \"nat-gateway.hours\", which nothing is priced by",
    );
    check("\"0.059\"", "\"0,059\"", "\"price\"", "`price` is \"0,059\", which is no number of 0 or more");
    check("\"0.059\"", "\"-1\"", "\"price\"", "`price` is \"-1\", which is no number of 0 or more");
    let known = "`confidence` is \"sure\"; confirmed, one-source, inferred and assumption are known";
    check("confirmed", "sure", "\"confidence\"", known);
    let hole = "nat-gateway.hour in ap-southeast-1 has no price from 0 to 5";
    check("\"begin\": \"0\"", "\"begin\": \"5\"", "{", hole);
    check("2025-10-28", "2025-13", "\"date\"", "`date` is no day and no month, such as 2026-08-31 or 2026-08");
    let empty = "the band ends at 0, not above 0, where it begins";
    check("\"begin\": \"0\"", "\"begin\": \"0\", \"end\": \"0\"", "\"end\"", empty);
}

#[test]
fn a_price_that_is_no_text_is_refused_where_it_stands() {
    let error = parse("book.json", &book(&ROW.replace("\"0.059\"", "0.059"))).unwrap_err();
    let [mistake] = error.as_slice() else { panic!("{error}") };
    assert_eq!(mistake.line, 4);
    assert!(150 < mistake.column, "{error}");
    assert!(mistake.message.contains("expected a string"), "{error}");
}

#[test]
fn two_prices_of_one_thing_are_ambiguous() {
    let error = parse("book.json", &book(&format!("{ROW},\n    {ROW}"))).unwrap_err();
    assert_eq!(error.as_slice()[0].message, "nat-gateway.hour in ap-southeast-1 has two prices from 0");
    assert_eq!(error.as_slice()[0].line, 5);
}

#[test]
fn what_is_no_json_ends_with_its_place() {
    let error = parse("book.json", "{\n  \"schema\": 1,,\n}").unwrap_err();
    assert_eq!((error.as_slice()[0].line, error.as_slice()[0].column), (2, 15));
}
