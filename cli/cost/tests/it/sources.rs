//! The current book against the price points that were collected with their sources, row by row.

use crate::support::current;
use como_cost::book::{Confidence, Row};
use como_cost::item::Priced;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What was found on public prices, also of what the topology does not have; the one reader of this file.
const FOUND: &str = include_str!("prices.csv");

struct Found {
    region: String,
    name: String,
    price: Option<Decimal>,
    from: Option<Decimal>,
    source: String,
    rate_code: String,
}

/// As RFC 4180 has it.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

fn found() -> Vec<Found> {
    let rows = FOUND.lines().skip(1).map(|line| {
        let cells = cells(line);
        assert_eq!(cells.len(), 13, "{line}");
        let number = |text: &str| Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok();
        Found {
            region: cells[0].clone(),
            name: format!("{} {}", cells[1], cells[2]),
            price: number(&cells[4]),
            from: number(&cells[5]),
            source: cells[8].clone(),
            rate_code: cells[10].clone(),
        }
    });
    rows.collect()
}

fn region(priced: &Priced) -> &str {
    match priced.region.as_str() {
        "edge-asia" => "edge:Asia Pacific (SG)",
        "edge-australia" => "edge:Australia",
        region => region,
    }
}

fn is_of(found: &Found, priced: &Priced, row: &Row) -> bool {
    found.region == region(priced)
        && found.price == Some(row.price)
        && !found.source.is_empty()
        && row.source.contains(&found.source)
        && found.rate_code == row.rate_code.clone().unwrap_or_default()
        && (found.from == Some(row.begin) || !row.begin.is_zero())
}

#[test]
fn every_price_has_the_source_that_was_found_or_is_an_assumption_that_says_so() {
    let (book, all) = (current(), found());
    let mut used = BTreeSet::new();
    for (priced, rows) in book.iter() {
        for row in rows {
            // What is free at first is told in the note of the next band.
            let is_free = row.price.is_zero() && row.rate_code.is_none();
            if row.confidence == Confidence::Assumption || is_free {
                assert!(row.date.is_some(), "{priced} says not when it was assumed");
                continue;
            }
            let matching: Vec<usize> = (0..all.len()).filter(|index| is_of(&all[*index], priced, row)).collect();
            assert!(!matching.is_empty(), "{priced} from {} at {}: {}", row.begin, row.price, row.source);
            used.extend(matching);
        }
    }
    // What was found and is not in the book: nothing of the topology is charged by it.
    let unused: BTreeSet<&str> =
        (0..all.len()).filter(|index| !used.contains(index)).map(|index| all[index].name.as_str()).collect();
    insta::assert_snapshot!("not_needed", unused.into_iter().collect::<Vec<_>>().join("\n"));
}
