//! `como cost` from the outside: amounts, chains, exit codes.

use crate::support::Place;
use serde_json::Value;

fn ids(environment: &Value) -> Vec<&str> {
    environment["lines"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn the_proposal_comes_out_to_the_cent() {
    let report = Place::new().json(&["cost", "--proposal"]);
    assert_eq!(report["schema"], "como.cost/1");
    let environments = &report["environments"];
    assert_eq!((&environments["prod"]["total"], &environments["dev"]["total"]), (&"351.98".into(), &"114.08".into()));
    let numbered = |letter: char, last: u32| (1..=last).map(|line| format!("{letter}{line:02}")).collect::<Vec<_>>();
    assert_eq!(ids(&environments["prod"]), numbered('P', 16));
    assert_eq!(ids(&environments["dev"]), numbered('D', 12));
    assert!(20 < environments["prod"]["not_in_the_proposal"].as_array().unwrap().len());
}

#[test]
fn environments_stand_beside_each_other() {
    let place = Place::new();
    let report = place.json(&["cost"]);
    let names: Vec<&String> = report["environments"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["prod", "dev", "sydney"]);
    assert!(!report["prices"]["assumptions"].as_array().unwrap().is_empty());
    let table = place.run(&["cost", "prod", "sydney"]).stdout;
    let head = table.lines().next().unwrap();
    assert!(head.contains("prod") && head.contains("sydney") && !head.contains("dev"), "{table}");
    for by in ["stack", "resource"] {
        let table = place.run(&["cost", "prod", "--by", by]).stdout;
        let total = report["environments"]["prod"]["total"].as_str().unwrap();
        assert!(table.lines().any(|line| line.starts_with("total") && line.ends_with(total)), "{table}");
    }
}

#[test]
fn a_chain_leads_from_the_resource_to_the_amount() {
    let place = Place::new();
    let text = place.run(&["cost", "prod", "--explain", "ZoneANatGateway"]).stdout;
    for link in [
        "ZoneANatGatewayCBCF9067 (AWS::EC2::NatGateway) in como-prod-network",
        "1 gateway × 730 h = 730 hours",
        "a month has 730 hours",
        "10 GB ÷ 2 gateways = 5 GB",
        "nat_gb of environments/prod.yaml, como-digital, 2026-11-30",
        "AmazonEC2 APS1-NatGateway-Hours, rate code 98TA3WPUP3A4AH4Y.JRTCKXETXF.6YS6EN2CT7, 2025-10-28, confirmed",
        "= 43.07",
    ] {
        assert!(text.contains(link), "{link}:\n{text}");
    }
    let unknown = place.run(&["cost", "prod", "--explain", "Nothing"]);
    assert_eq!(unknown.code, 64, "{}", unknown.stderr);
}

#[test]
fn what_has_no_price_is_refused_by_name_or_listed_as_unpriced() {
    let place = Place::new();
    place.edit("prod", "\ntags:", "\ncache:\n  node: dax.r5.large\n  nodes: 3\ntags:");
    let refused = place.run(&["cost", "prod"]);
    assert_eq!(refused.code, 3);
    assert!(refused.stderr.contains("dax.node-hour (dax.r5.large) in ap-southeast-1"), "{}", refused.stderr);
    let listed = place.run(&["cost", "prod", "--allow-missing"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    assert!(listed.stdout.contains("≥ ") && listed.stderr.contains("UNPRICED"), "{}{}", listed.stdout, listed.stderr);
    place.edit("dev", "  nat_gb:", "  nat_gigabytes:");
    assert_eq!(place.run(&["cost", "dev"]).code, 3);
}

#[test]
fn another_price_book_and_its_mistakes() {
    let place = Place::new();
    let books = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("environments/prices");
    let book = fs_err::read_to_string(books.join("2026-11-30.json")).unwrap();
    let dearer = book.replacen("\"price\": \"0.059\"", "\"price\": \"0.159\"", 1);
    fs_err::write(place.path("book.json"), dearer).unwrap();
    let total = |report: &Value| -> f64 { report["environments"]["prod"]["total"].as_str().unwrap().parse().unwrap() };
    let usual = total(&place.json(&["cost", "prod"]));
    let more = total(&place.json(&["cost", "prod", "--prices", "book.json"]));
    assert!((more - usual - 146.0).abs() < 0.011, "two gateways, 730 hours, ten cents: {usual} and {more}");
    fs_err::write(place.path("book.json"), book.replacen("\"0.059\"", "\"O.059\"", 1)).unwrap();
    let refused = place.run(&["cost", "prod", "--prices", "book.json"]);
    assert_eq!(refused.code, 3);
    assert!(refused.stderr.contains("book.json:8:"), "{}", refused.stderr);
}

#[test]
fn more_than_the_budget_has_its_own_exit_code() {
    let place = Place::new();
    place.edit("prod", "monthly_budget: 650", "monthly_budget: 100");
    let over = place.run(&["cost", "prod"]);
    assert_eq!(over.code, 6, "{}", over.stderr);
    assert!(over.stderr.contains("its budget is 100.00"), "{}", over.stderr);
}

#[test]
fn bridge_years_options_and_recovery_are_parts_of_one_report() {
    let place = Place::new();
    let asked = ["cost", "prod", "sydney", "--bridge", "proposal", "--years", "--options", "--recovery"];
    let report = place.json(&asked);
    let prod = &report["environments"]["prod"];
    assert_eq!(prod["bridge"]["from"], "351.98");
    assert_eq!(prod["bridge"]["to"], prod["total"]);
    assert_eq!(prod["years"]["years"].as_array().unwrap().len(), 5);
    assert!(!prod["options"].as_array().unwrap().is_empty());
    let recovery = &report["environments"]["sydney"]["recovery"];
    assert_eq!(recovery["postures"].as_array().unwrap().len(), 3);
    let text = place.run(&asked).stdout;
    for part in ["from the proposal", "more tasks", "what could be otherwise", "to be able to recover", "of what grows"]
    {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}
