//! The proposal, to the cent; and that each price and each figure changes its line and no other.

use crate::support::{PROPOSAL, Place, of_2021, parsed, read};
use como_cost::book::PriceBook;
use como_cost::estimate::{Estimate, Missing};
use como_cost::item::Priced;
use como_cost::proposal::proposed;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Line by line, with what leads to each; the one reader of this file.
const LINES: &str = include_str!("proposal-cost.csv");

fn estimates(text: &str, book: &PriceBook) -> [Estimate; 2] {
    let places = read("proposal-2021", text);
    let [prod, dev] = places.as_slice() else { panic!("production and development") };
    [prod, dev].map(|place| of(place, book))
}

fn of(place: &Place, book: &PriceBook) -> Estimate {
    proposed(&place.subject(), book, Missing::Refused).unwrap_or_else(|error| panic!("{error}"))
}

/// Number and amount of each line.
fn amounts(estimates: &[Estimate]) -> BTreeMap<String, String> {
    let lines = estimates.iter().flat_map(|estimate| &estimate.lines);
    lines.map(|line| (line.id.clone(), line.amount.to_string())).collect()
}

#[test]
fn every_line_and_both_totals_are_the_proposals_to_the_cent() {
    let expected: BTreeMap<String, String> = LINES
        .lines()
        .filter(|line| line.contains("LINE_TOTAL"))
        .map(|line| {
            let columns: Vec<&str> = line.split(',').collect();
            let id = columns[2].split(' ').next().unwrap();
            (id.to_owned(), columns[7].to_owned())
        })
        .collect();
    assert_eq!(expected.len(), 28);
    let estimates = estimates(PROPOSAL, &of_2021());
    assert_eq!(amounts(&estimates), expected);
    let totals = estimates.each_ref().map(|estimate| estimate.total.to_string());
    assert_eq!(totals, ["351.98", "114.08"]);
    assert!(estimates.iter().all(|estimate| !estimate.at_least));
}

#[test]
fn what_was_not_proposed_is_listed_by_name_and_stays_outside() {
    let [prod, dev] = estimates(PROPOSAL, &of_2021());
    let named = |estimate: &Estimate| -> BTreeSet<String> {
        let outside = estimate.not_in_the_proposal.iter();
        outside.map(|left_out| format!("{} {}", left_out.resource.kind, left_out.why)).collect()
    };
    for expected in [
        "AWS::EC2::EIP public-ipv4.in-use-hour",
        "AWS::EC2::VPCEndpoint interface-endpoint.gb, interface-endpoint.zone-hour",
        "AWS::KMS::Key kms.key-month, kms.request",
        "AWS::CloudFront::Distribution cloudfront.out-gb, cloudfront.request",
        "AWS::WAFv2::WebACL waf.acl-month, waf.request, waf.rule-month",
    ] {
        assert!(named(&prod).contains(expected), "{expected}: {:#?}", named(&prod));
    }
    assert!(named(&dev).iter().any(|left_out| left_out.starts_with("AWS::ElasticLoadBalancingV2::LoadBalancer")));
    let endpoints =
        prod.not_in_the_proposal.iter().filter(|left_out| left_out.resource.kind == "AWS::EC2::VPCEndpoint");
    assert_eq!(endpoints.count(), 5, "one of six was proposed");
}

/// Numbers of the lines that an item's price is in.
fn lines_of(priced: &Priced) -> &'static [&'static str] {
    match (priced.item.service().id(), priced.region.as_str()) {
        ("api-gateway", _) => &["P01", "D02"],
        ("dynamodb", _) => &["P02", "D03"],
        ("dax", _) => &["P03"],
        ("nat-gateway", _) => &["P04", "D04"],
        ("interface-endpoint", _) => &["P05", "D05"],
        ("sqs", _) => &["P06", "D06"],
        ("cloudwatch", _) if priced.item.id() == "cloudwatch.log-to-s3-gb" => &["P07"],
        // The development of the proposal keeps no logs.
        ("cloudwatch", _) if priced.item.id() == "cloudwatch.stored-log-gb-month" => &["P07"],
        ("cloudwatch", _) => &["P07", "D07"],
        ("secrets-manager", _) => &["P08", "D08"],
        ("cognito", _) => &["P09", "D09"],
        ("ecr", "ap-southeast-1") => &["P10", "D10"],
        ("ecr", _) => &["P15"],
        ("waf", _) => &["P11"],
        ("fargate", _) => &["P12", "D11"],
        ("route-53", _) if priced.item.id() == "route-53.firewall-domain-month" => &["P13"],
        ("route-53", _) => &["P13", "D01"],
        ("load-balancer", _) => &["P14"],
        ("lambda", _) => &["P16", "D12"],
        other => panic!("{other:?} is in no line"),
    }
}

fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> BTreeSet<String> {
    assert_eq!(before.len(), after.len());
    before.iter().filter(|(id, amount)| after.get(*id) != Some(amount)).map(|(id, _)| id.clone()).collect()
}

/// With more than the free bands of the book have.
fn with_many() -> String {
    let mut text = PROPOSAL.to_owned();
    for (key, usual, many) in [
        ("health_checks", "2", "90"),
        ("health_checks", "1", "80"),
        ("lambda_requests", "100000", "3000000"),
        ("lambda_requests", "50000", "3000000"),
    ] {
        let amounts = |amount: &str| format!("{key}: {{ low: {amount}, expected: {amount}, high: {amount},");
        assert!(text.contains(&amounts(usual)), "the proposal no longer says {key}: {usual}");
        text = text.replace(&amounts(usual), &amounts(many));
    }
    text
}

#[test]
fn changing_one_price_changes_exactly_its_line_in_each_environment() {
    let book = of_2021();
    let places = read("proposal-2021", PROPOSAL);
    let crowded = read("proposal-2021", &with_many());
    let all =
        |places: &[Place], book: &PriceBook| amounts(&places.iter().map(|place| of(place, book)).collect::<Vec<_>>());
    let usual = all(&places, &book);
    let mut rows = 0;
    for (priced, bands) in book.iter() {
        for row in bands {
            rows += 1;
            // A band that the proposal's quantities do not reach is reached by more of the same.
            let reached = row.begin.is_zero();
            let places = if reached { &places } else { &crowded };
            let before = if reached { usual.clone() } else { all(places, &book) };
            let dearer = book.with_price(priced, row.begin, row.price + Decimal::ONE);
            let expected: BTreeSet<String> = lines_of(priced).iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(changed(&before, &all(places, &dearer)), expected, "{priced} from {}", row.begin);
        }
    }
    assert_eq!(rows, 34);
}

#[test]
fn changing_one_figure_changes_exactly_its_line() {
    let book = of_2021();
    // No template follows from usage, so they are made once.
    let mut places = read("proposal-2021", PROPOSAL);
    let usual = amounts(&places.iter().map(|place| of(place, &book)).collect::<Vec<_>>());
    let mut seen = 0;
    for (number, line) in PROPOSAL.lines().enumerate() {
        let Some((key, rest)) = line.trim().split_once(": { low: ") else { continue };
        seen += 1;
        let amount = rest.split(',').next().unwrap();
        let more = match key {
            "endpoint_zones" | "log_stored_months" | "extra_task_hours" => "700".to_owned(),
            "other_hosted_zones" => "20".to_owned(),
            // Beyond what is free.
            "health_checks" => "60".to_owned(),
            "lambda_requests" => "2000000".to_owned(),
            // What is proposed of these costs less than a cent.
            "api_requests" | "custom_events" | "dns_firewall_domains" => "1000000".to_owned(),
            _ => (amount.parse::<Decimal>().unwrap() * Decimal::from(3)).to_string(),
        };
        let edited = line
            .replace(&format!("low: {amount},"), &format!("low: {more},"))
            .replace(&format!("expected: {amount},"), &format!("expected: {more},"))
            .replace(&format!("high: {amount},"), &format!("high: {more},"));
        let text: String = PROPOSAL
            .lines()
            .enumerate()
            .map(|(other, text)| if other == number { format!("{edited}\n") } else { format!("{text}\n") })
            .collect();
        let id = line_named(line);
        for (place, environment) in places.iter_mut().zip(parsed("proposal-2021", &text)) {
            place.environment = environment;
        }
        let found = changed(&usual, &amounts(&places.iter().map(|place| of(place, &book)).collect::<Vec<_>>()));
        assert_eq!(found, BTreeSet::from([id.to_owned()]), "{key}");
    }
    assert_eq!(seen, 42);
}

/// The source of each figure says of which line it is.
fn line_named(line: &str) -> &str {
    let (_, after) = line.split_once("line ").unwrap();
    after.get(..3).unwrap()
}
